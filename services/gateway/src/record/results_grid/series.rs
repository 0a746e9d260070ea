//! Which results are of one test: the code and the unit. Results of different units must never be compared.

use lcr_contracts::record::{Detail, Entry};

use super::is_report;

/// The unit, or an empty text.
pub(super) fn unit(entry: &Entry) -> &str {
    match &entry.detail {
        Detail::Result { unit: Some(unit), .. } => unit.as_str(),
        _ => "",
    }
}

/// The series that a chart shows. A result without a code belongs to the series of its title.
pub(super) fn series(entry: &Entry) -> &str {
    match &entry.detail {
        Detail::Result { series, .. } if !series.is_empty() => series,
        _ => &entry.title,
    }
}

/// The part of a series before its unit.
pub(super) fn test_code(entry: &Entry) -> &str {
    let series = series(entry);
    series.strip_suffix(unit(entry)).and_then(|code| code.strip_suffix('|')).unwrap_or(series)
}

/// Whether a result belongs to a series: by its own, or by its code if it has no unit.
pub fn is_in_series(entry: &Entry, wanted: &str) -> bool {
    let is_without_unit =
        || unit(entry).is_empty() && wanted.strip_prefix(test_code(entry)).is_some_and(|rest| rest.starts_with('|'));
    matches!(entry.detail, Detail::Result { .. }) && !is_report(entry) && (series(entry) == wanted || is_without_unit())
}
