//! Tests of the rules for time and for effective events (RULES.md, T1 to T3, E1 to E8).

#[path = "visit_cancel_tests.rs"]
mod cancels;

use super::*;

#[test]
fn e5_a_cancel_and_a_new_admission_in_one_second_correct_the_time() {
    let first =
        SpellMessage { admitted: FieldUpdate::Set(at("26T09:00:00Z")), ..admitted("26T09:10:00Z", "H1", "J27") };
    let cancel = message_at(SpellEvent::CancelAdmit, "26T12:00:03Z", "H1");
    let anew = SpellMessage {
        happened: at("25T23:00:00Z"),
        admitted: FieldUpdate::Set(at("25T23:00:00Z")),
        ..admitted("26T12:00:03Z", "H1", "J27")
    };
    any_order(&[first.clone(), cancel.clone(), anew.clone()], |stays| {
        assert_eq!(stays.len(), 1);
        assert!(in_hospital(&stays[0].spell));
        assert_eq!(stays[0].spell.arrival().unwrap().value, at("25T23:00:00Z"));
    });
    // Also one second apart, and with a clock that writes no seconds.
    let later = SpellMessage { sent: at("26T12:00:04Z"), ..anew.clone() };
    any_order(&[first.clone(), cancel.clone(), later], |stays| {
        assert_eq!(stays[0].spell.arrival().unwrap().value, at("25T23:00:00Z"));
    });
    let coarse = |message: &SpellMessage, sent: &str| SpellMessage { sent: at(sent), ..message.clone() };
    let messages = [coarse(&first, "26T09:10Z"), coarse(&cancel, "26T12:00Z"), coarse(&anew, "26T12:00Z")];
    any_order(&messages, |stays| {
        assert!(in_hospital(&stays[0].spell));
        assert_eq!(stays[0].spell.arrival().unwrap().value, at("25T23:00:00Z"));
    });
}

#[test]
fn e5_a_cancel_and_a_new_discharge_in_one_second_correct_the_discharge() {
    let to = |message: SpellMessage, to: &str| SpellMessage { destination: FieldUpdate::Set(to.into()), ..message };
    let messages = [
        admitted("24T09:00:00Z", "H1", "J27"),
        to(left("27T10:05:00Z", "H1", "27T10:00:00Z"), "79"),
        message_at(SpellEvent::CancelDischarge, "27T14:00:00Z", "H1"),
        to(left("27T14:00:00Z", "H1", "25T16:00:00Z"), "54"),
    ];
    any_order(&messages, |stays| {
        let spell = &stays.last().unwrap().spell;
        assert_eq!((stays.len(), spell.left), (1, Some(at("25T16:00:00Z"))));
        assert_eq!(spell.destination.as_ref().unwrap().value, "54");
        assert!(!spell.has_died());
    });
}

#[test]
fn e1_a_repeated_discharge_replaces_the_first_whatever_its_time() {
    let to = |message: SpellMessage, to: &str| SpellMessage { destination: FieldUpdate::Set(to.into()), ..message };
    let messages = [
        admitted("24T09:00:00Z", "H1", "J27"),
        to(left("27T10:05:00Z", "H1", "27T10:00:00Z"), "19"),
        to(left("27T14:00:00Z", "H1", "25T16:00:00Z"), "54"),
    ];
    any_order(&messages, |stays| {
        let spell = &stays[0].spell;
        assert_eq!(spell.left, Some(at("25T16:00:00Z")));
        assert_eq!(spell.destination.as_ref().unwrap().value, "54");
    });
}

#[test]
fn t2_two_moves_of_one_minute_follow_one_another_as_pv1_6_says() {
    let coarse = |message: SpellMessage, when: &str| SpellMessage { sent: at(when), happened: at(when), ..message };
    let messages = [
        coarse(admitted("26T08:05:00Z", "H1", "AMU"), "26T08:05Z"),
        coarse(moved("26T10:10:00Z", "AMU", "J27"), "26T10:10Z"),
        coarse(moved("26T10:10:01Z", "J27", "J28"), "26T10:10Z"),
    ];
    any_order(&messages, |stays| {
        assert_eq!(on_ward(&stays[0].spell), Some("J28"));
        assert!(stays[0].spell.warnings.is_empty());
    });
}

#[test]
fn t1_a_sequence_number_orders_messages_of_the_same_time() {
    let numbered = |message: SpellMessage, sequence| SpellMessage { sequence: Some(sequence), ..message };
    let anywhere = |when: &str, to: &str| SpellMessage { prior_place: FieldUpdate::Unchanged, ..moved(when, "", to) };
    let messages = [
        numbered(admitted("26T08:05:00Z", "H1", "AMU"), 7),
        numbered(anywhere("26T10:10:00Z", "J28"), 9),
        numbered(anywhere("26T10:10:00Z", "J27"), 10),
    ];
    any_order(&messages, |stays| assert_eq!(on_ward(&stays[0].spell), Some("J27")));
}

