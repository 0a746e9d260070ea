//! Numbers, quantities, ranges and ratios in words. A digit that was sent must never be changed or dropped.

use serde_json::Value;

use super::{original_text, unit_in_print};
use crate::read::{at, str_at, text};

/// A quantity: text with comparator, unit, and the number if it may be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    pub text: String,
    pub unit: Option<String>,
    /// The digits as sent; `None` with a comparator or without a number.
    pub number: Option<String>,
}

impl Amount {
    /// Text and unit together.
    pub fn with_unit(&self) -> String {
        match &self.unit {
            Some(unit) => format!("{} {unit}", self.text),
            None => self.text.clone(),
        }
    }
}

/// A number with the source's digits: `7.40` stays `7.40`. A power of ten has no plus sign.
pub fn number(value: &Value) -> Option<String> {
    value.as_number().map(|number| number.to_string().replace("e+", "e"))
}

/// A `Quantity`, including one whose value is only text (`ORIGINAL_TEXT`).
pub fn quantity(value: &Value) -> Option<Amount> {
    let digits = at(value, "value").and_then(number);
    let original = original_text(at(value, "_value"));
    let words = original.clone().or_else(|| digits.clone())?;
    let comparator = match str_at(value, "comparator") {
        Some("<") => "less than ",
        Some("<=") => "at most ",
        Some(">") => "more than ",
        Some(">=") => "at least ",
        Some("ad") => "enough to make ",
        _ => "",
    };
    let sent = text(value, "unit").or_else(|| text(value, "code")).filter(|unit| unit != "1");
    // A source's own text may repeat the unit.
    let words = sent.as_deref().and_then(|unit| without_unit(&words, unit)).unwrap_or(&words);
    let text = format!("{comparator}{words}");
    let number = digits.filter(|_| comparator.is_empty());
    Some(Amount { text, unit: sent.as_deref().map(unit_in_print), number })
}

fn without_unit<'t>(words: &'t str, unit: &str) -> Option<&'t str> {
    let amount = words.strip_suffix(unit)?.trim_end();
    amount.ends_with(|last: char| last.is_ascii_digit()).then_some(amount)
}

/// A `Range`: `10 to 20 /HPF`, `60 or above`. A unit common to both ends is written once.
pub fn range(value: &Value) -> Option<String> {
    let (low, high) = (at(value, "low").and_then(quantity), at(value, "high").and_then(quantity));
    match (low, high) {
        (Some(low), Some(high)) if low.unit == high.unit => Some(format!("{} to {}", low.text, high.with_unit())),
        (Some(low), Some(high)) => Some(format!("{} to {}", low.with_unit(), high.with_unit())),
        (Some(low), None) => Some(format!("{} or above", low.with_unit())),
        (None, Some(high)) => Some(format!("{} or below", high.with_unit())),
        (None, None) => None,
    }
}

/// A `Ratio`: `1:128` of bare numbers, else `120 mg in 1 d`.
pub fn ratio(value: &Value) -> Option<String> {
    let of = at(value, "numerator").and_then(quantity);
    let by = at(value, "denominator").and_then(quantity);
    match (of, by) {
        (Some(of), Some(by)) if of.unit.is_none() && by.unit.is_none() => Some(format!("{}:{}", of.text, by.text)),
        (Some(of), Some(by)) => Some(format!("{} in {}", of.with_unit(), by.with_unit())),
        (of, by) => of.or(by).map(|one| one.with_unit()),
    }
}

/// `SampledData`: the number of readings. The curve itself is not drawn.
pub fn sampled_data(value: &Value) -> Option<String> {
    at(value, "origin")?;
    let readings = str_at(value, "data").map_or(0, |data| data.split_whitespace().count());
    Some(format!("A recording of {readings} readings, not drawn here"))
}
