//! Rows with warnings, merged, renumbered and reused visits, further fields, delays, and readers' settings (S-49, S-60, S-66,
//!

#[path = "data_quality/identities.rs"]
mod identities;

use lcr_contracts::{
    FailureKind,
    events::{MessageWaits, PartnersChanged},
    registry::{Feed, FurtherField, FurtherKind},
    spell::{FieldUpdate, PlanItem, PlanItemKind, Reside, SpellEvent},
    ward::{ListCategory, ListOf, ListSettings, SettingsOf},
};
use lcr_model::{LocalId, Role, SourceId, SpellId, permit::Hide};
use uuid::Uuid;

use crate::{
    MORNING,
    fake_consent::FakeDecision,
    fixtures::{PRACTICE, admitted, at, caller, gp, hospital_system, message, practice_list, spell_of},
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
