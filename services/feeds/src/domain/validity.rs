//! Whether a repetition (a name, an address, a number) was in force at a moment. Without dates it always is.

use jiff::{SignedDuration, Timestamp};
use lcr_hl7::{Repetition, time};

/// Where a data type keeps its dates, by component.
#[derive(Debug, Clone, Copy)]
pub struct Dates {
    /// A range of two subcomponents, first and last.
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

pub fn in_force(one: Repetition<'_>, dates: Dates, at: Timestamp) -> bool {
    let of_range = |part| dates.range.and_then(|range| one.sub(range, part));
    let from = of_range(1).or_else(|| one.part(dates.from)).and_then(|text| time::timestamp(&text));
    let until = of_range(2).or_else(|| one.part(dates.until)).and_then(|text| end(&text));
    from.is_none_or(|from| from <= at) && until.is_none_or(|until| at < until)
}

/// A last day is in force until it ends.
fn end(text: &str) -> Option<Timestamp> {
    let last = time::timestamp(text)?;
    if time::has_clock(text) { Some(last) } else { last.checked_add(SignedDuration::from_hours(24)).ok() }
}
