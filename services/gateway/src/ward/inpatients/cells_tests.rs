//! Tests of the cells of an in-patient's row.

use jiff::civil::date;

use super::*;

fn now() -> Timestamp {
    "2026-11-21T14:05:02Z".parse().unwrap()
}

#[test]
fn an_expected_date_shows_the_earlier_date_and_whether_it_passed() {
    let lines = |date, was, passed_days| expected_lines(&ExpectedDischarge { date, was, passed_days }, now());
    let d = date(2026, 11, 24);
    assert_eq!(lines(d, None, 0), ["24-Nov-2026"]);
    assert_eq!(lines(d, Some(date(2026, 11, 20)), 0), ["24-Nov-2026", "was 20-Nov-2026"]);
    assert_eq!(lines(d, Some(d), 0), ["24-Nov-2026"], "the same date is no change");
    assert_eq!(lines(date(2026, 11, 21), None, 0), ["21-Nov-2026, today"]);
    assert_eq!(
        lines(date(2026, 11, 19), Some(date(2026, 11, 18)), 2),
        ["19-Nov-2026", "passed 2 days ago, not updated", "was 18-Nov-2026"]
    );
    assert_eq!(lines(date(2026, 11, 20), None, 1)[1], "passed 1 day ago, not updated");
}

#[test]
fn today_is_the_day_in_london() {
    let late: Timestamp = "2026-07-20T23:30:00Z".parse().unwrap();
    let expected = ExpectedDischarge { date: date(2026, 7, 21), was: None, passed_days: 0 };
    assert_eq!(expected_lines(&expected, late), ["21-Jul-2026, today"]);
}

#[test]
fn criteria_to_reside_are_yes_or_no_since() {
    let text = |meets, since| needs_a_bed_text(&Reside { meets, code: None, since });
    assert_eq!(text(true, None), "yes");
    assert_eq!(text(false, Some(date(2026, 11, 19))), "no since 19-Nov-2026");
    assert_eq!(text(false, None), "no, start date not sent");
}

#[test]
fn done_items_are_left_out_and_an_empty_list_says_so() {
    let item = |kind, text: &str, done| PlanItem {
        key: text.into(),
        kind,
        text: text.into(),
        by: Some("Pharmacy".into()),
        since: None,
        done,
    };
    let items = [item(PlanItemKind::Needed, "Medicines", false), item(PlanItemKind::Needed, "Transport", true)];
    assert_eq!(open_items(&items, PlanItemKind::Needed), ["Medicines (Pharmacy)"]);
    assert_eq!(open_items(&items, PlanItemKind::Waiting), ["nothing recorded"]);
}

#[test]
fn days_so_far_are_in_words() {
    assert_eq!([so_far(0), so_far(1), so_far(12)], ["today, 0 days so far", "1 day so far", "12 days so far"]);
    assert_eq!(pathway_text("p2"), "Pathway 2: a community bed for a time");
    assert_eq!(pathway_text("Fast track"), "Fast track", "another word is shown as sent");
}
