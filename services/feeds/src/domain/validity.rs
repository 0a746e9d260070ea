//! Checks whether a repetition (a name, an address, a number) is in force at a time. One without dates always is.

use jiff::{SignedDuration, Timestamp};
use lcr_hl7::{Repetition, time};

/// The components of a data type that hold its dates.
#[derive(Debug, Clone, Copy)]
pub struct Dates {
    /// A component with the first and last date as subcomponents.
    pub range: Option<usize>,
    pub from: usize,
    pub until: usize,
}

/// XPN.
pub const NAME: Dates = Dates { range: Some(10), from: 12, until: 13 };
/// XAD.
pub const ADDRESS: Dates = Dates { range: Some(12), from: 13, until: 14 };
/// CX.
pub const IDENTIFIER: Dates = Dates { range: None, from: 7, until: 8 };

pub fn is_in_force(one: Repetition<'_>, dates: Dates, at: Timestamp) -> bool {
    let of_range = |part| dates.range.and_then(|range| one.subcomponent(range, part));
    let from = of_range(1).or_else(|| one.component(dates.from)).and_then(|text| time::parse_timestamp(&text));
    let until = of_range(2).or_else(|| one.component(dates.until)).and_then(|text| end(&text));
    from.is_none_or(|from| from <= at) && until.is_none_or(|until| at < until)
}

/// The end of the validity. A date without a time includes that whole day.
fn end(text: &str) -> Option<Timestamp> {
    let last = time::parse_timestamp(text)?;
    if time::has_time_of_day(text) { Some(last) } else { last.checked_add(SignedDuration::from_hours(24)).ok() }
}
