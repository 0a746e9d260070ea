//! Tests of the fold: admissions, discharges, fields and snapshots.

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
fn a_second_admission_for_another_place_replaces_the_first_with_a_warning() {
    let spell = fold(&[admitted(0, "J27"), admitted(5, "J27")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27"], vec![]));
    assert_eq!(spell.arrival().unwrap().value, minute(0));
    let spell = fold(&[admitted(0, "J27"), admitted(5, "J28")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J28"], vec![Warning::MovedByAdmission]));
}

#[test]
fn a_transfer_ends_one_place_and_begins_another() {
    let spell = fold(&[admitted(0, "J27"), moved(10, "J27", "J28")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27", "J28"], vec![]));
    assert_eq!(spell.latest_place().unwrap().from, minute(10).at);
}

#[test]
fn a_transfer_from_an_unknown_place_implies_a_missing_move() {
    let spell = fold(&[admitted(0, "AAU"), moved(10, "J27", "J28")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["AAU", "J27", "J28"], vec![Warning::MoveMissing]));
    assert!(spell.in_places[1].inferred);
    // The late message fills the gap.
    let spell = fold(&[admitted(0, "AAU"), moved(10, "J27", "J28"), moved(5, "AAU", "J27")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["AAU", "J27", "J28"], vec![]));
}

#[test]
fn a_transfer_within_one_place_moves_nobody() {
    let spell = fold(&[admitted(0, "J27"), moved(10, "J27", "J27"), at(SpellEvent::Transfer, 11, "J27")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27"], vec![]));
    // If both places contradict the present one, the row shows a disagreement.
    let spell = fold(&[admitted(0, "J27"), moved(10, "J28", "J28")]);
    assert_eq!(wards(&spell), ["J27"]);
    assert_eq!(spell.elsewhere.unwrap().value, ward("J28"));
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
fn a_patient_with_a_planned_discharge_can_still_be_moved() {
    let plan = SpellMessage { discharged: FieldUpdate::Set(minute(1000)), ..message_at(SpellEvent::Discharge, 10) };
    let spell = fold(&[admitted(0, "J27"), plan, moved(20, "J27", "J28")]);
    assert!(!spell.has_left(minute(999).at) && spell.has_left(minute(1000).at));
    assert_eq!(wards(&spell), ["J27", "J28"]);
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

#[test]
fn an_update_moves_nobody_but_its_place_is_shown() {
    let spell = fold(&[admitted(0, "J27"), at(SpellEvent::Update, 5, "J28")]);
    assert_eq!(wards(&spell), ["J27"]);
    assert_eq!(spell.elsewhere.as_ref().unwrap().value, ward("J28"));
    let spell = fold(&[admitted(0, "J27"), at(SpellEvent::Update, 5, "J28"), at(SpellEvent::Update, 6, "J27")]);
    assert_eq!(spell.elsewhere, None, "a later update that agrees removes it");
    let gone = SpellMessage { discharged: FieldUpdate::Set(minute(4)), ..message_at(SpellEvent::Update, 5) };
    let spell = fold(&[admitted(0, "J27"), gone]);
    assert_eq!((spell.left, spell.left_in_update.unwrap().value), (None, minute(4)));
    assert_eq!(fold(&[at(SpellEvent::Update, 5, "J28")]).phase, Phase::Unknown);
}

fn cancelled_transfer(minutes: i64, cancelled: &str, back_to: &str) -> SpellMessage {
    SpellMessage { prior_place: FieldUpdate::Set(ward(cancelled)), ..at(SpellEvent::CancelTransfer, minutes, back_to) }
}

#[test]
fn leave_keeps_the_patient_on_the_list_and_its_cancels_undo_it() {
    use SpellEvent::{CancelLeaveOut, CancelLeaveReturn, LeaveOut, LeaveReturn};
    let after = |events: &[SpellEvent]| {
        let mut messages = vec![admitted(0, "J27")];
        messages.extend((1..).zip(events).map(|(minutes, event)| message_at(*event, minutes)));
        let spell = fold(&messages);
        assert!(spell.is_actual_stay() && spell.left.is_none());
        spell.on_leave
    };
    assert!(after(&[LeaveOut]));
    assert!(!after(&[LeaveOut, CancelLeaveOut]));
    assert!(!after(&[LeaveOut, LeaveReturn]));
    assert!(after(&[LeaveOut, LeaveReturn, CancelLeaveReturn]));
}

#[test]
fn a_planned_transfer_is_shown_until_it_is_cancelled_or_made() {
    let plan = at(SpellEvent::PendingTransfer, 5, "REHAB");
    let spell = fold(&[admitted(0, "J27"), plan.clone()]);
    assert_eq!((wards(&spell), spell.pending_transfer.clone().unwrap().value), (vec!["J27"], Some(ward("REHAB"))));
    let spell = fold(&[admitted(0, "J27"), plan.clone(), message_at(SpellEvent::CancelPendingTransfer, 6)]);
    assert_eq!(spell.pending_transfer, None);
    let spell = fold(&[admitted(0, "J27"), plan, moved(9, "J27", "REHAB")]);
    assert_eq!(spell.pending_transfer, None);
}

fn expecting(event: SpellEvent, minutes: i64, day: &str) -> SpellMessage {
    SpellMessage { expected_discharge: FieldUpdate::Set(day.parse().unwrap()), ..message_at(event, minutes) }
}

#[test]
fn a_pending_discharge_brings_a_date_and_takes_it_along() {
    let pending = expecting(SpellEvent::PendingDischarge, 5, "2026-11-23");
    let spell = fold(&[admitted(0, "J27"), pending.clone()]);
    assert_eq!(spell.expected.now.unwrap().value.to_string(), "2026-11-23");
    assert!(spell.pending_discharge.is_some());
    let spell = fold(&[admitted(0, "J27"), pending, message_at(SpellEvent::CancelPendingDischarge, 6)]);
    assert_eq!((spell.expected.now, spell.pending_discharge), (None, None));
}

#[test]
fn the_expected_day_keeps_the_last_different_one() {
    let days = ["2026-11-20", "2026-11-22", "2026-11-22", "2026-11-21"];
    let mut messages = vec![admitted(0, "J27")];
    messages.extend((1..).zip(days).map(|(minutes, day)| expecting(SpellEvent::Update, minutes, day)));
    let expected = |messages: &[SpellMessage]| {
        let day = fold(messages).expected;
        (day.now.map(|now| now.value.to_string()), day.was.map(|was| was.to_string()))
    };
    assert_eq!(expected(&messages[..2]), (Some("2026-11-20".into()), None));
    assert_eq!(expected(&messages[..4]), (Some("2026-11-22".into()), Some("2026-11-20".into())));
    assert_eq!(expected(&messages), (Some("2026-11-21".into()), Some("2026-11-22".into())));
    let gone = SpellMessage { expected_discharge: FieldUpdate::Deleted, ..message_at(SpellEvent::Update, 9) };
    messages.push(gone);
    assert_eq!(expected(&messages).0, None);
    messages.push(expecting(SpellEvent::Update, 10, "2026-11-25"));
    assert_eq!(expected(&messages), (Some("2026-11-25".into()), Some("2026-11-21".into())));
}

fn resides(minutes: i64, meets: bool, since: Option<&str>) -> SpellMessage {
    let since = since.map(|day| day.parse().unwrap());
    let reside = FieldUpdate::Set(Reside { meets, code: None, since });
    SpellMessage {
        plan: DischargePlanUpdate { reside, ..DischargePlanUpdate::default() },
        ..message_at(SpellEvent::Update, minutes)
    }
}

#[test]
fn the_ready_date_stays_while_not_met_and_goes_when_met_again() {
    let mut messages = vec![admitted(0, "J27"), resides(1, false, Some("2026-11-19")), resides(2, false, None)];
    let reside = |messages: &[SpellMessage]| fold(messages).reside.unwrap().value;
    assert_eq!(reside(&messages).since.unwrap().to_string(), "2026-11-19");
    messages.push(resides(3, true, Some("2026-11-19")));
    assert_eq!((reside(&messages).meets, reside(&messages).since), (true, None));
    messages.push(resides(4, false, None));
    assert_eq!(reside(&messages).since, None);
}

#[test]
fn absent_leaves_empty_deletes_and_each_value_keeps_its_time() {
    let set = SpellMessage { expected_stay: FieldUpdate::Set(4), ..message_at(SpellEvent::Update, 5) };
    let leaves = message_at(SpellEvent::Update, 6);
    let deletes = SpellMessage { expected_stay: FieldUpdate::Deleted, ..message_at(SpellEvent::Update, 7) };
    let spell = fold(&[admitted(0, "J27"), set.clone(), leaves]);
    assert_eq!(spell.expected_stay.map(|cell| (cell.value, cell.at)), Some((4, minute(5).at)));
    assert_eq!(fold(&[admitted(0, "J27"), set, deletes]).expected_stay, None);
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
