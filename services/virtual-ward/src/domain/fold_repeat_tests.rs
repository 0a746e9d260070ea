//! Tests of messages that are sent again after their cancel at the same event time: only the message time shows that they
//! count. Also tests whose details and class a stay has, and when it ends.

use super::*;
use crate::domain::list_category::categorise;
use lcr_contracts::ward::ListCategory;

/// The same message again under another control id.
fn again(message: &SpellMessage, sent: i64) -> SpellMessage {
    let control = format!("again{sent}");
    SpellMessage { sent: minute(sent), content: control.clone(), control_id: control, ..message.clone() }
}

fn cancelled(event: SpellEvent, happened: i64, sent: i64) -> SpellMessage {
    SpellMessage { sent: minute(sent), ..message_at(event, happened) }
}

#[test]
fn a_discharge_sent_again_after_its_cancel_counts_at_the_same_event_time() {
    let leaving = left(100);
    for happened in [90, 100, 110] {
        let cancel = cancelled(SpellEvent::CancelDischarge, happened, 110);
        let corrected = SpellMessage { destination: FieldUpdate::Set("54".into()), ..again(&leaving, 120) };
        for anew in [again(&leaving, 120), corrected] {
            let mut messages = vec![admitted(0, "J27"), leaving.clone(), cancel.clone(), anew.clone()];
            assert_eq!(fold(&messages).left, Some(minute(100)), "cancel at {happened}");
            messages.push(again(&cancel, 130));
            assert_eq!(fold(&messages).left, None, "and can be cancelled again, cancel at {happened}");
            messages.push(again(&anew, 140));
            assert_eq!(fold(&messages).left, Some(minute(100)), "and so on, cancel at {happened}");
        }
    }
}

#[test]
fn an_admission_sent_again_at_its_event_time_opens_the_stay() {
    let came = admitted(0, "J27");
    for happened in [-5, 0, 30] {
        let cancel = cancelled(SpellEvent::CancelAdmit, happened, 30);
        let mut messages = vec![came.clone(), cancel.clone(), again(&came, 60)];
        let spell = fold(&messages);
        assert!(spell.is_actual_stay(), "cancel at {happened}");
        assert_eq!((spell.phase, wards(&spell)), (Phase::Admitted, vec!["J27"]));
        messages.push(again(&cancel, 90));
        assert!(!fold(&messages).is_actual_stay(), "cancel at {happened}");
    }
}

#[test]
fn a_repeated_registration_does_not_restore_a_cancelled_admission() {
    let attends = at(SpellEvent::Register, 0, "ED");
    let cancel = cancelled(SpellEvent::CancelAdmit, 12, 12);
    let messages = [attends.clone(), again(&attends, 60), admitted(10, "J27"), cancel];
    // Only the admission is cancelled: the patient attends and has no bed.
    assert_eq!(fold(&messages).phase, Phase::Attending);
    assert_eq!(categorise(&fold(&messages), false), None);
}

#[test]
fn a_transfer_sent_again_at_its_event_time_counts() {
    let went = moved(10, "J27", "J28");
    let cancel = SpellMessage { sent: minute(12), ..cancelled_transfer(10, "J28", "J27") };
    let mut messages = vec![admitted(0, "J27"), went.clone(), cancel.clone(), again(&went, 20)];
    assert_eq!(wards(&fold(&messages)), ["J27", "J28"]);
    messages.push(again(&cancel, 30));
    assert_eq!(wards(&fold(&messages)), ["J27"]);
}

#[test]
fn an_update_takes_no_admitted_patient_off_the_list() {
    for event in [SpellEvent::Update, SpellEvent::Register, SpellEvent::Transfer, SpellEvent::PreAdmit] {
        let update = SpellMessage { class: FieldUpdate::Set("E".into()), ..message_at(event, 60) };
        let spell = fold(&[admitted(0, "J27"), update.clone()]);
        assert_eq!(
            categorise(&spell, false).map(|placement| placement.category),
            Some(ListCategory::Main),
            "{event:?}"
        );
        // The same holds if the admission had no class.
        let spell = fold(&[at(SpellEvent::Admit, 0, "J27"), update]);
        assert!(categorise(&spell, false).is_some_and(|placement| placement.is_unsure), "{event:?}");
    }
    let day_case = SpellMessage { class: FieldUpdate::Set("D".into()), ..message_at(SpellEvent::Update, 60) };
    let spell = fold(&[admitted(0, "J27"), day_case]);
    assert_eq!(categorise(&spell, false).map(|placement| placement.category), Some(ListCategory::DayCase));
    let spell = fold(&[admitted(0, "J27"), at(SpellEvent::ToOutpatient, 60, "CLINIC")]);
    assert_eq!(categorise(&spell, false), None, "a change of class does");
}

#[test]
fn a_visit_given_to_another_patient_keeps_no_details_of_the_first() {
    let mut first = admitted(0, "J27");
    first.patient.nhs_number = Some("9990000018".into());
    first.patient.birth_date = Some("1945-07-14".parse().unwrap());
    first.patient.died = true;
    let mut second = message_at(SpellEvent::Update, 30);
    second.identity.local_id = LocalId("H2".into());
    second.patient = PatientDetails { family: "JONES".into(), ..PatientDetails::default() };
    let spell = fold(&[first.clone(), second.clone()]);
    assert_eq!((&spell.patient, spell.has_died()), (&second.patient, false));
    second.patient.family.clear();
    assert_eq!(fold(&[first, second]).patient, PatientDetails::default(), "not even the name");
}

#[test]
fn an_attendance_ends_a_day_after_its_last_event() {
    const DAY: i64 = 24 * 60;
    for class in ["E", "O", "R"] {
        let attends = SpellMessage { class: FieldUpdate::Set(class.into()), ..at(SpellEvent::Register, 0, "ED") };
        let until = |more: &[SpellMessage]| fold(&[std::slice::from_ref(&attends), more].concat()).relationship_until();
        assert_eq!(until(&[]), Some(minute(DAY).at), "{class}");
        assert_eq!(until(&[moved(300, "ED", "EDU")]), Some(minute(300 + DAY).at), "a transfer extends it");
        assert_eq!(until(&[at(SpellEvent::Update, 9000, "ED")]), Some(minute(DAY).at), "an update does not extend it");
        assert_eq!(until(&[left(200)]), Some(minute(200).at));
        assert_eq!(until(&[admitted(100, "J27")]), None, "in a bed");
        let cancelled = message_at(SpellEvent::CancelDischarge, 210);
        assert_eq!(until(&[left(200), cancelled]), Some(minute(DAY).at));
    }
    let spell = fold(&[admitted(0, "J27"), at(SpellEvent::ToOutpatient, 500, "CLINIC")]);
    assert_eq!(spell.relationship_until(), Some(minute(500 + DAY).at));
}
