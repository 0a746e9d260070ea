//! Tests of the delays: totals, and a file that is safe to open.

use jiff::civil::date;

use super::*;

fn delay(ward: &str, waits: Vec<DelayReason>) -> Delay {
    Delay {
        hospital: "St Hilda's".into(),
        ward: Some(ward.into()),
        in_hospital: 10,
        expected_passed: 1,
        expected_passed_days: 4,
        fit: 2,
        bed_days_lost: 7,
        fit_without_date: 1,
        waits,
        ..Delay::default()
    }
}

fn wait(what: &str) -> DelayReason {
    DelayReason { what: what.into(), by: Some("Social care".into()), people: 2, since: Some(date(2026, 11, 12)) }
}

fn delays(all: Vec<Delay>) -> Delays {
    Delays { as_of: jiff::Timestamp::UNIX_EPOCH, delays: all, hospitals: vec![] }
}

#[test]
fn wards_are_sorted_and_totals_come_last() {
    let tables = tables(&delays(vec![delay("J28", vec![]), delay("J27", vec![wait("Care package")])]));
    let rows: Vec<String> = tables[0]
        .rows
        .iter()
        .map(|row| row.cells.iter().map(|cell| cell.text().join(" ")).collect::<Vec<_>>().join(" | "))
        .collect();
    assert_eq!(
        rows[0],
        "J27 | not sent by this hospital | 10 | 1 person 4 days in all | 2 people 1 with no start date sent | 7 \
         days | Care package, from Social care: 2 people, since 12-Nov-2026"
    );
    assert!(rows[1].ends_with("| nothing named"));
    assert!(rows[2].starts_with("All wards | All specialties | 20 | 2 people 8 days in all | 4 people"));
}

#[test]
fn a_file_has_figures_once_and_no_formula() {
    let text = csv(&delays(vec![delay("=cmd()", vec![wait("Care, \"package\""), wait("-1")])]));
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines[0].split(',').count(), FILE_COLUMNS.len());
    assert_eq!(lines[1], "St Hilda's,'=cmd(),,10,1,4,2,7,1,\"Care, \"\"package\"\"\",Social care,2,2026-11-12");
    assert_eq!(lines[2], "St Hilda's,'=cmd(),,,,,,,,'-1,Social care,2,2026-11-12");
    assert_eq!(lines[3], "", "the last line ends with a line break");
}
