//! The events that consumers receive, by message family.

mod items;

use lcr_contracts::spell::{CodedName, FieldUpdate, Place, PlanItemKind, PlanStatus, Reside, SpellEvent};
use lcr_model::LocalId;

use crate::scene::{PID, Scene, adt, at, code, hospital, itk, sandbox, segment};

fn pv1() -> String {
    segment(
        "PV1",
        &[
            (2, "I"),
            (3, "W12^BAY 2^B4^Z9H01"),
            (4, "21"),
            (6, "W11^^B1"),
            (7, "C3456789^Darwin^Samuel^^^Dr"),
            (10, "430^Elderly medicine"),
            (19, "V100^^^Z9H01"),
            (44, "20261119221500"),
        ],
    )
}

#[tokio::test]
async fn an_admission_says_who_where_and_when() {
    let scene = Scene::set(&[hospital()]).await;
    let zdp = "ZDP|N|05|20261119|in-progress|20261120093000|P1|home with reablement|Beckside team|20261124|Walks to the toilet";
    let zdt = [
        "ZDT|1|tto|needed|Medicines to take home|Pharmacy|20261120|open",
        "ZDT|2|pkg|waiting|Package of care|Adult social care|20261118|done",
    ];
    let pv2 = segment("PV2", &[(9, "20261125"), (10, "6")]);
    let answer = scene.send(&adt("A01", "M1", "20261120093000", &[PID, &pv1(), &pv2, zdp, zdt[0], zdt[1]])).await;
    assert_eq!(code(&answer), "AA");
    let (_, stay) = scene.stays().await.remove(0);
    assert_eq!((stay.event, stay.visit.as_deref()), (SpellEvent::Admit, Some("V100")));
    assert_eq!(stay.identity.local_id, LocalId("47110815".into()));
    // For an admission PV1-44 counts before EVN-2.
    assert_eq!(stay.happened.at, at("2026-11-19T22:15:00Z"));
    let text = |text: &str| Some(text.to_owned());
    let place = Place { site: text("Z9H01"), ward: text("W12"), bay: text("BAY 2"), bed: text("B4"), ward_name: None };
    assert_eq!(stay.place, FieldUpdate::Set(place));
    assert_eq!(
        stay.consultant,
        FieldUpdate::Set(CodedName { code: text("C3456789"), name: "Dr Samuel Darwin".into() })
    );
    assert_eq!(stay.specialty, FieldUpdate::Set(CodedName { code: text("430"), name: "Elderly medicine".into() }));
    assert_eq!(stay.expected_discharge, FieldUpdate::Set(jiff::civil::date(2026, 11, 25)));
    assert_eq!((stay.expected_stay, stay.method), (FieldUpdate::Set(6), FieldUpdate::Set("21".into())));
    let since = Some(jiff::civil::date(2026, 11, 19));
    assert_eq!(stay.plan.reside, FieldUpdate::Set(Reside { meets: false, code: text("05"), since }));
    assert_eq!(stay.plan.status, FieldUpdate::Set(PlanStatus::InProgress));
    assert_eq!(stay.plan.pathway, FieldUpdate::Set("P1".into()));
    let items = stay.plan.items.unwrap();
    assert_eq!((items[0].kind, items[1].kind, items[1].done), (PlanItemKind::Needed, PlanItemKind::Waiting, true));
    assert_eq!((stay.patient.family.as_str(), stay.patient.nhs_number.as_deref()), ("Ashdown", Some("9990000018")));
    let (event, patient) = scene.people().await.remove(0);
    assert_eq!(event.version, at("2026-11-20T09:30:00Z").as_microsecond());
    assert_eq!((patient.gender.as_str(), patient.postcode.as_deref()), ("female", Some("LS1 4ZZ")));
    assert_eq!((patient.practice, patient.authority, patient.gp_registration), (None, false, false));
}

#[tokio::test]
async fn the_itk_profile_reads_ward_and_consultant_elsewhere() {
    let scene = Scene::set(&[itk()]).await;
    let place = "Z9H02^OBS1^BAY2-6^Z9H02";
    let pv1 = segment("PV1", &[(3, place), (7, "C1^Wrong^A"), (9, "C2^Right^Bea^^^Ms"), (19, "77")]);
    let zu1 = segment("ZU1", &[(6, "300"), (22, "Y"), (24, "20261118")]);
    scene.send(&adt("A08", "M1", "20261120093000", &[PID, &pv1, &zu1]).replace("Z9H01|LCR", "Z9H02|LCR")).await;
    let (_, stay) = scene.stays().await.remove(0);
    let place = stay.place.set().unwrap().clone();
    assert_eq!((place.ward.as_deref(), place.bay, place.bed.as_deref()), (Some("OBS1"), None, Some("BAY2-6")));
    assert_eq!(stay.consultant.set().unwrap().name, "Ms Bea Right");
    assert_eq!(stay.specialty.set().unwrap().code.as_deref(), Some("300"));
    let since = Some(jiff::civil::date(2026, 11, 18));
    assert_eq!(stay.plan.reside, FieldUpdate::Set(Reside { meets: false, code: None, since }));
}

