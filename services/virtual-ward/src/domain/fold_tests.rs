//! Every trigger by name (standards 3.6), and one state for any order and any number of a stay's messages.

use lcr_contracts::{
    Moment,
    spell::{PatientSaid, Place, PlanTold, Reside, SnapshotState, SpellEvent, SpellMessage, Told},
};
use lcr_model::{LocalId, SourceId, SourceIdentity};

use super::*;
use crate::domain::{
    spell::{Phase, Warning},
    visit::latest as fold,
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

/// A message of what happened at `minutes`, sent a little later.
pub fn told(event: SpellEvent, minutes: i64) -> SpellMessage {
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
        patient: PatientSaid { family: "SMITH".into(), given: "Fredrica".into(), ..PatientSaid::default() },
        class: Told::Unchanged,
        place: Told::Unchanged,
        prior_place: Told::Unchanged,
        consultant: Told::Unchanged,
        specialty: Told::Unchanged,
        admitted: Told::Unchanged,
        discharged: Told::Unchanged,
        expected_discharge: Told::Unchanged,
        expected_stay: Told::Unchanged,
        method: Told::Unchanged,
        destination: Told::Unchanged,
        discharge_method: Told::Unchanged,
        plan: PlanTold::default(),
    }
}

fn at(event: SpellEvent, minutes: i64, place: &str) -> SpellMessage {
    SpellMessage { place: Told::Set(ward(place)), ..told(event, minutes) }
}

fn admitted(minutes: i64, place: &str) -> SpellMessage {
    SpellMessage { class: Told::Set("I".into()), ..at(SpellEvent::Admit, minutes, place) }
}

fn moved(minutes: i64, from: &str, to: &str) -> SpellMessage {
    let content = format!("Transfer{minutes}{from}{to}");
    SpellMessage { prior_place: Told::Set(ward(from)), content, ..at(SpellEvent::Transfer, minutes, to) }
}

fn left(minutes: i64) -> SpellMessage {
    SpellMessage { discharged: Told::Set(minute(minutes)), ..told(SpellEvent::Discharge, minutes) }
}

fn wards(spell: &Spell) -> Vec<&str> {
    spell.in_places.iter().filter_map(|one| one.place.ward.as_deref()).collect()
}

fn warned(spell: &Spell) -> Vec<Warning> {
    spell.warnings.iter().copied().collect()
}

#[test]
fn nothing_told_is_nobody() {
    assert_eq!(fold(&[]), Spell::default());
    assert!(!fold(&[]).counts());
}

#[test]
fn an_admission_opens_the_stay_where_it_says() {
    let spell = fold(&[admitted(0, "J27")]);
    assert_eq!((spell.phase, wards(&spell), spell.left), (Phase::Admitted, vec!["J27"], None));
    assert_eq!(spell.came().unwrap().value, minute(0));
    assert_eq!(warned(&spell), []);
}

#[test]
fn the_admission_time_told_is_when_they_came() {
    let told = SpellMessage { admitted: Told::Set(minute(-600)), ..admitted(0, "J27") };
    assert_eq!(fold(&[told]).came().unwrap().value, minute(-600));
}

