//! Tests of the fold: admissions, discharges, fields and snapshots.

#[path = "fold_move_tests.rs"]
mod moves;
#[path = "fold_plan_tests.rs"]
mod plans;

use lcr_contracts::{
    Moment,
    spell::{DischargePlanUpdate, FieldUpdate, PatientDetails, Place, Reside, SnapshotState, SpellEvent, SpellMessage},
};
use lcr_model::{LocalId, SourceId, SourceIdentity};

use super::*;
use crate::domain::{
    spell::{Phase, Warning},
    visit::fold_latest as fold,
};

#[path = "fold_permutation_tests.rs"]
mod permutations;

/// Minutes after the stay's first hour.
pub fn minute(minutes: i64) -> Moment {
    let start: jiff::Timestamp = "2026-11-19T09:00:00Z".parse().unwrap();
    Moment::exact(jiff::Timestamp::from_second(start.as_second() + minutes * 60).unwrap())
}

pub fn ward(name: &str) -> Place {
    Place { ward: Some(name.into()), ..Place::default() }
}

/// A message about an event at `minutes`, sent at that time.
pub fn message_at(event: SpellEvent, minutes: i64) -> SpellMessage {
    SpellMessage {
        identity: SourceIdentity { source: SourceId::new("st-hildas"), local_id: LocalId("H1".into()) },
        event,
        snapshot: None,
        visit: Some("V1".into()),
        happened: minute(minutes),
        sent: minute(minutes),
        received: minute(100_000 + minutes).at,
        occurred: None,
        sequence: None,
        formerly: None,
        moves_visit: false,
        further: std::collections::BTreeMap::new(),
        control_id: format!("{event:?}{minutes}"),
        content: format!("{event:?}{minutes}"),
        patient: PatientDetails { family: "SMITH".into(), given: "Fredrica".into(), ..PatientDetails::default() },
        class: FieldUpdate::Unchanged,
        place: FieldUpdate::Unchanged,
        prior_place: FieldUpdate::Unchanged,
        consultant: FieldUpdate::Unchanged,
        specialty: FieldUpdate::Unchanged,
        admitted: FieldUpdate::Unchanged,
        discharged: FieldUpdate::Unchanged,
        expected_discharge: FieldUpdate::Unchanged,
        expected_stay: FieldUpdate::Unchanged,
        method: FieldUpdate::Unchanged,
        destination: FieldUpdate::Unchanged,
        discharge_method: FieldUpdate::Unchanged,
        plan: DischargePlanUpdate::default(),
    }
}

fn at(event: SpellEvent, minutes: i64, place: &str) -> SpellMessage {
    SpellMessage { place: FieldUpdate::Set(ward(place)), ..message_at(event, minutes) }
}

fn admitted(minutes: i64, place: &str) -> SpellMessage {
    SpellMessage { class: FieldUpdate::Set("I".into()), ..at(SpellEvent::Admit, minutes, place) }
}

fn moved(minutes: i64, from: &str, to: &str) -> SpellMessage {
    let content = format!("Transfer{minutes}{from}{to}");
    SpellMessage { prior_place: FieldUpdate::Set(ward(from)), content, ..at(SpellEvent::Transfer, minutes, to) }
}

fn left(minutes: i64) -> SpellMessage {
    SpellMessage { discharged: FieldUpdate::Set(minute(minutes)), ..message_at(SpellEvent::Discharge, minutes) }
}

fn wards(spell: &Spell) -> Vec<&str> {
    spell.in_places.iter().filter_map(|one| one.place.ward.as_deref()).collect()
}

fn warned(spell: &Spell) -> Vec<Warning> {
    spell.warnings.iter().copied().collect()
}

#[test]
fn no_messages_give_an_empty_stay() {
    assert_eq!(fold(&[]), Spell::default());
    assert!(!fold(&[]).is_actual_stay());
}

#[test]
fn an_admission_opens_the_stay_at_its_place() {
    let spell = fold(&[admitted(0, "J27")]);
    assert_eq!((spell.phase, wards(&spell), spell.left), (Phase::Admitted, vec!["J27"], None));
    assert_eq!(spell.arrival().unwrap().value, minute(0));
    assert_eq!(warned(&spell), []);
}

#[test]
fn the_admission_time_sent_is_the_arrival() {
    let admission = SpellMessage { admitted: FieldUpdate::Set(minute(-600)), ..admitted(0, "J27") };
    assert_eq!(fold(&[admission]).arrival().unwrap().value, minute(-600));
}

