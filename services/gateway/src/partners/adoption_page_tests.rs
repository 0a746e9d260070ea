//! Tests of `adoption_page.rs`.

use super::*;

#[test]
fn the_time_to_the_first_view_is_said_in_its_own_unit() {
    let words = |seconds| median_words(&Adoption { median_seconds_to_first_view: seconds, ..Adoption::default() });
    assert_eq!(words(None), "nobody has looked yet");
    assert_eq!(words(Some(59)), "less than a minute");
    assert_eq!(words(Some(60)), "1 minute");
    assert_eq!(words(Some(7300)), "2 hours");
    assert_eq!(words(Some(200_000)), "2 days");
}

#[test]
fn what_the_log_did_not_answer_is_unknown_and_never_nothing() {
    let grid = adoption_grid(&SignInCounts { eligible: 3, ..SignInCounts::default() }, None);
    let figures: Vec<&str> = grid.rows.iter().map(|row| row[1].lines[0].as_str()).collect();
    assert_eq!(figures, ["3", "0", "0", UNKNOWN, UNKNOWN]);
}

#[test]
fn the_month_begins_at_midnight_in_london() {
    let start = month_start("2026-07-15T12:00:00Z".parse().unwrap());
    assert_eq!(start.to_string(), "2026-06-30T23:00:00Z");
}