#[test]
fn an_admission_told_again_for_another_place_replaces_the_first_with_a_warning() {
    let spell = fold(&[admitted(0, "J27"), admitted(5, "J27")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27"], vec![]));
    assert_eq!(spell.came().unwrap().value, minute(0));
    let spell = fold(&[admitted(0, "J27"), admitted(5, "J28")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J28"], vec![Warning::MovedByAdmission]));
}

#[test]
fn a_transfer_ends_one_place_and_begins_another() {
    let spell = fold(&[admitted(0, "J27"), moved(10, "J27", "J28")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27", "J28"], vec![]));
    assert_eq!(spell.place().unwrap().from, minute(10).at);
}

#[test]
fn a_transfer_from_elsewhere_than_held_tells_of_a_move_that_was_not_sent() {
    let spell = fold(&[admitted(0, "AAU"), moved(10, "J27", "J28")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["AAU", "J27", "J28"], vec![Warning::MoveMissing]));
    assert!(spell.in_places[1].inferred);
    // And the late message puts it right.
    let spell = fold(&[admitted(0, "AAU"), moved(10, "J27", "J28"), moved(5, "AAU", "J27")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["AAU", "J27", "J28"], vec![]));
}

#[test]
fn a_move_to_where_one_was_is_none() {
    let spell = fold(&[admitted(0, "J27"), moved(10, "J27", "J27"), at(SpellEvent::Transfer, 11, "J27")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27"], vec![]));
    // Even when both are elsewhere than held: that is shown instead.
    let spell = fold(&[admitted(0, "J27"), moved(10, "J28", "J28")]);
    assert_eq!(wards(&spell), ["J27"]);
    assert_eq!(spell.elsewhere.unwrap().value, ward("J28"));
}

#[test]
fn leaving_ends_the_stay_at_the_time_told() {
    let mut leaving = left(100);
    leaving.happened = minute(120);
    leaving.destination = Told::Set("19".into());
    let spell = fold(&[admitted(0, "J27"), leaving]);
    assert_eq!(spell.left, Some(minute(100)));
    assert!(spell.has_left(minute(100).at) && !spell.has_left(minute(99).at));
    let spell = fold(&[admitted(0, "J27"), told(SpellEvent::Discharge, 50)]);
    assert_eq!(spell.left, Some(minute(50)), "else when it happened");
}

#[test]
fn a_planned_leaving_leaves_the_patient_in_and_movable() {
    let plan = SpellMessage { discharged: Told::Set(minute(1000)), ..told(SpellEvent::Discharge, 10) };
    let spell = fold(&[admitted(0, "J27"), plan, moved(20, "J27", "J28")]);
    assert!(!spell.has_left(minute(999).at) && spell.has_left(minute(1000).at));
    assert_eq!(wards(&spell), ["J27", "J28"]);
}

#[test]
fn an_attender_is_no_inpatient_until_admitted() {
    let attends = SpellMessage { class: Told::Set("E".into()), ..at(SpellEvent::Register, 0, "ED") };
    assert_eq!(fold(std::slice::from_ref(&attends)).phase, Phase::Attending);
    let spell = fold(&[attends, at(SpellEvent::Admit, 60, "J27")]);
    assert_eq!((spell.phase, wards(&spell), warned(&spell)), (Phase::Admitted, vec!["ED", "J27"], vec![]));
    assert_eq!(spell.class, None, "the attender's class is not the stay's");
    assert_eq!(spell.came().unwrap().value, minute(60));
}

#[test]
fn who_is_expected_occupies_no_bed_and_goes_when_cancelled() {
    let expected = at(SpellEvent::PreAdmit, 0, "J27");
    let spell = fold(std::slice::from_ref(&expected));
    assert_eq!((spell.phase, wards(&spell), spell.counts()), (Phase::Expected, vec![], false));
    let cancelled = told(SpellEvent::CancelPreAdmit, 5);
    assert_eq!(fold(&[expected.clone(), cancelled.clone()]).phase, Phase::Unknown);
    let spell = fold(&[expected, admitted(3, "J27"), cancelled]);
    assert_eq!(spell.phase, Phase::Admitted, "who came is not sent away");
}

#[test]
fn a_change_of_class_is_a_move_as_well() {
    let attends = SpellMessage { class: Told::Set("O".into()), ..at(SpellEvent::Register, 0, "CLINIC") };
    let spell = fold(&[attends, at(SpellEvent::ToInpatient, 30, "J27")]);
    assert_eq!((spell.phase, wards(&spell)), (Phase::Admitted, vec!["CLINIC", "J27"]));
    assert_eq!(spell.class.unwrap().value, "I");
    let spell = fold(&[admitted(0, "J27"), at(SpellEvent::ToOutpatient, 30, "CLINIC")]);
    assert_eq!((spell.phase, wards(&spell)), (Phase::Attending, vec!["J27", "CLINIC"]));
    assert_eq!(spell.class.unwrap().value, "O");
}

#[test]
fn an_update_never_moves_anybody_but_what_it_says_is_shown() {
    let spell = fold(&[admitted(0, "J27"), at(SpellEvent::Update, 5, "J28")]);
    assert_eq!(wards(&spell), ["J27"]);
    assert_eq!(spell.elsewhere.as_ref().unwrap().value, ward("J28"));
    let spell =
        fold(&[admitted(0, "J27"), at(SpellEvent::Update, 5, "J28"), at(SpellEvent::Update, 6, "J27")]);
    assert_eq!(spell.elsewhere, None, "a later one that agrees settles it");
    let gone = SpellMessage { discharged: Told::Set(minute(4)), ..told(SpellEvent::Update, 5) };
    let spell = fold(&[admitted(0, "J27"), gone]);
    assert_eq!((spell.left, spell.said_left.unwrap().value), (None, minute(4)));
    assert_eq!(fold(&[at(SpellEvent::Update, 5, "J28")]).phase, Phase::Unknown);
}

#[test]
fn a_cancelled_admission_is_no_stay_whatever_came_first_and_can_be_made_again() {
    let cancel = told(SpellEvent::CancelAdmit, 30);
    assert!(!fold(&[admitted(0, "J27"), cancel.clone()]).counts());
    assert!(!fold(&[cancel.clone(), admitted(0, "J27")]).counts());
    assert!(!fold(&[admitted(0, "J27"), cancel.clone(), at(SpellEvent::Update, 40, "J27")]).counts());
    let spell = fold(&[admitted(0, "J27"), cancel, admitted(60, "J28")]);
    assert!(spell.counts());
    assert_eq!((wards(&spell), spell.came().unwrap().value), (vec!["J28"], minute(60)));
}

#[test]
fn a_cancel_sent_after_an_admission_counts_although_the_admission_is_for_later() {
    // No event time in the cancel: it stands at its recording, before the admission's own time.
    let planned = SpellMessage { sent: minute(0), ..admitted(500, "J27") };
    let cancel = told(SpellEvent::CancelAdmit, 30);
    assert!(!fold(&[planned, cancel]).counts());
}

fn taken_back(minutes: i64, cancelled: &str, back_to: &str) -> SpellMessage {
    SpellMessage {
        prior_place: Told::Set(ward(cancelled)),
        ..at(SpellEvent::CancelTransfer, minutes, back_to)
    }
}

#[test]
fn a_transfer_taken_back_puts_the_patient_where_they_were() {
    let (came, went) = (admitted(0, "J27"), moved(10, "J27", "J28"));
    for cancel in [
        taken_back(10, "J28", "J27"),
        taken_back(25, "J28", "J27"),
        // As the transfer was written.
        taken_back(25, "J27", "J28"),
        at(SpellEvent::CancelTransfer, 25, "J27"),
        told(SpellEvent::CancelTransfer, 25),
        told(SpellEvent::CancelTransfer, 10),
    ] {
        let spell = fold(&[came.clone(), went.clone(), cancel]);
        assert_eq!((wards(&spell), warned(&spell)), (vec!["J27"], vec![]));
    }
}

#[test]
fn taking_back_the_first_of_two_transfers_leaves_the_second() {
    let story =
        [admitted(0, "J27"), moved(10, "J27", "J28"), moved(20, "J28", "J29"), taken_back(10, "J28", "J27")];
    let spell = fold(&story);
    // It happened at the time of the first: the second then comes from where nobody was held to be.
    assert_eq!(wards(&spell).last(), Some(&"J29"));
    let back_and_forth =
        [admitted(0, "J27"), moved(10, "J27", "J28"), moved(20, "J28", "J27"), taken_back(30, "J28", "J27")];
    assert_eq!(wards(&fold(&back_and_forth)), ["J27"], "two spells of the same place are one again");
}

#[test]
fn a_transfer_can_be_made_again_after_it_was_taken_back() {
    let story =
        [admitted(0, "J27"), moved(10, "J27", "J28"), taken_back(12, "J28", "J27"), moved(30, "J27", "J28")];
    let spell = fold(&story);
    assert_eq!((wards(&spell), spell.place().unwrap().from), (vec!["J27", "J28"], minute(30).at));
}

#[test]
fn a_leaving_taken_back_puts_the_patient_back_in_the_bed() {
    let mut leaving = left(100);
    leaving.destination = Told::Set("79".into());
    let spell = fold(&[admitted(0, "J27"), leaving, told(SpellEvent::CancelDischarge, 110)]);
    assert_eq!((spell.left, wards(&spell)), (None, vec!["J27"]));
    assert!(!spell.died(), "and takes back how they left");
}

#[test]
fn a_leaving_taken_back_before_its_own_time_does_not_happen() {
    let planned = SpellMessage { happened: minute(1000), sent: minute(10), ..left(1000) };
    let spell = fold(&[admitted(0, "J27"), planned.clone(), told(SpellEvent::CancelDischarge, 20)]);
    assert_eq!(spell.left, None);
    let again =
        SpellMessage { sent: minute(30), control_id: "again".into(), content: "again".into(), ..left(1001) };
    let spell = fold(&[admitted(0, "J27"), planned, told(SpellEvent::CancelDischarge, 20), again]);
    assert_eq!(spell.left, Some(minute(1001)), "one that is sent afterwards does");
}

#[test]
fn a_later_stay_is_not_touched_by_taking_back_the_earlier_leaving() {
    let story = [admitted(0, "J27"), left(100), admitted(200, "J29"), told(SpellEvent::CancelDischarge, 300)];
    let spell = fold(&story);
    assert_eq!((spell.left, wards(&spell)), (None, vec!["J29"]));
    assert_eq!(warned(&spell), [Warning::MovedByAdmission], "they never left: it was one stay");
}

#[test]
fn leave_keeps_the_patient_on_the_list_and_its_cancels_undo_it() {
    use SpellEvent::{CancelLeaveOut, CancelLeaveReturn, LeaveOut, LeaveReturn};
    let after = |events: &[SpellEvent]| {
        let mut story = vec![admitted(0, "J27")];
        story.extend((1..).zip(events).map(|(minutes, event)| told(*event, minutes)));
        let spell = fold(&story);
        assert!(spell.counts() && spell.left.is_none());
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
    assert_eq!(
        (wards(&spell), spell.pending_transfer.clone().unwrap().value),
        (vec!["J27"], Some(ward("REHAB")))
    );
    let spell = fold(&[admitted(0, "J27"), plan.clone(), told(SpellEvent::CancelPendingTransfer, 6)]);
    assert_eq!(spell.pending_transfer, None);
    let spell = fold(&[admitted(0, "J27"), plan, moved(9, "J27", "REHAB")]);
    assert_eq!(spell.pending_transfer, None);
}

fn expecting(event: SpellEvent, minutes: i64, day: &str) -> SpellMessage {
    SpellMessage { expected_discharge: Told::Set(day.parse().unwrap()), ..told(event, minutes) }
}

#[test]
fn a_pending_discharge_brings_a_date_and_takes_it_along() {
    let pending = expecting(SpellEvent::PendingDischarge, 5, "2026-11-23");
    let spell = fold(&[admitted(0, "J27"), pending.clone()]);
    assert_eq!(spell.expected.now.unwrap().value.to_string(), "2026-11-23");
    assert!(spell.pending_discharge.is_some());
    let spell = fold(&[admitted(0, "J27"), pending, told(SpellEvent::CancelPendingDischarge, 6)]);
    assert_eq!((spell.expected.now, spell.pending_discharge), (None, None));
}

#[test]
fn the_expected_day_keeps_the_last_different_one() {
    let days = ["2026-11-20", "2026-11-22", "2026-11-22", "2026-11-21"];
    let mut story = vec![admitted(0, "J27")];
    story.extend((1..).zip(days).map(|(minutes, day)| expecting(SpellEvent::Update, minutes, day)));
    let said = |story: &[SpellMessage]| {
        let held = fold(story).expected;
        (held.now.map(|now| now.value.to_string()), held.was.map(|was| was.to_string()))
    };
    assert_eq!(said(&story[..2]), (Some("2026-11-20".into()), None));
    assert_eq!(said(&story[..4]), (Some("2026-11-22".into()), Some("2026-11-20".into())));
    assert_eq!(said(&story), (Some("2026-11-21".into()), Some("2026-11-22".into())));
    let gone = SpellMessage { expected_discharge: Told::Deleted, ..told(SpellEvent::Update, 9) };
    story.push(gone);
    assert_eq!(said(&story).0, None);
    story.push(expecting(SpellEvent::Update, 10, "2026-11-25"));
    assert_eq!(said(&story), (Some("2026-11-25".into()), Some("2026-11-21".into())));
}

fn resides(minutes: i64, meets: bool, since: Option<&str>) -> SpellMessage {
    let since = since.map(|day| day.parse().unwrap());
    let reside = Told::Set(Reside { meets, code: None, since });
    SpellMessage { plan: PlanTold { reside, ..PlanTold::default() }, ..told(SpellEvent::Update, minutes) }
}

#[test]
fn the_ready_date_stays_while_not_met_and_goes_when_met_again() {
    let mut story = vec![admitted(0, "J27"), resides(1, false, Some("2026-11-19")), resides(2, false, None)];
    let held = |story: &[SpellMessage]| fold(story).reside.unwrap().value;
    assert_eq!(held(&story).since.unwrap().to_string(), "2026-11-19");
    story.push(resides(3, true, Some("2026-11-19")));
    assert_eq!((held(&story).meets, held(&story).since), (true, None));
    story.push(resides(4, false, None));
    assert_eq!(held(&story).since, None);
}

#[test]
fn absent_leaves_empty_deletes_and_each_value_keeps_its_time() {
    let set = SpellMessage { expected_stay: Told::Set(4), ..told(SpellEvent::Update, 5) };
    let leaves = told(SpellEvent::Update, 6);
    let deletes = SpellMessage { expected_stay: Told::Deleted, ..told(SpellEvent::Update, 7) };
    let spell = fold(&[admitted(0, "J27"), set.clone(), leaves]);
    assert_eq!(spell.expected_stay.map(|cell| (cell.value, cell.at)), Some((4, minute(5).at)));
    assert_eq!(fold(&[admitted(0, "J27"), set, deletes]).expected_stay, None);
}

#[test]
fn a_stay_first_heard_of_by_its_transfer_or_end_is_worked_out_with_a_warning() {
    let spell = fold(&[moved(10, "J27", "J28")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27", "J28"], vec![Warning::AdmissionFromTransfer]));
    assert!(spell.counts());
    let spell = fold(&[moved(10, "J27", "J28"), admitted(0, "J27")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27", "J28"], vec![]), "the late admission mends it");
    let leaving = SpellMessage { place: Told::Set(ward("J27")), ..left(50) };
    let spell = fold(&[leaving]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27"], vec![Warning::AdmissionFromDischarge]));
    assert_eq!(spell.left, Some(minute(50)));
}

#[test]
fn an_admission_recorded_after_the_transfer_it_came_before_is_no_move() {
    let recorded_late = SpellMessage { admitted: Told::Set(minute(0)), ..admitted(30, "J27") };
    let spell = fold(&[recorded_late, moved(10, "J27", "J28")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27", "J28"], vec![]));
    assert!(!spell.in_places[0].inferred);
}

#[test]
fn a_leaving_dated_to_midnight_before_the_admission_does_not_bring_the_patient_back() {
    let leaving = SpellMessage { happened: minute(-540), sent: minute(300), ..left(-540) };
    let spell = fold(&[admitted(0, "J27"), leaving]);
    assert!(spell.left.is_some());
    assert_eq!(warned(&spell), [Warning::LeftBeforeAdmitted]);
}

#[test]
fn a_move_after_leaving_waits_for_the_leaving_to_be_taken_back() {
    let story = [admitted(0, "J27"), left(100), moved(120, "J27", "J28")];
    let spell = fold(&story);
    assert_eq!((spell.left, wards(&spell)), (Some(minute(100)), vec!["J27"]));
    let mut story = story.to_vec();
    story.push(told(SpellEvent::CancelDischarge, 130));
    let spell = fold(&story);
    assert_eq!((spell.left, wards(&spell)), (None, vec!["J27", "J28"]));
}

fn snapshot(state: SnapshotState, sent: i64, place: &str) -> SpellMessage {
    SpellMessage { snapshot: Some(state), ..at(SpellEvent::Snapshot, sent, place) }
}

#[test]
fn the_newest_snapshot_wins_and_moves_are_worked_out() {
    let first = snapshot(SnapshotState::Present, 0, "J27");
    let second = SpellMessage { happened: minute(-100), ..snapshot(SnapshotState::Present, 10, "J28") };
    let spell = fold(&[second.clone(), first.clone()]);
    assert_eq!(wards(&spell), ["J27", "J28"]);
    assert!(spell.in_places[1].inferred);
    let finished =
        SpellMessage { discharged: Told::Set(minute(15)), ..snapshot(SnapshotState::Finished, 20, "J28") };
    assert_eq!(fold(&[finished.clone(), first.clone(), second]).left, Some(minute(15)));
    let again = snapshot(SnapshotState::Present, 30, "J28");
    assert_eq!(fold(&[again, finished, first.clone()]).left, None);
    let void = told(SpellEvent::Snapshot, 40);
    let void = SpellMessage { snapshot: Some(SnapshotState::Void), ..void };
    assert!(!fold(&[void, first.clone()]).counts());
    let planned = snapshot(SnapshotState::Planned, -5, "J27");
    assert_eq!(fold(std::slice::from_ref(&planned)).phase, Phase::Expected);
    assert!(fold(&[snapshot(SnapshotState::OnLeave, 50, "J27"), first]).on_leave);
}

#[test]
fn the_same_event_under_another_control_id_changes_nothing() {
    let story = vec![admitted(0, "J27"), moved(10, "J27", "J28"), moved(10, "J28", "J29"), left(50)];
    let before = fold(&story);
    for message in &story {
        let mut again = story.clone();
        let sent = minute(900);
        again.push(SpellMessage {
            control_id: "R9".into(),
            content: "other".into(),
            sent,
            ..message.clone()
        });
        assert_eq!(Spell { last_told: None, ..fold(&again) }, Spell { last_told: None, ..before.clone() });
    }
}

#[test]
fn equal_times_fall_into_the_order_of_kinds() {
    let cancel = SpellMessage { happened: minute(0), ..told(SpellEvent::CancelDischarge, 1) };
    let leaving = SpellMessage { happened: minute(0), ..left(0) };
    let went = SpellMessage { happened: minute(0), ..moved(0, "J27", "J28") };
    let spell = fold(&[cancel, leaving, went, admitted(0, "J27")]);
    assert_eq!((spell.left, wards(&spell)), (None, vec!["J27", "J28"]));
}

#[path = "fold_again_tests.rs"]
mod again;
