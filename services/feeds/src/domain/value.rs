//! OBX-5 by its type (OBX-2) as a FHIR value. What has no value of its own there becomes words, never the raw
//! components.

mod words;

use lcr_hl7::{Field, Repetition, Segment};
use serde_json::{Map, Value, json};

pub use words::words;

use super::{
    quantity::{self, Unit},
    r4,
};

/// More repetitions than this, or more bytes of names for them, are lines of one text.
const MOST_COMPONENTS: usize = 200;
const MOST_BYTES_OF_NAMES: usize = 1 << 20;

/// `valueQuantity` and what it is, or another of the kind.
type Typed = (&'static str, Value);

/// The type of OBX-5, in capitals; empty where none is named.
pub fn kind(obx: Segment<'_>) -> String {
    obx.field(2).code().unwrap_or_default().to_ascii_uppercase()
}

pub fn is_text(kind: &str) -> bool {
    matches!(kind, "ST" | "TX" | "FT")
}

/// Puts the value of an observation into it: one value, or a component for each repetition under the observation's
/// own `code`. `lines` are the texts of all OBX that make up a text.
pub fn put(made: &mut Map<String, Value>, obx: Segment<'_>, lines: &[String], code: &Value) {
    let (kind, unit) = (kind(obx), Unit::of(obx.field(6)));
    let repetitions: Vec<Repetition<'_>> = obx.field(5).repetitions().collect();
    if is_text(&kind) {
        made.extend(text(&lines.join("\n"), &unit).map(|(name, value)| (name.to_owned(), value)));
        return;
    }
    let typed = |one: &Repetition<'_>| one_value(&kind, *one, &unit);
    let names = code.to_string().len().saturating_mul(repetitions.len());
    match &repetitions[..] {
        [one] => made.extend(typed(one).map(|(name, value)| (name.to_owned(), value))),
        many if many.len() <= MOST_COMPONENTS && names <= MOST_BYTES_OF_NAMES => {
            let components = many.iter().filter_map(|one| {
                let (name, value) = typed(one)?;
                Some(json!({ "code": code, name: value }))
            });
            let components: Vec<Value> = components.collect();
            if !components.is_empty() {
                made.insert("component".to_owned(), Value::Array(components));
            }
        }
        many => {
            let lines: Vec<String> = many.iter().filter_map(|one| words(&kind, *one)).collect();
            made.extend(text(&lines.join("\n"), &unit).map(|(name, value)| (name.to_owned(), value)));
        }
    }
}

/// The value of an OBX as one line of text for each repetition, with its unit.
pub fn as_text(obx: Segment<'_>) -> Option<String> {
    let kind = kind(obx);
    let unit = Unit::of(obx.field(6));
    if is_text(&kind) {
        return obx.field(5).text().map(|text| unit.behind(&text));
    }
    let lines: Vec<String> = obx.field(5).repetitions().filter_map(|one| words(&kind, one)).collect();
    (!lines.is_empty()).then(|| unit.behind(&lines.join("\n")))
}

fn one_value(kind: &str, one: Repetition<'_>, unit: &Unit) -> Option<Typed> {
    let typed = match kind {
        "NM" => quantity::quantity(&one.words()?, unit).map(|value| ("valueQuantity", value)),
        "SN" => structured(one, unit),
        "NR" => range(one.part(1), one.part(2), unit),
        "CQ" => {
            let unit = Unit::named(one.part_words(2));
            quantity::quantity(&one.part(1)?, &unit).map(|value| ("valueQuantity", value))
        }
        "CE" | "CWE" | "CNE" | "CF" => r4::concept(one).map(|concept| ("valueCodeableConcept", concept)),
        "DT" | "TS" | "DTM" => r4::when_text(&one.part(1)?).map(|when| ("valueDateTime", when)),
        "TM" => time_of_day(&one.part(1)?).map(|time| ("valueTime", json!(time))),
        "DR" => period(one),
        _ => None,
    };
    typed.or_else(|| text(&words(kind, one)?, unit))
}

/// Words; with a unit, a number where they are one, else words with their unit.
fn text(words: &str, unit: &Unit) -> Option<Typed> {
    let words = words.trim_end();
    if words.is_empty() {
        None
    } else if unit.is_empty() {
        Some(("valueString", json!(words)))
    } else {
        let number = quantity::quantity(words, unit);
        Some(("valueQuantity", number.unwrap_or_else(|| quantity::words_with_unit(words, unit))))
    }
}

/// SN: `<^10`, `^182`, `^10^-^20`, `^1^:^128`. Another sign, as in `^2^+`, is words.
fn structured(one: Repetition<'_>, unit: &Unit) -> Option<Typed> {
    let (sign, first, between, second) = (one.part_words(1), one.part(2), one.part_words(3), one.part(4));
    let plain = matches!(sign.as_deref(), None | Some("="));
    match (between.as_deref(), &second) {
        // Some send the number as one text.
        (None, None) if first.is_none() => quantity_of(&sign?, unit),
        (None, None) if plain => quantity_of(&first?, unit),
        (None, None) => {
            let sign = sign?;
            let (known, rest) = quantity::comparator(&sign);
            if known.is_some() && rest.is_empty() {
                quantity_of(&format!("{sign}{}", first?), unit)
            } else {
                None
            }
        }
        (Some("-"), Some(_)) if plain => range(first, second, unit),
        (Some(":" | "/"), Some(_)) if plain => {
            let numerator = quantity::simple(&first?, unit)?;
            let denominator = quantity::simple(&second?, &Unit::default())?;
            Some(("valueRatio", json!({ "numerator": numerator, "denominator": denominator })))
        }
        _ => None,
    }
}

fn quantity_of(text: &str, unit: &Unit) -> Option<Typed> {
    quantity::quantity(text, unit).map(|value| ("valueQuantity", value))
}

fn range(low: Option<String>, high: Option<String>, unit: &Unit) -> Option<Typed> {
    let (low, high) = (quantity::simple(&low?, unit)?, quantity::simple(&high?, unit)?);
    Some(("valueRange", json!({ "low": low, "high": high })))
}

/// `HHMM[SS[.S…]]`, without a zone, which FHIR's time cannot say.
fn time_of_day(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(whole.len(), 4 | 6) || !digits(whole) || !digits(fraction) {
        return None;
    }
    let (hour, minute, second) = (whole.get(..2)?, whole.get(2..4)?, whole.get(4..6).unwrap_or("00"));
    let valid = hour < "24" && minute < "60" && second < "60";
    let point = if fraction.is_empty() { "" } else { "." };
    valid.then(|| format!("{hour}:{minute}:{second}{point}{fraction}"))
}

fn period(one: Repetition<'_>) -> Option<Typed> {
    let end = |part| one.part(part).map(|text| r4::when_text(&text));
    let mut made = Map::new();
    for (name, told) in [("start", end(1)), ("end", end(2))] {
        if let Some(moment) = told {
            made.insert(name.to_owned(), moment?);
        }
    }
    (!made.is_empty()).then_some(("valuePeriod", Value::Object(made)))
}

/// Whether anything was sent as a value.
pub fn is_sent(field: Field<'_>) -> bool {
    field.first().is_some() && !field.is_deleted()
}
