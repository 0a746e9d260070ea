//! The source's clock, and times without a zone. Without a zone the moment of an entry is unknown, so it must never pass.

use jiff::{SignedDuration, Timestamp, civil::DateTime};
use reqwest::header::{DATE, HeaderMap};
use serde_json::Value;

use crate::report::Report;

const MAX_DIFFERENCE: SignedDuration = SignedDuration::from_mins(5);

/// Times without a zone in all answers.
#[derive(Debug, Default, Clone, Copy)]
pub struct ZoneCount(usize);

impl ZoneCount {
    pub fn add(&mut self, without_zone: usize) {
        self.0 += without_zone;
    }
}

/// Compares the `Date` header with our clock.
pub fn check_clock(headers: &HeaderMap, now: Timestamp, report: &mut Report) {
    let date = headers.get(DATE).and_then(|value| value.to_str().ok());
    let Some(at) = date.and_then(|text| jiff::fmt::rfc2822::parse(text).ok()) else {
        report.warning("time", "The answer has no Date header, so we cannot compare the clocks.");
        return;
    };
    let difference = at.timestamp().duration_since(now).abs();
    if difference > MAX_DIFFERENCE {
        let text = format!("The source's clock differs from ours by {} seconds.", difference.as_secs());
        report.failed("time", format!("{text} Set it by NTP."));
    }
}

/// Reports the times of all answers. What `check_clock` found stays if it is worse.
pub fn check_zones(count: ZoneCount, report: &mut Report) {
    match count.0 {
        0 => report.passed("time", "The clocks agree, and every time has a zone."),
        many => report.failed("time", format!("{many} times have no zone. FHIR wants one: 2026-11-30T09:15:00+00:00.")),
    }
}

/// The texts in a resource that are a date with a time and have no zone.
pub fn count_without_zone(value: &Value) -> usize {
    match value {
        Value::String(text) => usize::from(is_time_without_zone(text)),
        Value::Array(list) => list.iter().map(count_without_zone).sum(),
        Value::Object(fields) => fields.values().map(count_without_zone).sum(),
        _ => 0,
    }
}

fn is_time_without_zone(text: &str) -> bool {
    let has_form = (16..=35).contains(&text.len()) && text.as_bytes().get(10) == Some(&b'T');
    has_form && text.parse::<Timestamp>().is_err() && text.parse::<DateTime>().is_ok()
}
