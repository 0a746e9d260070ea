//! Tests of cancels within a visit (RULES.md, E3 to E8). A cancel must remove only the event that it names.

use super::*;

#[test]
fn e3_a_cancel_removes_only_the_event_that_it_names() {
    let named = SpellMessage {
        occurred: Some(at("26T10:00:00Z")),
        ..message_at(SpellEvent::CancelTransfer, "26T12:00:00Z", "H1")
    };
    let messages = [
        admitted("26T08:00:00Z", "H1", "AMU"),
        moved("26T10:00:00Z", "AMU", "J27"),
        moved("26T11:00:00Z", "AMU", "J28"),
        named,
    ];
    any_order(&messages, |stays| {
        assert_eq!(on_ward(&stays[0].spell), Some("J28"));
        assert!(stays[0].spell.warnings.is_empty());
    });
    // The same cancel again removes nothing more.
    let again = SpellMessage { sent: at("26T12:30:00Z"), content: "again".into(), ..messages[3].clone() };
    let spell = fold_latest(&[messages.to_vec(), vec![again]].concat());
    assert_eq!(on_ward(&spell), Some("J28"));
}

#[test]
fn e4_a_cancel_without_prior_place_removes_the_last_move() {
    let cancel = SpellMessage { place: ward("J27"), ..message_at(SpellEvent::CancelTransfer, "26T12:30:00Z", "H1") };
    let messages = [
        admitted("25T08:00:00Z", "H1", "AMU"),
        moved("25T12:00:00Z", "AMU", "J27"),
        moved("26T12:00:00Z", "J27", "J28"),
        cancel,
    ];
    any_order(&messages, |stays| assert_eq!(on_ward(&stays[0].spell), Some("J27")));
}

#[test]
fn e6_a_cancelled_admission_is_no_stay_until_it_is_sent_again() {
    let (came, cancel) =
        (admitted("26T09:00:00Z", "H1", "J27"), message_at(SpellEvent::CancelAdmit, "26T12:00:00Z", "H1"));
    any_order(&[came.clone(), moved("26T10:00:00Z", "J27", "J28"), cancel.clone()], |stays| {
        assert!(!stays[0].spell.is_actual_stay());
    });
    let anew = admitted("26T13:00:00Z", "H1", "J29");
    any_order(&[came.clone(), cancel.clone(), anew], |stays| {
        assert!(in_hospital(&stays[0].spell));
        assert_eq!(on_ward(&stays[0].spell), Some("J29"));
    });
    // A later move says that they are in a bed after all: listed, with a warning.
    any_order(&[came, cancel, moved("26T14:00:00Z", "J27", "J28")], |stays| {
        assert!(in_hospital(&stays[0].spell));
        assert!(stays[0].spell.warnings.contains(&Warning::MovedAfterCancel));
    });
}

#[test]
fn e8_a_leave_ends_with_a_move() {
    let out = message_at(SpellEvent::LeaveOut, "26T10:00:00Z", "H1");
    let messages = [admitted("25T09:00:00Z", "H1", "J27"), out.clone()];
    assert!(fold_latest(&messages).on_leave);
    let back = moved("26T18:00:00Z", "J27", "J28");
    assert!(!fold_latest(&[messages.to_vec(), vec![back]].concat()).on_leave);
}

#[test]
fn e3a_a_cancel_of_an_unknown_event_removes_nothing_and_warns() {
    let cancel = SpellMessage {
        occurred: Some(at("23T09:00:00Z")),
        ..message_at(SpellEvent::CancelAdmit, "26T12:00:00Z", "H1")
    };
    any_order(&[admitted("26T09:00:00Z", "H1", "J27"), cancel], |stays| {
        assert!(in_hospital(&stays[0].spell));
        assert!(stays[0].spell.warnings.contains(&Warning::CancelUnclear));
    });
}

#[test]
fn e5_a_real_cancel_shortly_after_a_repeat_is_no_edit() {
    let first = left("27T14:05:00Z", "H1", "27T14:00:00Z");
    let repeated = SpellMessage {
        destination: FieldUpdate::Set("54".into()),
        content: "again".into(),
        ..left("27T15:00:00Z", "H1", "27T14:00:00Z")
    };
    let cancel = message_at(SpellEvent::CancelDischarge, "27T15:00:40Z", "H1");
    let messages = [admitted("26T09:00:00Z", "H1", "J27"), first, repeated, cancel];
    any_order(&messages, |stays| assert!(in_hospital(&stays[0].spell)));
}
