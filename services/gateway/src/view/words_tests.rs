//! Dates stay as precise as they were sent; ages follow the units of the banner standard.

use jiff::civil::date;

use super::*;

#[test]
fn dates_stay_as_precise_as_they_were_sent() {
    let cases = [
        ("2026", "2026"),
        ("2026-03", "Mar-2026"),
        ("2026-03-05", "05-Mar-2026"),
        ("2026-07-05T13:05:00Z", "05-Jul-2026 14:05"),
        ("2026-01-05T14:05:00+00:00", "05-Jan-2026 14:05"),
        ("2026-01-05T14:05:00", "05-Jan-2026 14:05"),
        ("in the spring", "in the spring"),
    ];
    for (sent_as, words) in cases {
        assert_eq!(sent(sent_as), words);
    }
    assert_eq!(sent_day("2026-07-05T13:05:00Z"), "05-Jul-2026");
    assert_eq!(span("2026-02"), Some((date(2026, 2, 1), date(2026, 2, 28))));
    assert_eq!(span("some time"), None);
}

#[test]
fn ages_use_the_unit_of_the_age() {
    let on = date(2026, 11, 21);
    let cases = [
        (date(1945, 7, 14), "81y"),
        (date(2009, 3, 1), "17y 8m"),
        (date(2025, 10, 1), "13m 20d"),
        (date(2026, 6, 1), "24w 5d"),
        (date(2026, 11, 10), "11d"),
    ];
    for (born, words) in cases {
        assert_eq!(age(born, on).as_deref(), Some(words));
    }
    assert_eq!(age(date(2027, 1, 1), on), None);
}

#[test]
fn patients_read_plain_dates() {
    let at: Timestamp = "2026-03-05T14:05:00Z".parse().unwrap();
    assert_eq!(patient_moment(at), "5 March 2026 at 2:05pm");
    assert_eq!(clock_seconds(at), "14:05:00");
}

#[test]
fn queries_of_ours_are_escaped() {
    assert_eq!(in_query("http://loinc.org|1 mL/min"), "http%3A%2F%2Floinc.org%7C1%20mL%2Fmin");
}
