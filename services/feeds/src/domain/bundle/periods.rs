//! Reads periods and date-times of evidence. A period that cannot be read must never count as open.

use jiff::Timestamp;

use super::{link_resources::Period, parse_instant};
use crate::domain::MappingError;

pub type Bounds = (Option<Timestamp>, Option<Timestamp>);

/// The first instant of a period and the instant after its last. A period that cannot be read makes the Bundle wait.
pub fn period(period: Option<&Period>, kind: &str) -> Result<Bounds, MappingError> {
    let read = |text: Option<&String>| match text {
        None => Ok(None),
        Some(text) => instants(text).map(Some).ok_or_else(|| MappingError::waiting("the period cannot be read", kind)),
    };
    let start = read(period.and_then(|period| period.start.as_ref()))?;
    let end = read(period.and_then(|period| period.end.as_ref()))?;
    Ok((start.map(|(first, _)| first), end.map(|(_, next)| next)))
}

/// The first instant that a FHIR date-time means, and the first that it no longer means. A time may lack its offset here.
pub fn instants(text: &str) -> Option<(Timestamp, Timestamp)> {
    let at = text.contains('T').then(|| parse_instant(Some(text))).flatten();
    at.map(|at| (at, at)).or_else(|| lcr_fhir::period::instants(text))
}
