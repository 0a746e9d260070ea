//! One value that a chart may draw, its unit and its reference range. It must refuse preliminary, cancelled and
//! non-numeric results.

use jiff::civil::DateTime;
use lcr_contracts::record::{Detail, Entry};

use super::{Band, scale::Scale};
use crate::{layout::format::date_sort_key, record::entry::source_names};

pub(super) struct Reading<'a> {
    pub(super) at: DateTime,
    pub(super) number: f64,
    /// The number exactly as sent.
    pub(super) digits: &'a str,
    pub(super) date: &'a str,
    pub(super) source: String,
    pub(super) entry: &'a Entry,
}

pub(super) fn reading<'a>(entry: &'a Entry, wanted: &str) -> Option<Reading<'a>> {
    let Detail::Result { series, number: Some(digits), .. } = &entry.detail else { return None };
    let number: f64 = digits.parse().ok()?;
    let is_final = entry.status.as_deref().is_none_or(|status| {
        let status = status.to_lowercase();
        !["cancelled", "preliminary", "error", "unknown", "registered"].iter().any(|word| status.contains(word))
    });
    let date = entry.date.as_deref()?;
    let key = date_sort_key(date);
    let at = key.parse::<DateTime>().or_else(|_| key.parse::<jiff::civil::Date>().map(DateTime::from)).ok()?;
    let is_joined = is_final && series == wanted && number.is_finite();
    is_joined.then(|| Reading { at, number, digits, date, source: source_names(&entry.provenance), entry })
}

pub(super) fn unit(entry: &Entry) -> Option<&str> {
    match &entry.detail {
        Detail::Result { unit, .. } => unit.as_deref(),
        _ => None,
    }
}

pub(super) fn range_text(entry: &Entry) -> Option<&str> {
    match &entry.detail {
        Detail::Result { range, .. } => range.as_deref(),
        _ => None,
    }
}

/// The ends of the range, if all results that have one have the same.
pub(super) fn common_range(readings: &[Reading]) -> Option<(Option<f64>, Option<f64>)> {
    let mut ranges = readings.iter().filter_map(|one| range_text(one.entry));
    let range = ranges.next()?;
    if !ranges.all(|other| other == range) {
        return None;
    }
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    if let Some((low, high)) = range.split_once(" to ") {
        let (low, high) = (number(low)?, number(high)?);
        return (low < high).then_some((Some(low), Some(high)));
    }
    let above = range.strip_suffix(" or above").and_then(number).map(|low| (Some(low), None));
    above.or_else(|| range.strip_suffix(" or below").and_then(number).map(|high| (None, Some(high))))
}

pub(super) fn band(range: (Option<f64>, Option<f64>), entry: &Entry, scale: &Scale) -> Option<Band> {
    let (y, height) = scale.band(range)?;
    Some(Band { y, height, words: range_text(entry).map(|range| format!("range {range}")).unwrap_or_default() })
}
