//! Tests of `choices.rs`.

use super::*;

const ALL: [ChoiceStatus; 5] = [
    ChoiceStatus::Applied,
    ChoiceStatus::Requested,
    ChoiceStatus::Upheld,
    ChoiceStatus::Refused,
    ChoiceStatus::Withdrawn,
];

#[test]
fn a_new_objection_is_in_force_unless_a_proxy_makes_it() {
    assert!(initial_status(Role::Patient).in_force() && initial_status(Role::Receptionist).in_force());
    assert!(!initial_status(Role::ProxyParent).in_force());
}

#[test]
fn a_withdrawn_choice_stays_withdrawn_and_a_review_needs_a_reason() {
    for status in ALL {
        assert_eq!(status_after_review(status, true, " "), Err(ChoiceError::ReviewWithoutReason));
        let over = matches!(status, ChoiceStatus::Withdrawn | ChoiceStatus::Refused);
        assert_eq!(status_after_withdrawal(status).is_err(), over);
    }
    assert_eq!(status_after_review(ChoiceStatus::Withdrawn, true, "heard"), Err(ChoiceError::AlreadyClosed));
    assert_eq!(status_after_review(ChoiceStatus::Applied, false, "safety"), Ok(ChoiceStatus::Refused));
}

#[test]
fn the_person_or_the_recorder_may_withdraw_and_the_recorder_gives_a_reason() {
    assert_eq!(withdrawal_reason(Withdrawer::Person, None), Ok(None));
    assert_eq!(
        withdrawal_reason(Withdrawer::Recorder, Some(" asked by phone ")),
        Ok(Some("asked by phone".to_owned()))
    );
    for none in [None, Some(""), Some("  ")] {
        assert_eq!(withdrawal_reason(Withdrawer::Recorder, none), Err(ChoiceError::WithdrawnWithoutReason));
    }
    assert_eq!(withdrawal_reason(Withdrawer::Other, Some("why")), Err(ChoiceError::NotPermitted));
    let long = "x".repeat(MAX_REASON_LENGTH + 1);
    assert_eq!(withdrawal_reason(Withdrawer::Person, Some(&long)), Err(ChoiceError::ReasonTooLong));
}

#[test]
fn each_direction_closes_only_what_it_names() {
    let (a, b) = (OdsCode::new("A"), OdsCode::new("B"));
    let one = |direction, organisation| vec![Objection { direction, organisation }];
    assert!(close_record(&one(Direction::Whole, None), &a));
    assert!(close_record(&one(Direction::Into, Some(a.clone())), &a));
    assert!(!close_record(&one(Direction::Into, Some(a.clone())), &b));
    let out = one(Direction::OutOf, Some(a.clone()));
    assert!(!close_record(&out, &a) && withhold_system(&out, &a, &SystemKind::Hospital, None));
    assert!(!withhold_system(&out, &b, &SystemKind::Hospital, Some("A")));
    assert!(withhold_system(&out, &b, &SystemKind::Gp, Some("A")), "a shared GP system");
}

#[test]
fn a_reason_must_be_readable() {
    for nothing in ["", " ", "\u{a0}", "\u{200b}", "\u{2060}\u{feff}", "\0\u{7}", "\u{3164}", "...", "\u{e0041}"] {
        assert_eq!(clean_reason(nothing), None, "{nothing:?}");
        assert_eq!(status_after_review(ChoiceStatus::Requested, true, nothing), Err(ChoiceError::ReviewWithoutReason));
    }
    assert_eq!(clean_reason(" \u{202e}evil\u{202c}\0 ").as_deref(), Some("evil"));
    assert_eq!(clean_reason("Zażółć: 病院\nline two").as_deref(), Some("Zażółć: 病院\nline two"));
}

#[test]
fn a_direction_requires_or_forbids_an_organisation() {
    let new = |direction, organisation: Option<&str>| NewChoice {
        direction,
        organisation: organisation.map(OdsCode::new),
        reason: None,
    };
    let known = |ods: &OdsCode| ods.as_str() == "A";
    assert!(check_new(&new(Direction::Whole, None), known).is_ok());
    assert!(check_new(&new(Direction::Whole, Some("A")), known).is_err());
    assert!(check_new(&new(Direction::Into, None), known).is_err());
    assert!(check_new(&new(Direction::Into, Some("B")), known).is_err());
    assert!(check_new(&new(Direction::OutOf, Some("A")), known).is_ok());
}