#[tokio::test]
async fn a_field_left_out_changes_nothing_and_two_quotes_delete() {
    let scene = Scene::set(&[hospital()]).await;
    scene.send(&adt("A28", "M1", "20261120093000", &[PID])).await;
    let sparse = segment("PID", &[(3, "47110815^^^Z9H01^MR"), (5, "Ashdown-Bell"), (8, "\"\""), (30, "Y")]);
    scene.send(&adt("A31", "M2", "20261121093000", &[&sparse])).await;
    // This message is older than the stored details, so it changes nothing.
    scene.send(&adt("A31", "M3", "20261119093000", &["PID|1||47110815^^^Z9H01^MR||Old"])).await;
    let people = scene.people().await;
    assert_eq!(people.len(), 2);
    let (event, now) = &people[1];
    assert_eq!((now.family.as_str(), now.given.as_str()), ("Ashdown-Bell", "Ottilie"));
    assert_eq!((now.gender.as_str(), now.died, now.nhs_number.as_deref()), ("unknown", true, Some("9990000018")));
    assert!(event.version > people[0].0.version);
    assert!(scene.stays().await.is_empty(), "A28 and A31 are about no stay");
}

#[tokio::test]
async fn a_merge_names_the_numbers_it_replaces_and_a_swap_moves_two() {
    let scene = Scene::set(&[hospital()]).await;
    scene.send(&adt("A40", "M1", "20261120093000", &[PID, "MRG|4712^^^Z9H01^MR~99^^^OTHER"])).await;
    assert_eq!(scene.people().await[0].1.replaces, [LocalId("4712".into())]);
    let other = "PID|2||4713^^^Z9H01^MR||Birtwhistle^Ned";
    let beds = [("W1^^B2", "V1"), ("W1^^B1", "V2")].map(|(bed, visit)| segment("PV1", &[(3, bed), (19, visit)]));
    scene.send(&adt("A17", "M2", "20261120100000", &[PID, &beds[0], other, &beds[1]])).await;
    let stays = scene.stays().await;
    let bed = |at: usize| (stays[at].1.visit.clone(), stays[at].1.place.set().unwrap().bed.clone());
    assert_eq!(bed(0), (Some("V1".into()), Some("B2".into())));
    assert_eq!(bed(1), (Some("V2".into()), Some("B1".into())));
    assert!(stays.iter().all(|(_, stay)| stay.event == SpellEvent::Transfer));
    assert_ne!(stays[0].0.spell, stays[1].0.spell);
}

#[tokio::test]
async fn an_unidentified_patient_has_no_nhs_number() {
    let scene = Scene::set(&[hospital()]).await;
    let unknown = segment("PID", &[(3, "47110815^^^Z9H01^MR~9990000018^^^NHS"), (5, "Unknown^Female"), (31, "Y")]);
    scene.send(&adt("A04", "M1", "20261120093000", &[&unknown, &pv1()])).await;
    assert_eq!(scene.people().await[0].1.nhs_number, None);
}

#[tokio::test]
async fn ids_of_different_senders_stay_apart_in_the_sandbox() {
    let scene = Scene::set(&[sandbox()]).await;
    for facility in ["ONE", "TWO"] {
        let message = adt("A28", facility, "20261120093000", &["PID|1||7||Ashdown^Ottilie"]);
        scene.send(&message.replace("Z9H01|LCR", &format!("{facility}|LCR"))).await;
    }
    let ids: Vec<String> = scene.people().await.into_iter().map(|(event, _)| event.identity.local_id.0).collect();
    assert_eq!(ids, ["ONE:7", "TWO:7"]);
}

#[tokio::test]
async fn a_merge_is_published_once_even_if_it_arrives_late() {
    let scene = Scene::set(&[hospital()]).await;
    scene.send(&adt("A31", "M1", "20261120100500", &[PID])).await;
    // This message is older than the stored details: its name is ignored, but its merge counts.
    let old = PID.replace("Ashdown", "Old");
    let answer = scene.send(&adt("A40", "M2", "20261120100000", &[&old, "MRG|4712^^^Z9H01^MR"])).await;
    assert_eq!(code(&answer), "AA");
    scene.send(&adt("A31", "M3", "20261120100600", &[&PID.replace("Millrace", "Mill")])).await;
    let people = scene.people().await;
    let published: Vec<(&str, usize)> =
        people.iter().map(|(_, now)| (now.family.as_str(), now.replaces.len())).collect();
    assert_eq!(published, [("Ashdown", 0), ("Ashdown", 1), ("Ashdown", 0)]);
    assert_eq!(people[1].1.replaces, [LocalId("4712".into())]);
    let versions: Vec<i64> = people.iter().map(|(event, _)| event.version).collect();
    assert!(versions.is_sorted_by(|one, next| one < next), "consumers ignore what is not newer");
}
