//! Tests of how dates, ages, times and queries are written.

use jiff::{ToSpan, civil::date};

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
    for (text, words) in cases {
        assert_eq!(format_sent_date(text), words);
    }
    assert_eq!(format_sent_day("2026-07-05T13:05:00Z"), "05-Jul-2026");
    assert_eq!(date_range("2026-02"), Some((date(2026, 2, 1), date(2026, 2, 28))));
    assert_eq!(date_range("some time"), None);
}

#[test]
fn ages_use_the_unit_for_the_age_group() {
    let on = date(2026, 11, 21);
    let cases = [
        (date(1945, 7, 14), "81y"),
        (date(2009, 3, 1), "17y 8m"),
        (date(2025, 10, 1), "13m 20d"),
        (date(2026, 6, 1), "24w 5d"),
        (date(2026, 11, 10), "11d"),
    ];
    for (born, words) in cases {
        assert_eq!(format_age(born, on).as_deref(), Some(words));
    }
    assert_eq!(format_age(date(2027, 1, 1), on), None);
}

#[test]
fn patients_see_plain_dates() {
    let at: Timestamp = "2026-03-05T14:05:00Z".parse().unwrap();
    assert_eq!(format_moment_for_patient(at), "5 March 2026 at 2:05pm");
    assert_eq!(format_time_with_seconds(at), "14:05:00");
}

#[test]
fn query_values_are_escaped() {
    assert_eq!(encode_query_value("http://loinc.org|1 mL/min"), "http%3A%2F%2Floinc.org%7C1%20mL%2Fmin");
}

#[test]
fn past_times_are_in_words() {
    let now: Timestamp = "2026-11-21T14:05:02Z".parse().unwrap();
    for (minutes, words) in
        [(0, "just now"), (59, "59 minutes ago"), (60, "1 hour ago"), (1439, "23 hours ago"), (2880, "2 days ago")]
    {
        assert_eq!(format_ago(now - i64::from(minutes).minutes(), now), words);
    }
    assert_eq!(format_ago(now + 3.minutes(), now), "just now", "clocks differ a little");
}
