//! FHIR's primitive types: what is a date, a number, a code. Identifiers and addresses are any text, for real systems
//! have odd ones; a time is never less than a real one.

use jiff::civil;
use serde_json::Value;

/// A type without elements of its own.
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
    /// Whatever is written as text: strings, codes of open sets, ids, URIs.
    Text,
    Time,
    UnsignedInt,
}

impl Primitive {
    pub fn named(name: &str) -> Self {
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

    pub fn fits(self, value: &Value) -> bool {
        match value {
            Value::Bool(_) => self == Self::Boolean,
            Value::Number(number) => match self {
                Self::Decimal => true,
                Self::Integer => number.as_i64().is_some_and(|whole| i32::try_from(whole).is_ok()),
                Self::UnsignedInt => number.as_u64().is_some_and(|whole| u32::try_from(whole).is_ok()),
                Self::PositiveInt => {
                    number.as_u64().is_some_and(|whole| whole > 0 && u32::try_from(whole).is_ok())
                }
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

/// A year, a month of it, or a day.
fn is_date(text: &str) -> bool {
    let day = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    has_form(&day, "0000-00-00") && day.parse::<civil::Date>().is_ok()
}

/// A moment to the second at least, and where on earth: without that nobody could say when it was.
fn is_instant(text: &str) -> bool {
    let Some((moment, rest)) = text.split_at_checked("0000-00-00T00:00:00".len()) else { return false };
    let zone = without_fraction(rest);
    let is_zone = zone == Some("Z") || zone.is_some_and(is_offset);
    has_form(moment, "0000-00-00T00:00:00") && moment.parse::<civil::DateTime>().is_ok() && is_zone
}

fn is_offset(text: &str) -> bool {
    let clock = text.strip_prefix(['+', '-']).filter(|clock| has_form(clock, "00:00"));
    clock.is_some_and(|clock| format!("{clock}:00").parse::<civil::Time>().is_ok())
}

fn is_time(text: &str) -> bool {
    let Some((clock, rest)) = text.split_at_checked("00:00:00".len()) else { return false };
    has_form(clock, "00:00:00") && clock.parse::<civil::Time>().is_ok() && without_fraction(rest) == Some("")
}

/// What follows a fraction of a second, however fine, if there is one.
fn without_fraction(text: &str) -> Option<&str> {
    let Some(fraction) = text.strip_prefix('.') else { return Some(text) };
    let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < fraction.len()).then_some(rest)
}

/// Digits where the form has `0`, and else what the form has.
fn has_form(text: &str, form: &str) -> bool {
    let alike = |(one, form): (u8, u8)| if form == b'0' { one.is_ascii_digit() } else { one == form };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(alike)
}

/// Not decoded: an attachment may be large, and whoever reads it decodes it anyway.
fn is_base64(text: &str) -> bool {
    let written = || text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let (length, padding) = (written().count(), written().rev().take_while(|byte| *byte == b'=').count());
    let of_alphabet = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    length % 4 == 0 && padding <= 2 && written().take(length - padding).all(of_alphabet)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn all(primitive: Primitive, right: &[Value], wrong: &[Value]) {
        for one in right {
            assert!(primitive.fits(one), "{primitive:?} {one}");
        }
        for one in wrong {
            assert!(!primitive.fits(one), "{primitive:?} {one}");
        }
    }

    fn texts(primitive: Primitive, right: &[&str], wrong: &[&str]) {
        let values = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect::<Vec<_>>();
        all(primitive, &values(right), &values(wrong));
    }

    #[test]
    fn a_number_is_no_text_and_has_its_range() {
        all(Primitive::Decimal, &[json!(1), json!(-1.5), json!(1e9)], &[json!("1"), json!(true), json!({})]);
        all(Primitive::Integer, &[json!(-5)], &[json!(1.0), json!("5"), json!(2_147_483_648_i64)]);
        all(Primitive::UnsignedInt, &[json!(0)], &[json!(-1), json!(0.5), json!(4_294_967_296_i64)]);
        all(Primitive::PositiveInt, &[json!(1)], &[json!(0), json!(-1)]);
        all(Primitive::Boolean, &[json!(false)], &[json!("false"), json!(0)]);
        all(Primitive::Text, &[json!(""), json!("ODD id/1")], &[json!(1), json!(["a"]), json!(null)]);
    }

    #[test]
    fn a_date_is_a_day_of_the_calendar_or_a_month_or_a_year() {
        let right = ["2024", "2024-02", "2024-02-29"];
        let wrong =
            ["", "24", "2024-13", "2024-2", "2023-02-29", "2024-02-29T10:00:00Z", "29/02/2024", "20240229"];
        texts(Primitive::Date, &right, &wrong);
    }

    #[test]
    fn a_moment_has_seconds_and_an_offset() {
        let right = ["2024-02-29T10:00:00Z", "2024-02-29T10:00:00.1234567891+01:00", "2016-12-31T23:59:60Z"];
        let wrong = [
            "2024-02-29T10:00:00",
            "2024-02-29T10:00Z",
            "2024-02-30T10:00:00Z",
            "2024-02-29T24:00:00Z",
            "2024-02-29T10:00:00.Z",
            "2024-02-29T10:00:00+0100",
            "2024-02-29T10:00:00+24:00",
            "2024-02-29 10:00:00Z",
            "2024-02-29T10:00:0é",
        ];
        texts(Primitive::Instant, &right, &wrong);
        texts(Primitive::DateTime, &right, &wrong);
        texts(Primitive::DateTime, &["2024-02"], &["yesterday"]);
        texts(Primitive::Instant, &[], &["2024-02-29"]);
        texts(Primitive::Time, &["10:00:00", "10:00:00.5"], &["10:00", "25:00:00", "10:00:00Z"]);
    }

    #[test]
    fn base64_may_have_spaces_and_must_be_whole() {
        texts(
            Primitive::Base64,
            &["", "YWJj", "YW Jj\nYQ==", "YWI="],
            &["YWJ", "YW=j", "Y===", "YWJ?", "YWJ_"],
        );
    }
}
