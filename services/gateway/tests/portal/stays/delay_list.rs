//! Delays by ward and specialty. All of them are invented.

use jiff::civil::date;
use lcr_contracts::ward::{Delay, DelayReason};

/// Delays of two wards. One reason looks like a spreadsheet formula.
pub fn delays() -> Vec<Delay> {
    let wait = |what: &str, by: Option<&str>, people, day| DelayReason {
        what: what.into(),
        by: by.map(Into::into),
        people,
        since: Some(date(2026, 11, day)),
    };
    let one = |ward: Option<&str>, specialty: &str, waits| Delay {
        hospital: "St Hilda's Hospitals".into(),
        ward: ward.map(Into::into),
        specialty: Some(specialty.into()),
        in_hospital: 12,
        expected_passed: 3,
        expected_passed_days: 9,
        fit: 2,
        bed_days_lost: 11,
        fit_without_date: 1,
        waits,
    };
    let waits =
        vec![wait("Care package, restart", Some("Adult Social Care"), 2, 12), wait("=HYPERLINK(\"x\")", None, 1, 20)];
    vec![one(Some("J27"), "Cardiology", waits), one(None, "Elderly medicine", vec![])]
}
