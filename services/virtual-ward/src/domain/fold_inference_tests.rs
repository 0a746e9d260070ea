//! Tests of inferred admissions and moves: messages that are missing, late or dated wrong, and FHIR snapshots.

use super::*;

#[test]
fn a_stay_that_starts_with_a_transfer_or_discharge_is_inferred_with_a_warning() {
    let spell = fold(&[moved(10, "J27", "J28")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27", "J28"], vec![Warning::AdmissionFromTransfer]));
    assert!(spell.is_actual_stay());
    let spell = fold(&[moved(10, "J27", "J28"), admitted(0, "J27")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27", "J28"], vec![]), "the late admission fills the gap");
    let leaving = SpellMessage { place: FieldUpdate::Set(ward("J27")), ..left(50) };
    let spell = fold(&[leaving]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27"], vec![Warning::AdmissionFromDischarge]));
    assert_eq!(spell.left, Some(minute(50)));
}

#[test]
fn an_admission_recorded_after_its_first_transfer_is_no_move() {
    let recorded_late = SpellMessage { admitted: FieldUpdate::Set(minute(0)), ..admitted(30, "J27") };
    let spell = fold(&[recorded_late, moved(10, "J27", "J28")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27", "J28"], vec![]));
    assert!(!spell.in_places[0].inferred);
}

#[test]
fn a_discharge_dated_before_the_admission_still_ends_the_stay() {
    let leaving = SpellMessage { happened: minute(-540), sent: minute(300), ..left(-540) };
    let spell = fold(&[admitted(0, "J27"), leaving]);
    assert!(spell.left.is_some());
    assert_eq!(warned(&spell), [Warning::LeftBeforeAdmitted]);
}

#[test]
fn a_move_after_the_discharge_applies_once_the_discharge_is_cancelled() {
    let messages = [admitted(0, "J27"), left(100), moved(120, "J27", "J28")];
    let spell = fold(&messages);
    assert_eq!((spell.left, wards(&spell)), (Some(minute(100)), vec!["J27"]));
    let mut messages = messages.to_vec();
    messages.push(message_at(SpellEvent::CancelDischarge, 130));
    let spell = fold(&messages);
    assert_eq!((spell.left, wards(&spell)), (None, vec!["J27", "J28"]));
}

fn snapshot(state: SnapshotState, sent: i64, place: &str) -> SpellMessage {
    SpellMessage { snapshot: Some(state), ..at(SpellEvent::Snapshot, sent, place) }
}

#[test]
fn the_newest_snapshot_wins_and_moves_are_inferred() {
    let first = snapshot(SnapshotState::Present, 0, "J27");
    let second = SpellMessage { happened: minute(-100), ..snapshot(SnapshotState::Present, 10, "J28") };
    let spell = fold(&[second.clone(), first.clone()]);
    assert_eq!(wards(&spell), ["J27", "J28"]);
    assert!(spell.in_places[1].inferred);
    let finished =
        SpellMessage { discharged: FieldUpdate::Set(minute(15)), ..snapshot(SnapshotState::Finished, 20, "J28") };
    assert_eq!(fold(&[finished.clone(), first.clone(), second]).left, Some(minute(15)));
    let again = snapshot(SnapshotState::Present, 30, "J28");
    assert_eq!(fold(&[again, finished, first.clone()]).left, None);
    let void = message_at(SpellEvent::Snapshot, 40);
    let void = SpellMessage { snapshot: Some(SnapshotState::Void), ..void };
    assert!(!fold(&[void, first.clone()]).is_actual_stay());
    let planned = snapshot(SnapshotState::Planned, -5, "J27");
    assert_eq!(fold(std::slice::from_ref(&planned)).phase, Phase::Expected);
    assert!(fold(&[snapshot(SnapshotState::OnLeave, 50, "J27"), first]).on_leave);
}
