//! Rows with warnings, merged, renumbered and reused visits, further fields, delays, and readers' settings (S-49, S-60, S-66,
//!

use lcr_contracts::{
    FailureKind,
    events::{DemographicsReceived, MessageWaits, OnRecord, PartnersChanged, SourcePatient, WardChanged},
    registry::{Feed, FurtherField, FurtherKind},
    spell::{FieldUpdate, PlanItem, PlanItemKind, Reside, SpellEvent, SpellMessage},
    ward::{ListCategory, ListOf, ListSettings, SettingsOf},
};
use lcr_model::{LocalId, PersonId, Role, SourceId, SpellId, permit::Hide};
use uuid::Uuid;

use crate::{
    MORNING,
    fake_consent::FakeDecision,
    fixtures::{
        PRACTICE, admitted, at, caller, gp, hospital_system, identity, left, message, moved, practice_list, spell_of,
        wards,
    },
    scene::Scene,
};

fn waits(waits: bool, version: i64, stays: Vec<SpellId>) -> MessageWaits {
    MessageWaits {
        message: Uuid::from_u128(7),
        source: SourceId::new("st-hildas"),
        received: at("2026-11-20T10:42:00Z"),
        waits,
        identities: vec![LocalId("H1".into())],
        stays,
        version,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_message_marks_its_stay_until_it_is_parsed() {
    let scene = Scene::new().await;
    scene.person("H1").await;
    scene.set_clock("2026-11-20T11:00:00Z");
    let came = admitted("V1", "H1", MORNING);
    scene.publish_messages(std::slice::from_ref(&came)).await;
    scene.publish(&[waits(true, 1, vec![spell_of(&came)])]).await;
    let warned = scene.inpatients(practice_list()).await.rows.remove(0).warnings;
    assert_eq!(warned, ["A message about this stay has been waiting to be read since 10:42."]);
    scene.publish(&[waits(false, 2, vec![spell_of(&came)])]).await;
    assert!(scene.inpatients(practice_list()).await.rows.remove(0).warnings.is_empty());
    // An older notice that arrives late changes nothing.
    scene.publish(&[waits(true, 1, vec![spell_of(&came)])]).await;
    assert!(scene.inpatients(practice_list()).await.rows.remove(0).warnings.is_empty());
    // A message that names an unknown visit is about the patient.
    let unknown = SpellId::new("mistyped");
    let other = MessageWaits { message: Uuid::from_u128(8), ..waits(true, 1, vec![unknown]) };
    scene.publish(&[other]).await;
    let warned = scene.inpatients(practice_list()).await.rows.remove(0).warnings;
    assert_eq!(warned, ["A message about this patient has been waiting to be read since 10:42."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_stay_is_marked_and_then_listed_as_not_heard_of() {
    let scene = Scene::new().await;
    scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    scene.set_clock("2026-11-27T08:00:00Z");
    assert!(scene.inpatients(practice_list()).await.rows.remove(0).warnings.is_empty());
    scene.set_clock("2026-11-28T10:00:00Z");
    let row = scene.inpatients(practice_list()).await.rows.remove(0);
    assert_eq!(row.warnings, ["The hospital has sent nothing about this stay since 20-Nov-2026."]);
    assert_eq!(row.category, ListCategory::Main);
    scene.set_clock("2026-12-20T10:00:00Z");
    let row = scene.inpatients(practice_list()).await.rows.remove(0);
    assert_eq!((row.category, row.last_message_at), (ListCategory::NotHeardOf, at(MORNING)));
    // The profile of a hospital may set another rhythm.
    let slow = Feed { quiet_days: Some(60), ..Feed::default() };
    scene.publish(&[profile(slow)]).await;
    let row = scene.inpatients(practice_list()).await.rows.remove(0);
    assert!(row.warnings.is_empty() && row.category == ListCategory::Main);
}

fn profile(feed: Feed) -> PartnersChanged {
    PartnersChanged { version: 2, organisation: None, system: Some(hospital_system(feed)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_open_stays_of_one_patient_at_one_hospital_are_both_marked() {
    let scene = Scene::new().await;
    scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING), admitted("V2", "H1", "2026-11-20T10:00:00Z")]).await;
    let rows = scene.inpatients(practice_list()).await.rows;
    assert!(rows.len() == 2 && rows.iter().all(|row| row.warnings[0].contains("two open stays")), "{rows:?}");
    scene.publish_messages(&[left("V1", "H1", "2026-11-20T11:00:00Z")]).await;
    let rows = scene.inpatients(practice_list()).await.rows;
    assert!(rows.len() == 1 && rows[0].warnings.is_empty());
}

fn demographics(local: &str, family: &str, replaces: &[&str], version: i64, scene: &Scene) -> DemographicsReceived {
    let patient = SourcePatient {
        source: SourceId::new("st-hildas"),
        nhs_number: None,
        nhs_number_verified: false,
        family: family.into(),
        given: "Saul".into(),
        title: None,
        birth_date: None,
        gender: "male".into(),
        address: None,
        postcode: None,
        practice: None,
        died: false,
        restricted: false,
        authority: false,
        gp_registration: false,
        replaces: replaces.iter().map(|id| LocalId((*id).into())).collect(),
        active: true,
        links: vec![],
    };
    let sealed = scene.keys.seal("feeds/demographics", &serde_json::to_vec(&patient).unwrap()).unwrap();
    DemographicsReceived { identity: identity("st-hildas", local), version, sealed }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_during_the_stay_moves_the_row_to_the_survivor_with_their_name() {
    let scene = Scene::new().await;
    let person = scene.person("H1").await;
    let version = at("2026-11-20T12:00:00Z").as_microsecond();
    scene.publish(&[demographics("U1", "UNKNOWN", &[], version - 10, &scene)]).await;
    scene.publish_messages(&[admitted("V1", "U1", MORNING)]).await;
    assert!(scene.inpatients(practice_list()).await.rows.is_empty(), "U1 belongs to no known person");
    scene.publish(&[demographics("H1", "SCOSTHROP", &["U1"], version, &scene)]).await;
    let row = scene.inpatients(practice_list()).await.rows.remove(0);
    assert_eq!((row.who.person, row.who.patient.family.as_str()), (Some(person), "SCOSTHROP"));
    // A corrected name without a visit message appears on the row at once.
    scene.publish(&[demographics("H1", "SCOSTHORPE", &[], version + 10, &scene)]).await;
    assert_eq!(scene.inpatients(practice_list()).await.rows.remove(0).who.patient.family, "SCOSTHORPE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_under_two_numbers_is_one_stay_in_any_order() {
    let scene = Scene::new().await;
    scene.person("H1").await;
    let came = admitted("V1", "H1", MORNING);
    let after = moved("V2", "H1", "2026-11-20T12:00:00Z", "J28");
    scene.publish_messages(&[came.clone(), after]).await;
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 2, "no message links the numbers yet");
    let renumbered = SpellMessage {
        formerly: Some(spell_of(&came)),
        ..message(SpellEvent::Update, "V2", "H1", "2026-11-20T10:00:00Z")
    };
    scene.publish_messages(&[renumbered]).await;
    assert_eq!(wards(&scene.inpatients(practice_list()).await), ["J28"]);
    scene.set_clock("2026-11-20T16:00:00Z");
    scene.publish_messages(&[left("V2", "H1", "2026-11-20T15:00:00Z")]).await;
    assert!(scene.inpatients(practice_list()).await.rows.is_empty());
    assert_eq!(scene.discharges(practice_list()).await.rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_admitted_by_mistake_leaves_lists_and_record_when_the_visit_is_corrected() {
    let scene = Scene::new().await;
    let (wrong, right) = (scene.person("H1").await, scene.person("H2").await);
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    let corrected =
        SpellMessage { admitted: FieldUpdate::Set(at(MORNING).into()), ..admitted("V1", "H2", "2026-11-20T09:30:00Z") };
    scene.publish_messages(&[corrected]).await;
    let rows = scene.inpatients(practice_list()).await.rows;
    assert_eq!(rows.iter().map(|row| row.who.person).collect::<Vec<_>>(), [Some(right)]);
    let published = scene.published().await;
    let open = |event: &WardChanged| {
        let plain = scene.keys.open("ward/record", event.record.as_ref().unwrap()).unwrap();
        serde_json::from_slice::<OnRecord>(&plain).unwrap()
    };
    let last = |person: PersonId| published.iter().map(open).rfind(|one| one.person == Some(person)).unwrap();
    assert!(!last(wrong).counts && last(right).counts);
}

#[tokio::test(flavor = "multi_thread")]
async fn s60_profile_fields_are_cells_with_label_and_time_and_are_hidden_with_the_place() {
    let scene = Scene::new().await;
    let person = scene.person("H1").await;
    let field = |key: &str, label: &str, kind| FurtherField {
        key: key.into(),
        label: label.into(),
        kind,
        from: "ZPV-3".into(),
        words: [("A".to_owned(), "Amber".to_owned())].into(),
        filter: true,
    };
    let fields = vec![
        field("risk", "Falls risk", FurtherKind::Code),
        field("review", "Next review", FurtherKind::Date),
        field("frailty", "Frailty", FurtherKind::Number),
    ];
    scene.publish(&[profile(Feed { fields, ..Feed::default() })]).await;
    let mut came = admitted("V1", "H1", MORNING);
    came.further.insert("risk".into(), FieldUpdate::Set("A".into()));
    came.further.insert("review".into(), FieldUpdate::Set("2026-11-23".into()));
    scene.publish_messages(&[came]).await;
    let further = scene.inpatients(practice_list()).await.rows.remove(0).further;
    let said = |at: usize| further[at].value.as_ref().map(|cell| cell.value.as_str());
    assert_eq!((further[0].label.as_str(), said(0)), ("Falls risk", Some("Amber")));
    assert_eq!((said(1), said(2)), (Some("23-Nov-2026"), None));
    let mut update = message(SpellEvent::Update, "V1", "H1", "2026-11-20T10:00:00Z");
    update.further.insert("risk".into(), FieldUpdate::Deleted);
    scene.publish_messages(&[update]).await;
    assert!(scene.inpatients(practice_list()).await.rows.remove(0).further[0].value.is_none());
    scene.set_decision(person, FakeDecision::Grant { clearances: vec![], hide: vec![Hide::Location], without: vec![] });
    let row = scene.inpatients(practice_list()).await.rows.remove(0);
    assert!(row.further.is_empty() && row.hidden.contains(&"further".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn s66_delays_count_only_rows_that_the_reader_may_see() {
    let scene = Scene::new().await;
    let seen = scene.person("H1").await;
    scene.person("H2").await;
    let fit = |visit: &str, local: &str| {
        let mut came = admitted(visit, local, MORNING);
        came.expected_discharge = FieldUpdate::Set("2026-11-21".parse().unwrap());
        came.plan.reside = FieldUpdate::Set(Reside { meets: false, code: None, since: "2026-11-22".parse().ok() });
        came.plan.items = Some(vec![PlanItem {
            key: "pkg".into(),
            kind: PlanItemKind::Waiting,
            text: "Package of care".into(),
            by: Some("Social care".into()),
            since: None,
            done: false,
        }]);
        came
    };
    let both = [fit("V1", "H1"), fit("V2", "H2")];
    scene.publish_messages(&both).await;
    scene.set_clock("2026-11-24T10:00:00Z");
    let delays = scene.ward.api.delays(&gp(), crate::fixtures::ask(practice_list(), 0)).await.unwrap().delays;
    assert_eq!((delays[0].in_hospital, delays[0].fit, delays[0].bed_days_lost), (2, 2, 4));
    assert_eq!((delays[0].expected_passed, delays[0].expected_passed_days), (2, 6));
    assert_eq!((delays[0].waits[0].what.as_str(), delays[0].waits[0].people), ("Package of care", 2));
    scene.set_decision(seen, FakeDecision::Refuse(lcr_contracts::consent::Refusal::Objected));
    let delays = scene.ward.api.delays(&gp(), crate::fixtures::ask(practice_list(), 0)).await.unwrap().delays;
    assert_eq!(delays[0].in_hospital, 1, "nobody is counted before authorisation");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_store_settings_and_watch_patients_they_may_see() {
    let scene = Scene::new().await;
    let (one, other) = (scene.person("H1").await, scene.person("H2").await);
    scene.publish_messages(&[admitted("V1", "H1", MORNING), admitted("V2", "H2", MORNING)]).await;
    let api = &scene.ward.api;
    assert!(scene.inpatients(ListOf::Watched).await.rows.is_empty());
    api.watch(&gp(), one, true).await.unwrap();
    api.watch(&gp(), one, true).await.unwrap();
    let rows = scene.inpatients(ListOf::Watched).await.rows;
    assert_eq!(rows.iter().map(|row| (row.who.person, row.watched)).collect::<Vec<_>>(), [(Some(one), true)]);
    let listed = scene.inpatients(practice_list()).await.rows;
    assert_eq!(listed.iter().filter(|row| row.watched).count(), 1);
    // Watching somebody gives no right to see them.
    api.watch(&gp(), other, true).await.unwrap();
    scene.set_decision(other, FakeDecision::Refuse(lcr_contracts::consent::Refusal::NoRelationship));
    assert_eq!(scene.inpatients(ListOf::Watched).await.rows.len(), 1);
    api.watch(&gp(), one, false).await.unwrap();
    assert!(scene.inpatients(ListOf::Watched).await.rows.is_empty());

    let wanted = ListSettings { columns: vec!["patient".into(), "ward".into()], ..ListSettings::default() };
    api.keep_settings(&gp(), SettingsOf::InHospital, wanted.clone()).await.unwrap();
    assert_eq!(api.settings(&gp(), SettingsOf::InHospital).await.unwrap(), wanted);
    assert_eq!(api.settings(&gp(), SettingsOf::Left).await.unwrap(), ListSettings::default());
    let too_many = ListSettings { columns: vec!["x".into(); 61], ..ListSettings::default() };
    let refused = api.keep_settings(&gp(), SettingsOf::Left, too_many).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::BadRequest);
    let admin = caller(Role::PlatformAdmin, PRACTICE);
    assert_eq!(api.watch(&admin, one, true).await.unwrap_err().kind, FailureKind::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_with_one_visit_number_for_everybody_loses_nobody_and_each_row_is_marked() {
    let scene = Scene::new().await;
    for local in ["P600", "P1400", "P1499"] {
        scene.person(local).await;
    }
    let messages: Vec<SpellMessage> = (0..1500)
        .map(|nth: i64| {
            let time = at(MORNING) + jiff::SignedDuration::from_secs(nth * 60);
            admitted("0", &format!("P{nth}"), &time.to_string())
        })
        .collect();
    for batch in messages.chunks(300) {
        scene.publish_messages(batch).await;
    }
    let rows = scene.inpatients(practice_list()).await.rows;
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row.warnings[0].contains("visit number")), "{rows:?}");
}