#[test]
fn e5_a_cancel_and_a_new_move_in_one_second_imply_no_missing_move() {
    let cancel = SpellMessage {
        place: ward("J27"),
        prior_place: ward("J28"),
        ..message_at(SpellEvent::CancelTransfer, "26T12:00:00Z", "H1")
    };
    let messages = [
        admitted("25T08:00:00Z", "H1", "J27"),
        moved("26T11:00:00Z", "J27", "J28"),
        cancel,
        moved("26T12:00:00Z", "J27", "J29"),
    ];
    any_order(&messages, |stays| {
        assert_eq!(on_ward(&stays[0].spell), Some("J29"));
        assert!(stays[0].spell.warnings.is_empty());
    });
}

#[test]
fn a_withdrawn_death_also_voids_a_discharge_as_dead() {
    let mut dead = left("27T06:15:00Z", "H1", "27T05:40:00Z");
    dead.patient.died = true;
    dead.discharge_method = FieldUpdate::Set("4".into());
    let messages = [admitted("25T09:00:00Z", "H1", "J27"), dead, message_at(SpellEvent::Update, "27T08:00:00Z", "H1")];
    assert!(fold_latest(&messages[..2]).has_died());
    assert!(!fold_latest(&messages).has_died());
}

#[test]
fn a_day_without_an_hour_stays_a_day_and_is_not_before_the_admission_on_it() {
    let messages = [admitted("27T10:00:00Z", "H1", "J27"), left("27T16:00:00Z", "H1", "27")];
    let spell = fold_latest(&messages);
    assert_eq!(spell.left, Some(at("27")));
    assert!(spell.warnings.is_empty());
    assert!(spell.has_left(at("27T16:00:00Z").at));
    // A day that is sent the day before is a plan: the patient has left when that day is over.
    let planned = fold_latest(&[admitted("25T10:00:00Z", "H1", "J27"), left("26T16:00:00Z", "H1", "27")]);
    assert!(!planned.has_left(at("27T12:00:00Z").at) && planned.has_left(at("28T00:00:00Z").at));
    assert!(
        fold_latest(&[admitted("27T10:00:00Z", "H1", "J27"), left("27T16:00:00Z", "H1", "26")])
            .warnings
            .contains(&Warning::LeftBeforeAdmitted)
    );
}

#[test]
fn a_withdrawn_death_is_not_shown() {
    let died = |when: &str, died: bool| {
        let mut update = message_at(SpellEvent::Update, when, "H1");
        update.patient.died = died;
        update
    };
    let messages = [admitted("25T09:00:00Z", "H1", "J27"), died("26T10:00:00Z", true), died("26T11:30:00Z", false)];
    any_order(&messages, |stays| assert!(!stays[0].spell.has_died()));
    assert!(fold_latest(&messages[..2]).has_died());
}

#[test]
fn a_discharge_dated_before_an_already_sent_move_ends_the_stay() {
    let messages = [
        admitted("24T09:00:00Z", "H1", "AMU"),
        moved("26T10:00:00Z", "AMU", "J27"),
        left("27T10:00:00Z", "H1", "25T15:00:00Z"),
    ];
    any_order(&messages, |stays| {
        assert_eq!(stays[0].spell.left, Some(at("25T15:00:00Z")));
        assert!(!stays[0].spell.warnings.contains(&Warning::MovedAfterLeaving));
    });
    let after = moved("28T10:00:00Z", "J27", "J28");
    let spell = fold_latest(&[messages.to_vec(), vec![after]].concat());
    assert!(spell.left.is_some() && spell.warnings.contains(&Warning::MovedAfterLeaving));
}

#[test]
fn an_admission_dated_after_its_first_move_still_comes_first() {
    let messages = [admitted("26T10:05:00Z", "H1", "AMU"), moved("26T10:00:00Z", "AMU", "J27")];
    any_order(&messages, |stays| {
        assert_eq!(on_ward(&stays[0].spell), Some("J27"));
        assert!(stays[0].spell.warnings.is_empty());
        assert_eq!(stays[0].spell.phase, Phase::Admitted);
    });
}

#[test]
fn pv1_6_corrects_moves_whose_clock_jumped() {
    let messages = [
        admitted("26T08:00:00Z", "H1", "AMU"),
        moved("26T11:00:00Z", "AMU", "J27"),
        moved("26T10:30:00Z", "J27", "J28"),
    ];
    any_order(&messages, |stays| {
        assert_eq!(on_ward(&stays[0].spell), Some("J28"));
        assert!(stays[0].spell.warnings.is_empty());
    });
}
