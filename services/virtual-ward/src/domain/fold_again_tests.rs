//! What is told again after its cancel, at its own time: only by when it was sent is it known to count. And whose
//! words, whose class and until when.

use super::*;
use crate::domain::shelf::listed;
use lcr_contracts::ward::Shelf;

/// The same once more, under another control id.
fn again(message: &SpellMessage, sent: i64) -> SpellMessage {
    let control = format!("again{sent}");
    SpellMessage { sent: minute(sent), content: control.clone(), control_id: control, ..message.clone() }
}

fn cancelled(event: SpellEvent, happened: i64, sent: i64) -> SpellMessage {
    SpellMessage { sent: minute(sent), ..told(event, happened) }
}

#[test]
fn a_leaving_told_again_after_its_cancel_counts_although_its_time_is_the_same() {
    let leaving = left(100);
    for happened in [90, 100, 110] {
        let cancel = cancelled(SpellEvent::CancelDischarge, happened, 110);
        let corrected = SpellMessage { destination: Told::Set("54".into()), ..again(&leaving, 120) };
        for anew in [again(&leaving, 120), corrected] {
            let mut story = vec![admitted(0, "J27"), leaving.clone(), cancel.clone(), anew.clone()];
            assert_eq!(fold(&story).left, Some(minute(100)), "cancel at {happened}");
            story.push(again(&cancel, 130));
            assert_eq!(fold(&story).left, None, "and can be taken back again, cancel at {happened}");
            story.push(again(&anew, 140));
            assert_eq!(fold(&story).left, Some(minute(100)), "and so on, cancel at {happened}");
        }
    }
}

#[test]
fn an_admission_made_again_at_its_own_time_opens_the_stay() {
    let came = admitted(0, "J27");
    for happened in [-5, 0, 30] {
        let cancel = cancelled(SpellEvent::CancelAdmit, happened, 30);
        let mut story = vec![came.clone(), cancel.clone(), again(&came, 60)];
        let spell = fold(&story);
        assert!(spell.counts(), "cancel at {happened}");
        assert_eq!((spell.phase, wards(&spell)), (Phase::Admitted, vec!["J27"]));
        story.push(again(&cancel, 90));
        assert!(!fold(&story).counts(), "cancel at {happened}");
    }
}

#[test]
fn a_registration_told_again_does_not_save_the_admission_that_was_cancelled() {
    let attends = at(SpellEvent::Register, 0, "ED");
    let cancel = cancelled(SpellEvent::CancelAdmit, 12, 12);
    let story = [attends.clone(), again(&attends, 60), admitted(10, "J27"), cancel];
    // The admission alone is taken back: they attend, and are in no bed.
    assert_eq!(fold(&story).phase, Phase::Attending);
    assert_eq!(listed(&fold(&story), false), None);
}

#[test]
fn a_transfer_made_again_at_its_own_time_stands() {
    let went = moved(10, "J27", "J28");
    let cancel = SpellMessage { sent: minute(12), ..taken_back(10, "J28", "J27") };
    let mut story = vec![admitted(0, "J27"), went.clone(), cancel.clone(), again(&went, 20)];
    assert_eq!(wards(&fold(&story)), ["J27", "J28"]);
    story.push(again(&cancel, 30));
    assert_eq!(wards(&fold(&story)), ["J27"]);
}

#[test]
fn an_update_in_passing_takes_nobody_off_the_list() {
    for event in [SpellEvent::Update, SpellEvent::Register, SpellEvent::Transfer, SpellEvent::PreAdmit] {
        let says = SpellMessage { class: Told::Set("E".into()), ..told(event, 60) };
        let spell = fold(&[admitted(0, "J27"), says.clone()]);
        assert_eq!(listed(&spell, false).map(|listed| listed.shelf), Some(Shelf::Main), "{event:?}");
        // Nor where the admission told no class.
        let spell = fold(&[at(SpellEvent::Admit, 0, "J27"), says]);
        assert!(listed(&spell, false).is_some_and(|listed| listed.unsure), "{event:?}");
    }
    let day_case = SpellMessage { class: Told::Set("D".into()), ..told(SpellEvent::Update, 60) };
    let spell = fold(&[admitted(0, "J27"), day_case]);
    assert_eq!(listed(&spell, false).map(|listed| listed.shelf), Some(Shelf::DayCase));
    let spell = fold(&[admitted(0, "J27"), at(SpellEvent::ToOutpatient, 60, "CLINIC")]);
    assert_eq!(listed(&spell, false), None, "a change of class does");
}

#[test]
fn a_visit_that_is_now_anothers_keeps_nothing_of_the_patient_before() {
    let mut first = admitted(0, "J27");
    first.patient.nhs_number = Some("9990000018".into());
    first.patient.birth_date = Some("1945-07-14".parse().unwrap());
    first.patient.died = true;
    let mut now_bens = told(SpellEvent::Update, 30);
    now_bens.identity.local_id = LocalId("H2".into());
    now_bens.patient = PatientSaid { family: "JONES".into(), ..PatientSaid::default() };
    let spell = fold(&[first.clone(), now_bens.clone()]);
    assert_eq!((&spell.patient, spell.died()), (&now_bens.patient, false));
    now_bens.patient.family.clear();
    assert_eq!(fold(&[first, now_bens]).patient, PatientSaid::default(), "nor the name");
}

#[test]
fn an_attendance_ends_a_day_after_the_last_that_was_told_of_it() {
    const DAY: i64 = 24 * 60;
    for class in ["E", "O", "R"] {
        let attends = SpellMessage { class: Told::Set(class.into()), ..at(SpellEvent::Register, 0, "ED") };
        let until = |more: &[SpellMessage]| {
            fold(&[std::slice::from_ref(&attends), more].concat()).relationship_until()
        };
        assert_eq!(until(&[]), Some(minute(DAY).at), "{class}");
        assert_eq!(until(&[moved(300, "ED", "EDU")]), Some(minute(300 + DAY).at), "still about");
        assert_eq!(
            until(&[at(SpellEvent::Update, 9000, "ED")]),
            Some(minute(DAY).at),
            "an address put right"
        );
        assert_eq!(until(&[left(200)]), Some(minute(200).at));
        assert_eq!(until(&[admitted(100, "J27")]), None, "in a bed");
        let cancelled = told(SpellEvent::CancelDischarge, 210);
        assert_eq!(until(&[left(200), cancelled]), Some(minute(DAY).at));
    }
    let spell = fold(&[admitted(0, "J27"), at(SpellEvent::ToOutpatient, 500, "CLINIC")]);
    assert_eq!(spell.relationship_until(), Some(minute(500 + DAY).at));
}
