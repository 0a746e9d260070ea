//! The list of discharges: the 28-day window, readmissions, letters and pending results.

use lcr_contracts::{
    events::{ItemReceived, PushedItem, PushedKind},
    spell::{FieldUpdate, SpellEvent, SpellMessage},
};
use lcr_model::Dataset;

use crate::{
    MORNING,
    fake_consent::FakeDecision,
    fixtures::{admitted, at, identity, left, message, practice_list, spell_of},
    scene::Scene,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_who_left_is_listed_on_day_28_and_not_on_day_29() {
    let scene = Scene::new().await;
    scene.person("H1").await;
    // 23:30 on 1 November; the clocks have gone back a week before.
    scene
        .publish_messages(&[admitted("V1", "H1", "2026-10-20T09:00:00Z"), left("V1", "H1", "2026-11-01T23:30:00Z")])
        .await;
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 0);
    let row = scene.discharges(practice_list()).await.rows.remove(0);
    assert_eq!((row.day, row.stayed_days, row.back, row.died), (20, 12, false, false));
    scene.set_clock("2026-11-28T23:59:59Z");
    assert_eq!(scene.discharges(practice_list()).await.rows[0].day, 28);
    scene.set_clock("2026-11-29T00:00:00Z");
    assert_eq!(scene.discharges(practice_list()).await.rows.len(), 0, "S-62: day 29");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_discharge_stays_in_hospital_and_a_readmission_is_marked() {
    let scene = Scene::new().await;
    scene.person("H1").await;
    let planned = message(SpellEvent::Discharge, "V1", "H1", "2026-11-20T10:00:00Z");
    let planned = SpellMessage { discharged: FieldUpdate::Set(at("2026-11-20T15:00:00Z").into()), ..planned };
    scene.publish_messages(&[admitted("V1", "H1", MORNING), planned]).await;
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 1);
    scene.set_clock("2026-11-20T15:00:00Z");
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 0);
    assert!(!scene.discharges(practice_list()).await.rows[0].back);
    scene.set_clock("2026-11-22T12:00:00Z");
    let again = admitted("V2", "H1", "2026-11-22T08:00:00Z");
    let again = SpellMessage { identity: identity("wharfe", "H1"), method: FieldUpdate::Set("21".into()), ..again };
    scene.publish_messages(&[again]).await;
    assert!(scene.discharges(practice_list()).await.rows[0].back, "unplanned, at another hospital");
    assert_eq!(scene.inpatients(practice_list()).await.rows[0].hospital, "Wharfe Valley");
    scene.publish_messages(&[message(SpellEvent::CancelDischarge, "V1", "H1", "2026-11-22T09:00:00Z")]).await;
    assert_eq!(scene.discharges(practice_list()).await.rows.len(), 0);
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 2, "two open stays are both shown");
}

fn item(scene: &Scene, kind: PushedKind, key: &str, version: i64, awaited: bool) -> ItemReceived {
    let body = PushedItem {
        resources: vec![],
        name: "Blood culture".into(),
        awaited,
        discharge_letter: kind == PushedKind::Document,
    };
    let spell = (version < 3).then(|| spell_of(&left("V1", "H1", MORNING)));
    let sealed = scene.keys.seal("feeds/item", &serde_json::to_vec(&body).unwrap()).unwrap();
    ItemReceived { identity: identity("st-hildas", "H1"), kind, item: key.into(), spell, version, sealed }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discharge_shows_its_letter_and_pending_results() {
    let scene = Scene::new().await;
    let person = scene.person("H1").await;
    // The letter arrives before the stay.
    scene.publish(&[item(&scene, PushedKind::Document, "letter-1", 1, false)]).await;
    let mut leaving = left("V1", "H1", "2026-11-20T11:00:00Z");
    leaving.destination = FieldUpdate::Set("55".into());
    scene.publish_messages(&[admitted("V1", "H1", MORNING), leaving]).await;
    scene.publish(&[item(&scene, PushedKind::Result, "lab-1", 1, true)]).await;
    let row = scene.discharges(practice_list()).await.rows.remove(0);
    assert_eq!(row.letter.unwrap().value, "letter-1");
    assert_eq!(row.pending_results, ["Blood culture"]);
    assert_eq!(row.to.unwrap().value, "Care home with nursing");
    let version = row.version;
    // The final result names no stay.
    scene.publish(&[item(&scene, PushedKind::Result, "lab-1", 3, false)]).await;
    scene.publish(&[item(&scene, PushedKind::Result, "lab-1", 2, true)]).await;
    let row = scene.discharges(practice_list()).await.rows.remove(0);
    assert!(row.pending_results.is_empty() && row.version > version);
    let without = vec![Dataset::Documents, Dataset::Results];
    scene.set_decision(person, FakeDecision::Grant { clearances: vec![], hide: vec![], without });
    let row = scene.discharges(practice_list()).await.rows.remove(0);
    assert!(row.letter.is_none());
    assert_eq!(row.hidden, ["letter", "pending_results"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_and_a_result_with_one_number_are_kept_apart_and_so_are_two_patients() {
    let scene = Scene::new().await;
    scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING), left("V1", "H1", "2026-11-20T11:00:00Z")]).await;
    let of_another = ItemReceived {
        identity: identity("st-hildas", "H2"),
        spell: None,
        ..item(&scene, PushedKind::Document, "1001", 2, false)
    };
    let items =
        [item(&scene, PushedKind::Document, "1001", 1, false), item(&scene, PushedKind::Result, "1001", 2, true)];
    scene.publish(&items).await;
    scene.publish(&[of_another]).await;
    let row = scene.discharges(practice_list()).await.rows.remove(0);
    assert_eq!(row.letter.unwrap().value, "1001");
    assert_eq!(row.pending_results, ["Blood culture"]);
}
