//! Reads a `Period` as instants. A period that cannot be read must never count as open.

use jiff::{Timestamp, ToSpan, civil::Date};
use lcr_model::london;
use serde_json::Value;
use thiserror::Error;

use crate::read;

/// The first instant, and the instant after the last. `None` for an end that is open.
pub type Bounds = (Option<Timestamp>, Option<Timestamp>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the period cannot be read")]
pub struct UnreadablePeriod;

/// The bounds of a `Period`. No period is open on both ends.
pub fn bounds(period: Option<&Value>) -> Result<Bounds, UnreadablePeriod> {
    let period = match period {
        None | Some(Value::Null) => return Ok((None, None)),
        Some(period @ Value::Object(_)) => period,
        Some(_) => return Err(UnreadablePeriod),
    };
    let end = |name: &str| match read::at(period, name) {
        None | Some(Value::Null) => Ok(None),
        Some(text) => text.as_str().and_then(instants).map(Some).ok_or(UnreadablePeriod),
    };
    let (first, last) = (end("start")?, end("end")?);
    Ok((first.map(|(start, _)| start), last.map(|(_, next)| next)))
}

/// The first instant that a `dateTime` means, and the first that it no longer means: a year, a month and a day are whole ones
/// in London.
pub fn instants(text: &str) -> Option<(Timestamp, Timestamp)> {
    if text.contains('T') {
        let at = text.parse().ok()?;
        return Some((at, at));
    }
    let (first, span) = match text.len() {
        4 => (format!("{text}-01-01"), 1.year()),
        7 => (format!("{text}-01"), 1.month()),
        10 => (text.to_owned(), 1.day()),
        _ => return None,
    };
    let first: Date = first.parse().ok()?;
    let midnight = |day: Date| Some(day.to_zoned(london::zone()).ok()?.timestamp());
    Some((midnight(first)?, midnight(first.checked_add(span).ok()?)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "ends of a period are optional")]
    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_day_a_month_and_a_year_are_whole_ones_in_london() {
        let of = |start: &str, end: &str| bounds(Some(&json!({ "start": start, "end": end }))).unwrap();
        assert_eq!(of("2026-06-01", "2026-06-01"), (at("2026-05-31T23:00:00Z"), at("2026-06-01T23:00:00Z")));
        assert_eq!(of("2026-02", "2026-02"), (at("2026-02-01T00:00:00Z"), at("2026-03-01T00:00:00Z")));
        assert_eq!(of("2025", "2025"), (at("2025-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z")));
        let exact = "2026-06-01T09:00:00+01:00";
        assert_eq!(of(exact, exact), (at("2026-06-01T08:00:00Z"), at("2026-06-01T08:00:00Z")));
    }

    #[test]
    fn only_an_end_that_is_absent_is_open() {
        assert_eq!(bounds(None), Ok((None, None)));
        assert_eq!(bounds(Some(&json!({ "start": null }))), Ok((None, None)));
        let unreadable = [json!("2026"), json!({ "end": "soon" }), json!({ "end": 7 }), json!({ "end": "2026-13-01" })];
        for period in unreadable {
            assert_eq!(bounds(Some(&period)), Err(UnreadablePeriod), "{period}");
        }
    }
}
