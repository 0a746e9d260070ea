//! Reads a `Period` as instants. A period that cannot be read must never count as open.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
    fmt::temporal::Pieces,
};
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
/// in London. `9999-12-31` is written for "no end": what is later than the last `Timestamp` counts as that.
pub fn instants(text: &str) -> Option<(Timestamp, Timestamp)> {
    if text.contains('T') {
        let at = text.parse().ok().or_else(|| is_after_the_last(text).then_some(Timestamp::MAX))?;
        return Some((at, at));
    }
    let (first, span) = match text.len() {
        4 => (format!("{text}-01-01"), 1.year()),
        7 => (format!("{text}-01"), 1.month()),
        10 => (text.to_owned(), 1.day()),
        _ => return None,
    };
    let first: Date = first.parse().ok()?;
    let midnight = |day: Date| day.to_zoned(london::zone()).map_or(Timestamp::MAX, |start| start.timestamp());
    Some((midnight(first), first.checked_add(span).map_or(Timestamp::MAX, midnight)))
}

/// Whether a time that is no `Timestamp` is well formed and only too late.
fn is_after_the_last(text: &str) -> bool {
    Pieces::parse(text).is_ok_and(|at| at.time().is_some() && at.offset().is_some() && at.date() >= date(9999, 12, 30))
}

#[cfg(test)]
#[path = "period_tests.rs"]
mod tests;
