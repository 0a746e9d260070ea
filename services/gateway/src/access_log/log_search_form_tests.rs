//! Tests of `log_search_form.rs`.

use super::*;

#[test]
fn times_are_read_as_london_time() {
    let parse = |text| parse_time(text, "From").map(|at| at.map(|at| at.to_string()));
    assert_eq!(parse("2026-07-05T14:05").unwrap().as_deref(), Some("2026-07-05T13:05:00Z"));
    assert_eq!(parse("2026-01-05T14:05").unwrap().as_deref(), Some("2026-01-05T14:05:00Z"));
    assert_eq!(parse("2026-01-05").unwrap().as_deref(), Some("2026-01-05T00:00:00Z"));
    assert_eq!(parse(" ").unwrap(), None);
    assert!(parse("yesterday").is_err());
}

#[test]
fn an_empty_form_makes_no_query_and_an_error_repeats_no_input() {
    let query = |form: &LogSearchForm| form.query(Timestamp::UNIX_EPOCH);
    assert_eq!(query(&LogSearchForm::default()).unwrap(), None);
    let form = LogSearchForm { outcome: "refused".into(), ..LogSearchForm::default() };
    assert!(query(&form).unwrap().is_some());
    let form = LogSearchForm { person: "SMITH".into(), ..LogSearchForm::default() };
    assert!(!query(&form).unwrap_err().outward().contains("SMITH"));
}

#[test]
fn a_search_by_name_begins_28_days_ago_unless_a_start_is_given() {
    let now: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
    let form = LogSearchForm { name: " Khan ".into(), ..LogSearchForm::default() };
    let query = form.query(now).unwrap().unwrap();
    assert_eq!((query.name.as_deref(), query.from), (Some("Khan"), Some("2026-11-01T12:00:00Z".parse().unwrap())));
    assert!(form.summary(2, 2).contains("Of the last 28 days"));
    let form = LogSearchForm { from: "2026-01-05T14:05".into(), ..form };
    assert_eq!(form.query(now).unwrap().unwrap().from, Some("2026-01-05T14:05:00Z".parse().unwrap()));
}

#[test]
fn no_link_carries_a_name() {
    let from = LogSearchForm { from: "2026-01-05T14:05".into(), ..LogSearchForm::default() };
    let names = [("names", "yes")];
    assert_eq!(from.link(&names).unwrap(), "/privacy?names=yes&from=2026-01-05T14%3A05");
    let named = LogSearchForm { name: "Khan".into(), ..from };
    assert_eq!(named.link(&names), None);
    let stored = LogSearchForm { r: "0190a1b2".into(), ..named };
    assert_eq!(stored.link(&names).unwrap(), "/privacy?names=yes&r=0190a1b2");
}
