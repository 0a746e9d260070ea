//! Tests of cancels: admissions, transfers and discharges that the hospital cancels.

use super::*;

#[test]
fn a_cancelled_admission_is_no_stay_in_any_order_and_can_be_sent_again() {
    let cancel = message_at(SpellEvent::CancelAdmit, 30);
    assert!(!fold(&[admitted(0, "J27"), cancel.clone()]).is_actual_stay());
    assert!(!fold(&[cancel.clone(), admitted(0, "J27")]).is_actual_stay());
    assert!(!fold(&[admitted(0, "J27"), cancel.clone(), at(SpellEvent::Update, 40, "J27")]).is_actual_stay());
    let spell = fold(&[admitted(0, "J27"), cancel, admitted(60, "J28")]);
    assert!(spell.is_actual_stay());
    assert_eq!((wards(&spell), spell.arrival().unwrap().value), (vec!["J28"], minute(60)));
}

#[test]
fn a_cancel_sent_after_an_admission_counts_although_the_admission_is_for_later() {
    // The cancel has no event time: its message time lies before the planned admission.
    let planned = SpellMessage { sent: minute(0), ..admitted(500, "J27") };
    let cancel = message_at(SpellEvent::CancelAdmit, 30);
    assert!(!fold(&[planned, cancel]).is_actual_stay());
}

#[test]
fn a_cancelled_transfer_puts_the_patient_back() {
    let (came, went) = (admitted(0, "J27"), moved(10, "J27", "J28"));
    for cancel in [
        cancelled_transfer(10, "J28", "J27"),
        cancelled_transfer(25, "J28", "J27"),
        // With the places of the transfer itself.
        cancelled_transfer(25, "J27", "J28"),
        at(SpellEvent::CancelTransfer, 25, "J27"),
        message_at(SpellEvent::CancelTransfer, 25),
        message_at(SpellEvent::CancelTransfer, 10),
    ] {
        let spell = fold(&[came.clone(), went.clone(), cancel]);
        assert_eq!((wards(&spell), warned(&spell)), (vec!["J27"], vec![]));
    }
}

#[test]
fn cancelling_the_first_of_two_transfers_keeps_the_second() {
    let messages =
        [admitted(0, "J27"), moved(10, "J27", "J28"), moved(20, "J28", "J29"), cancelled_transfer(10, "J28", "J27")];
    let spell = fold(&messages);
    // The second transfer then starts at a place where the patient never was.
    assert_eq!(wards(&spell).last(), Some(&"J29"));
    let back_and_forth =
        [admitted(0, "J27"), moved(10, "J27", "J28"), moved(20, "J28", "J27"), cancelled_transfer(30, "J28", "J27")];
    assert_eq!(wards(&fold(&back_and_forth)), ["J27"], "two periods in the same place become one");
}

#[test]
fn a_transfer_can_be_sent_again_after_its_cancel() {
    let messages =
        [admitted(0, "J27"), moved(10, "J27", "J28"), cancelled_transfer(12, "J28", "J27"), moved(30, "J27", "J28")];
    let spell = fold(&messages);
    assert_eq!((wards(&spell), spell.latest_place().unwrap().from), (vec!["J27", "J28"], minute(30).at));
}

#[test]
fn a_cancelled_discharge_puts_the_patient_back_in_the_bed() {
    let mut leaving = left(100);
    leaving.destination = FieldUpdate::Set("79".into());
    let spell = fold(&[admitted(0, "J27"), leaving, message_at(SpellEvent::CancelDischarge, 110)]);
    assert_eq!((spell.left, wards(&spell)), (None, vec!["J27"]));
    assert!(!spell.has_died(), "the discharge method is void too");
}

#[test]
fn a_planned_discharge_can_be_cancelled_before_its_time() {
    let planned = SpellMessage { happened: minute(1000), sent: minute(10), ..left(1000) };
    let spell = fold(&[admitted(0, "J27"), planned.clone(), message_at(SpellEvent::CancelDischarge, 20)]);
    assert_eq!(spell.left, None);
    let again = SpellMessage { sent: minute(30), control_id: "again".into(), content: "again".into(), ..left(1001) };
    let spell = fold(&[admitted(0, "J27"), planned, message_at(SpellEvent::CancelDischarge, 20), again]);
    assert_eq!(spell.left, Some(minute(1001)), "a discharge sent afterwards applies");
}

#[test]
fn cancelling_an_earlier_discharge_joins_the_later_stay() {
    let messages = [admitted(0, "J27"), left(100), admitted(200, "J29"), message_at(SpellEvent::CancelDischarge, 300)];
    let spell = fold(&messages);
    assert_eq!((spell.left, wards(&spell)), (None, vec!["J29"]));
    assert_eq!(warned(&spell), [Warning::MovedByAdmission], "the patient never left");
}