#[test]
fn a_discharge_ends_the_stay_at_the_time_sent() {
    let mut leaving = left(100);
    leaving.happened = minute(120);
    leaving.destination = FieldUpdate::Set("19".into());
    let spell = fold(&[admitted(0, "J27"), leaving]);
    assert_eq!(spell.left, Some(minute(100)));
    assert!(spell.has_left(minute(100).at) && !spell.has_left(minute(99).at));
    let spell = fold(&[admitted(0, "J27"), message_at(SpellEvent::Discharge, 50)]);
    assert_eq!(spell.left, Some(minute(50)), "else at the event time");
}

#[test]
fn an_attending_patient_is_no_inpatient_until_admitted() {
    let attends = SpellMessage { class: FieldUpdate::Set("E".into()), ..at(SpellEvent::Register, 0, "ED") };
    assert_eq!(fold(std::slice::from_ref(&attends)).phase, Phase::Attending);
    let spell = fold(&[attends, at(SpellEvent::Admit, 60, "J27")]);
    assert_eq!((spell.phase, wards(&spell), warned(&spell)), (Phase::Admitted, vec!["ED", "J27"], vec![]));
    assert_eq!(spell.class, None, "the class of the attendance does not carry over");
    assert_eq!(spell.arrival().unwrap().value, minute(60));
}

#[test]
fn an_expected_patient_has_no_bed_and_a_cancel_removes_them() {
    let expected = at(SpellEvent::PreAdmit, 0, "J27");
    let spell = fold(std::slice::from_ref(&expected));
    assert_eq!((spell.phase, wards(&spell), spell.is_actual_stay()), (Phase::Expected, vec![], false));
    let cancelled = message_at(SpellEvent::CancelPreAdmit, 5);
    assert_eq!(fold(&[expected.clone(), cancelled.clone()]).phase, Phase::Unknown);
    let spell = fold(&[expected, admitted(3, "J27"), cancelled]);
    assert_eq!(spell.phase, Phase::Admitted, "an admitted patient stays");
}

#[test]
fn a_change_of_class_also_moves_the_patient() {
    let attends = SpellMessage { class: FieldUpdate::Set("O".into()), ..at(SpellEvent::Register, 0, "CLINIC") };
    let spell = fold(&[attends, at(SpellEvent::ToInpatient, 30, "J27")]);
    assert_eq!((spell.phase, wards(&spell)), (Phase::Admitted, vec!["CLINIC", "J27"]));
    assert_eq!(spell.class.unwrap().value, "I");
    let spell = fold(&[admitted(0, "J27"), at(SpellEvent::ToOutpatient, 30, "CLINIC")]);
    assert_eq!((spell.phase, wards(&spell)), (Phase::Attending, vec!["J27", "CLINIC"]));
    assert_eq!(spell.class.unwrap().value, "O");
}

fn cancelled_transfer(minutes: i64, cancelled: &str, back_to: &str) -> SpellMessage {
    SpellMessage { prior_place: FieldUpdate::Set(ward(cancelled)), ..at(SpellEvent::CancelTransfer, minutes, back_to) }
}

#[test]
fn the_same_event_under_another_control_id_changes_nothing() {
    let messages = vec![admitted(0, "J27"), moved(10, "J27", "J28"), moved(10, "J28", "J29"), left(50)];
    let before = fold(&messages);
    for message in &messages {
        let mut again = messages.clone();
        let sent = minute(900);
        again.push(SpellMessage { control_id: "R9".into(), content: "other".into(), sent, ..message.clone() });
        assert_eq!(Spell { last_message_at: None, ..fold(&again) }, Spell { last_message_at: None, ..before.clone() });
    }
}

#[test]
fn events_of_equal_time_are_ordered_by_kind() {
    let cancel = SpellMessage { happened: minute(0), ..message_at(SpellEvent::CancelDischarge, 1) };
    let leaving = SpellMessage { happened: minute(0), ..left(0) };
    let went = SpellMessage { happened: minute(0), ..moved(0, "J27", "J28") };
    let spell = fold(&[cancel, leaving, went, admitted(0, "J27")]);
    assert_eq!((spell.left, wards(&spell)), (None, vec!["J27", "J28"]));
}

#[path = "fold_cancel_tests.rs"]
mod cancels;
#[path = "fold_inference_tests.rs"]
mod inference;
#[path = "fold_repeat_tests.rs"]
mod repeats;
