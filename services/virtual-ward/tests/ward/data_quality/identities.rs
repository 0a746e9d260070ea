//! Tests of stays whose person or number was wrong at first. No stay may be lost or shown twice.

use lcr_contracts::{
    events::{DemographicsReceived, OnRecord, SourcePatient, WardChanged},
    spell::{FieldUpdate, SpellEvent, SpellMessage},
};
use lcr_model::{LocalId, PersonId, SourceId};

use crate::{
    MORNING,
    fixtures::{admitted, at, identity, left, message, moved, practice_list, spell_of, wards},
    scene::Scene,
};

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
        family: family.into(),
        given: "Saul".into(),
        gender: "male".into(),
        replaces: replaces.iter().map(|id| LocalId((*id).into())).collect(),
        ..SourcePatient::without_details(SourceId::new("st-hildas"))
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
