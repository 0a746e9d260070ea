//! Tests of the fold: leave, planned transfers, expected discharge and the discharge plan.

use super::*;

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
