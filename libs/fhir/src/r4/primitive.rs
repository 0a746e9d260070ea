//! Checks values of FHIR's primitive types. Ids and URIs may be any text, because real systems have unusual ones. A date or time
//! must be a real one.

use jiff::civil;
use serde_json::Value;

/// A type without elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Primitive {
    Base64,
    Boolean,
    Date,
    DateTime,
    Decimal,
    Instant,
    Integer,
    PositiveInt,
    /// Strings, codes of open sets, ids and URIs.
    Text,
    Time,
    UnsignedInt,
}

impl Primitive {
    pub fn parse(name: &str) -> Self {
        match name {
            "base64Binary" => Self::Base64,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "dateTime" => Self::DateTime,
            "decimal" => Self::Decimal,
            "instant" => Self::Instant,
            "integer" => Self::Integer,
            "positiveInt" => Self::PositiveInt,
            "time" => Self::Time,
            "unsignedInt" => Self::UnsignedInt,
            _ => Self::Text,
        }
    }

    pub fn accepts(self, value: &Value) -> bool {
        match value {
            Value::Bool(_) => self == Self::Boolean,
            Value::Number(number) => match self {
                Self::Decimal => true,
                Self::Integer => number.as_i64().is_some_and(|whole| i32::try_from(whole).is_ok()),
                Self::UnsignedInt => number.as_u64().is_some_and(|whole| u32::try_from(whole).is_ok()),
                Self::PositiveInt => number.as_u64().is_some_and(|whole| whole > 0 && u32::try_from(whole).is_ok()),
                _ => false,
            },
            Value::String(text) => match self {
                Self::Text => true,
                Self::Base64 => is_base64(text),
                Self::Date => is_date(text),
                Self::DateTime => is_date(text) || is_instant(text),
                Self::Instant => is_instant(text),
                Self::Time => is_time(text),
                _ => false,
            },
            _ => false,
        }
    }
}

/// A year, a month or a day.
fn is_date(text: &str) -> bool {
    let day = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    has_form(&day, "0000-00-00") && day.parse::<civil::Date>().is_ok()
}

/// A time with seconds and an offset, because without an offset the moment is unknown.
fn is_instant(text: &str) -> bool {
    let Some((moment, rest)) = text.split_at_checked("0000-00-00T00:00:00".len()) else { return false };
    let zone = without_fraction(rest);
    let has_zone = zone == Some("Z") || zone.is_some_and(is_offset);
    has_form(moment, "0000-00-00T00:00:00") && moment.parse::<civil::DateTime>().is_ok() && has_zone
}

fn is_offset(text: &str) -> bool {
    let clock = text.strip_prefix(['+', '-']).filter(|clock| has_form(clock, "00:00"));
    clock.is_some_and(|clock| format!("{clock}:00").parse::<civil::Time>().is_ok())
}

fn is_time(text: &str) -> bool {
    let Some((clock, rest)) = text.split_at_checked("00:00:00".len()) else { return false };
    has_form(clock, "00:00:00") && clock.parse::<civil::Time>().is_ok() && without_fraction(rest) == Some("")
}

/// The text after an optional fraction of a second; `None` if the fraction has no digits.
fn without_fraction(text: &str) -> Option<&str> {
    let Some(fraction) = text.strip_prefix('.') else { return Some(text) };
    let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < fraction.len()).then_some(rest)
}

/// Whether `text` has a digit for each `0` of the form, and otherwise the form's characters.
fn has_form(text: &str, form: &str) -> bool {
    let matches = |(one, form): (u8, u8)| if form == b'0' { one.is_ascii_digit() } else { one == form };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(matches)
}

/// Checks the form only: an attachment may be large, and is decoded when it is read.
fn is_base64(text: &str) -> bool {
    let characters = || text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let (length, padding) = (characters().count(), characters().rev().take_while(|byte| *byte == b'=').count());
    let is_in_alphabet = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    length % 4 == 0 && padding <= 2 && characters().take(length - padding).all(is_in_alphabet)
}

#[cfg(test)]
#[path = "primitive_tests.rs"]
mod tests;
