//! What a row says of a date, a bed and a plan.

use jiff::civil::date;

use super::*;

fn now() -> Timestamp {
    "2026-11-21T14:05:02Z".parse().unwrap()
}

#[test]
fn a_date_says_what_it_was_and_that_it_passed() {
    let said = |date, was, passed_days| expected(&Expected { date, was, passed_days }, now());
    let d = date(2026, 11, 24);
    assert_eq!(said(d, None, 0), ["24-Nov-2026"]);
    assert_eq!(said(d, Some(date(2026, 11, 20)), 0), ["24-Nov-2026", "was 20-Nov-2026"]);
    assert_eq!(said(d, Some(d), 0), ["24-Nov-2026"], "the same date is no change");
    assert_eq!(said(date(2026, 11, 21), None, 0), ["21-Nov-2026, today"]);
    assert_eq!(
        said(date(2026, 11, 19), Some(date(2026, 11, 18)), 2),
        ["19-Nov-2026", "passed 2 days ago, not updated", "was 18-Nov-2026"]
    );
    assert_eq!(said(date(2026, 11, 20), None, 1)[1], "passed 1 day ago, not updated");
}

#[test]
fn today_is_the_day_in_leeds() {
    let late: Timestamp = "2026-07-20T23:30:00Z".parse().unwrap();
    let told = Expected { date: date(2026, 7, 21), was: None, passed_days: 0 };
    assert_eq!(expected(&told, late), ["21-Jul-2026, today"]);
}

#[test]
fn criteria_to_reside_are_yes_or_no_since() {
    let told = |meets, since| needs_a_bed(&Reside { meets, code: None, since });
    assert_eq!(told(true, None), "yes");
    assert_eq!(told(false, Some(date(2026, 11, 19))), "no since 19-Nov-2026");
    assert_eq!(told(false, None), "no, since when was not sent");
}

#[test]
fn what_is_done_is_not_needed_and_an_empty_list_is_not_silence() {
    let item = |kind, text: &str, done| PlanItem {
        key: text.into(),
        kind,
        text: text.into(),
        by: Some("Pharmacy".into()),
        since: None,
        done,
    };
    let items =
        [item(PlanItemKind::Needed, "Medicines", false), item(PlanItemKind::Needed, "Transport", true)];
    assert_eq!(listed(&items, PlanItemKind::Needed), ["Medicines (Pharmacy)"]);
    assert_eq!(listed(&items, PlanItemKind::Waiting), ["nothing listed"]);
}

#[test]
fn days_so_far_are_in_words() {
    assert_eq!(
        [so_far(0), so_far(1), so_far(12)],
        ["today, 0 days so far", "1 day so far", "12 days so far"]
    );
    assert_eq!(pathway("p2"), "Pathway 2: a community bed for a time");
    assert_eq!(pathway("Fast track"), "Fast track", "another word is shown as sent");
}
