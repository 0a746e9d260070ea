//! What the store and the seam make of doubt, of merged, renumbered and reused visits, of delays, and of what readers keep
//! for themselves (S-49, S-60, S-66, X-16, Q-05).

use lcr_contracts::{
    Kind,
    events::{DemographicsReceived, MessageWaits, OnRecord, PartnersChanged, SourcePatient, WardChanged},
    identity::{Feed, FurtherField, FurtherKind},
    spell::{PlanItem, PlanItemKind, Reside, SpellEvent, SpellMessage, Told},
    ward::{ListOf, ListSettings, SettingsOf, Shelf},
};
use lcr_model::{LocalId, PersonId, Role, SourceId, SpellId, permit::Hide};
use uuid::Uuid;

use crate::{
    MORNING,
    scene::{
        PRACTICE, Says, Scene, admitted, at, caller, gp, hospital_system, identity, left, message, moved,
        ours, spell_of, wards,
    },
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
async fn a_message_that_waits_marks_its_stay_until_it_is_read() {
    let scene = Scene::set().await;
    scene.person("H1").await;
    scene.now_is("2026-11-20T11:00:00Z");
    let came = admitted("V1", "H1", MORNING);
    scene.told(std::slice::from_ref(&came)).await;
    scene.hear(&[waits(true, 1, vec![spell_of(&came)])]).await;
    let warned = scene.inpatients(ours()).await.rows.remove(0).warnings;
    assert_eq!(warned, ["A message about this stay has been waiting to be read since 10:42."]);
    scene.hear(&[waits(false, 2, vec![spell_of(&came)])]).await;
    assert!(scene.inpatients(ours()).await.rows.remove(0).warnings.is_empty());
    // An older word that comes late changes nothing; one that names no visit is about the patient.
    scene.hear(&[waits(true, 1, vec![spell_of(&came)])]).await;
    assert!(scene.inpatients(ours()).await.rows.remove(0).warnings.is_empty());
    // Nor does one that names a visit nobody knows: it is about the patient as well.
    let unknown = SpellId::new("mistyped");
    let other = MessageWaits { message: Uuid::from_u128(8), ..waits(true, 1, vec![unknown]) };
    scene.hear(&[other]).await;
    let warned = scene.inpatients(ours()).await.rows.remove(0).warnings;
    assert_eq!(warned, ["A message about this patient has been waiting to be read since 10:42."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_that_nobody_tells_of_is_marked_and_then_listed_apart() {
    let scene = Scene::set().await;
    scene.person("H1").await;
    scene.told(&[admitted("V1", "H1", MORNING)]).await;
    scene.now_is("2026-11-27T08:00:00Z");
    assert!(scene.inpatients(ours()).await.rows.remove(0).warnings.is_empty());
    scene.now_is("2026-11-28T10:00:00Z");
    let row = scene.inpatients(ours()).await.rows.remove(0);
    assert_eq!(row.warnings, ["The hospital has sent nothing about this stay since 20-Nov-2026."]);
    assert_eq!(row.shelf, Shelf::Main);
    scene.now_is("2026-12-20T10:00:00Z");
    let row = scene.inpatients(ours()).await.rows.remove(0);
    assert_eq!((row.shelf, row.last_told), (Shelf::NotHeardOf, at(MORNING)));
    // A hospital with another rhythm says so in its profile.
    let slow = Feed { quiet_days: Some(60), ..Feed::default() };
    scene.hear(&[profile(slow)]).await;
    let row = scene.inpatients(ours()).await.rows.remove(0);
    assert!(row.warnings.is_empty() && row.shelf == Shelf::Main);
}

fn profile(feed: Feed) -> PartnersChanged {
    PartnersChanged { version: 2, organisation: None, system: Some(hospital_system(feed)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_open_stays_of_one_patient_at_one_hospital_both_say_so() {
    let scene = Scene::set().await;
    scene.person("H1").await;
    scene.told(&[admitted("V1", "H1", MORNING), admitted("V2", "H1", "2026-11-20T10:00:00Z")]).await;
    let rows = scene.inpatients(ours()).await.rows;
    assert!(rows.len() == 2 && rows.iter().all(|row| row.warnings[0].contains("two open stays")), "{rows:?}");
    scene.told(&[left("V1", "H1", "2026-11-20T11:00:00Z")]).await;
    let rows = scene.inpatients(ours()).await.rows;
    assert!(rows.len() == 1 && rows[0].warnings.is_empty());
}

fn demographics(
    local: &str,
    family: &str,
    replaces: &[&str],
    version: i64,
    scene: &Scene,
) -> DemographicsReceived {
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
async fn a_merge_in_mid_stay_takes_the_row_to_the_kept_patient_with_their_name() {
    let scene = Scene::set().await;
    let person = scene.person("H1").await;
    let told = at("2026-11-20T12:00:00Z").as_microsecond();
    scene.hear(&[demographics("U1", "UNKNOWN", &[], told - 10, &scene)]).await;
    scene.told(&[admitted("V1", "U1", MORNING)]).await;
    assert!(scene.inpatients(ours()).await.rows.is_empty(), "nobody knows who U1 is");
    scene.hear(&[demographics("H1", "SCOSTHROP", &["U1"], told, &scene)]).await;
    let row = scene.inpatients(ours()).await.rows.remove(0);
    assert_eq!((row.who.person, row.who.said.family.as_str()), (Some(person), "SCOSTHROP"));
    // A name that is corrected without any visit stands on the row at once.
    scene.hear(&[demographics("H1", "SCOSTHORPE", &[], told + 10, &scene)]).await;
    assert_eq!(scene.inpatients(ours()).await.rows.remove(0).who.said.family, "SCOSTHORPE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_under_two_numbers_is_one_stay_in_whatever_order_they_come() {
    let scene = Scene::set().await;
    scene.person("H1").await;
    let came = admitted("V1", "H1", MORNING);
    let after = moved("V2", "H1", "2026-11-20T12:00:00Z", "J28");
    scene.told(&[came.clone(), after]).await;
    assert_eq!(scene.inpatients(ours()).await.rows.len(), 2, "nothing says yet that they are one");
    let renumbered = SpellMessage {
        formerly: Some(spell_of(&came)),
        ..message(SpellEvent::Update, "V2", "H1", "2026-11-20T10:00:00Z")
    };
    scene.told(&[renumbered]).await;
    assert_eq!(wards(&scene.inpatients(ours()).await), ["J28"]);
    scene.now_is("2026-11-20T16:00:00Z");
    scene.told(&[left("V2", "H1", "2026-11-20T15:00:00Z")]).await;
    assert!(scene.inpatients(ours()).await.rows.is_empty());
    assert_eq!(scene.discharges(ours()).await.rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_admitted_by_mistake_leaves_lists_and_record_when_the_visit_is_corrected() {
    let scene = Scene::set().await;
    let (wrong, right) = (scene.person("H1").await, scene.person("H2").await);
    scene.told(&[admitted("V1", "H1", MORNING)]).await;
    let corrected = SpellMessage {
        admitted: Told::Set(at(MORNING).into()),
        ..admitted("V1", "H2", "2026-11-20T09:30:00Z")
    };
    scene.told(&[corrected]).await;
    let rows = scene.inpatients(ours()).await.rows;
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
async fn s60_fields_of_a_profile_are_cells_with_their_label_and_time_and_go_with_the_place() {
    let scene = Scene::set().await;
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
    scene.hear(&[profile(Feed { fields, ..Feed::default() })]).await;
    let mut came = admitted("V1", "H1", MORNING);
    came.further.insert("risk".into(), Told::Set("A".into()));
    came.further.insert("review".into(), Told::Set("2026-11-23".into()));
    scene.told(&[came]).await;
    let further = scene.inpatients(ours()).await.rows.remove(0).further;
    let said = |at: usize| further[at].value.as_ref().map(|cell| cell.value.as_str());
    assert_eq!((further[0].label.as_str(), said(0)), ("Falls risk", Some("Amber")));
    assert_eq!((said(1), said(2)), (Some("23-Nov-2026"), None));
    let mut update = message(SpellEvent::Update, "V1", "H1", "2026-11-20T10:00:00Z");
    update.further.insert("risk".into(), Told::Deleted);
    scene.told(&[update]).await;
    assert!(scene.inpatients(ours()).await.rows.remove(0).further[0].value.is_none());
    scene.says(person, Says::Yes { clearances: vec![], hide: vec![Hide::Location], without: vec![] });
    let row = scene.inpatients(ours()).await.rows.remove(0);
    assert!(row.further.is_empty() && row.hidden.contains(&"further".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn s66_delays_are_of_the_rows_that_the_reader_may_see() {
    let scene = Scene::set().await;
    let seen = scene.person("H1").await;
    scene.person("H2").await;
    let fit = |visit: &str, local: &str| {
        let mut came = admitted(visit, local, MORNING);
        came.expected_discharge = Told::Set("2026-11-21".parse().unwrap());
        came.plan.reside = Told::Set(Reside { meets: false, code: None, since: "2026-11-22".parse().ok() });
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
    scene.told(&both).await;
    scene.now_is("2026-11-24T10:00:00Z");
    let delays = scene.ward.api.delays(&gp(), crate::scene::ask(ours(), 0)).await.unwrap().delays;
    assert_eq!((delays[0].in_hospital, delays[0].fit, delays[0].bed_days_lost), (2, 2, 4));
    assert_eq!((delays[0].expected_passed, delays[0].expected_passed_days), (2, 6));
    assert_eq!((delays[0].waits[0].what.as_str(), delays[0].waits[0].people), ("Package of care", 2));
    scene.says(seen, Says::No(lcr_contracts::consent::Refusal::Objected));
    let delays = scene.ward.api.delays(&gp(), crate::scene::ask(ours(), 0)).await.unwrap().delays;
    assert_eq!(delays[0].in_hospital, 1, "nobody is counted before the decision");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_keep_their_settings_and_watch_patients_whom_they_may_see() {
    let scene = Scene::set().await;
    let (one, other) = (scene.person("H1").await, scene.person("H2").await);
    scene.told(&[admitted("V1", "H1", MORNING), admitted("V2", "H2", MORNING)]).await;
    let api = &scene.ward.api;
    assert!(scene.inpatients(ListOf::Watched).await.rows.is_empty());
    api.watch(&gp(), one, true).await.unwrap();
    api.watch(&gp(), one, true).await.unwrap();
    let rows = scene.inpatients(ListOf::Watched).await.rows;
    assert_eq!(rows.iter().map(|row| (row.who.person, row.watched)).collect::<Vec<_>>(), [(Some(one), true)]);
    let ours = scene.inpatients(ours()).await.rows;
    assert_eq!(ours.iter().filter(|row| row.watched).count(), 1);
    // Watching somebody gives no right to see them.
    api.watch(&gp(), other, true).await.unwrap();
    scene.says(other, Says::No(lcr_contracts::consent::Refusal::NoRelationship));
    assert_eq!(scene.inpatients(ListOf::Watched).await.rows.len(), 1);
    api.watch(&gp(), one, false).await.unwrap();
    assert!(scene.inpatients(ListOf::Watched).await.rows.is_empty());

    let wanted = ListSettings { columns: vec!["patient".into(), "ward".into()], ..ListSettings::default() };
    api.keep_settings(&gp(), SettingsOf::InHospital, wanted.clone()).await.unwrap();
    assert_eq!(api.settings(&gp(), SettingsOf::InHospital).await.unwrap(), wanted);
    assert_eq!(api.settings(&gp(), SettingsOf::Left).await.unwrap(), ListSettings::default());
    let too_many = ListSettings { columns: vec!["x".into(); 61], ..ListSettings::default() };
    let refused = api.keep_settings(&gp(), SettingsOf::Left, too_many).await.unwrap_err();
    assert_eq!(refused.kind, Kind::BadRequest);
    let admin = caller(Role::PlatformAdmin, PRACTICE);
    assert_eq!(api.watch(&admin, one, true).await.unwrap_err().kind, Kind::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_writes_one_visit_number_for_everybody_loses_nobody_and_each_row_says_so() {
    let scene = Scene::set().await;
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
        scene.told(batch).await;
    }
    let rows = scene.inpatients(ours()).await.rows;
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row.warnings[0].contains("visit number")), "{rows:?}");
}
