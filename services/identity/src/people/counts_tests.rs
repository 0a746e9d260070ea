//! Tests of `counts.rs`.

use lcr_model::UserId;

use super::*;

#[test]
fn a_leaver_is_not_eligible_and_still_counts_in_the_month_of_their_last_sign_in() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let person = |active, first: Option<&str>, last: Option<&str>| SignInTimes {
        user: Some(UserId::new("u")),
        active,
        first: first.map(at),
        last: last.map(at),
    };
    let (old, new) = (Some("2026-10-01T08:00:00Z"), Some("2026-11-02T08:00:00Z"));
    let people =
        vec![person(true, None, None), person(true, old, new), person(true, old, old), person(false, old, new)];
    let counts = count(people, at("2026-11-30T12:00:00Z"));
    assert_eq!((counts.eligible, counts.activated, counts.signed_in_this_month), (3, 2, 2));
}

#[test]
fn a_month_begins_at_midnight_in_london() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert_eq!(month_start(at("2026-07-20T12:00:00Z")), at("2026-06-30T23:00:00Z"));
}
