//! Converts OBX-5 to a FHIR value by its type (OBX-2). A type without a FHIR equivalent becomes text, never raw HL7
//! components.

mod words;

use lcr_hl7::{Field, Repetition, Segment};
use serde_json::{Map, Value, json};

pub use words::value_words;

use super::{
    fhir_json,
    quantity::{self, Unit},
};

/// A value with more repetitions becomes lines of one text.
const MAX_COMPONENTS: usize = 200;
/// A value whose repeated codes would take more bytes becomes lines of one text.
const MAX_CODE_BYTES: usize = 1 << 20;

/// The FHIR element name, such as `valueQuantity`, and its value.
type TypedValue = (&'static str, Value);

/// The type of OBX-5, in capitals. Empty if OBX-2 is.
pub fn value_type(obx: Segment<'_>) -> String {
    obx.field(2).code().unwrap_or_default().to_ascii_uppercase()
}

pub fn is_text(kind: &str) -> bool {
    matches!(kind, "ST" | "TX" | "FT")
}

/// Writes the value into an observation: one value, or one component per repetition, each under the observation's
/// `code`. `lines` are the texts of all OBX of a multi-line text.
pub fn write_value(made: &mut Map<String, Value>, obx: Segment<'_>, lines: &[String], code: &Value) {
    let (kind, unit) = (value_type(obx), Unit::from_field(obx.field(6)));
    let repetitions: Vec<Repetition<'_>> = obx.field(5).repetitions().collect();
    if is_text(&kind) {
        made.extend(text(&lines.join("\n"), &unit).map(|(name, value)| (name.to_owned(), value)));
        return;
    }
    let typed = |one: &Repetition<'_>| one_value(&kind, *one, &unit);
    let names = code.to_string().len().saturating_mul(repetitions.len());
    match &repetitions[..] {
        [one] => made.extend(typed(one).map(|(name, value)| (name.to_owned(), value))),
        many if many.len() <= MAX_COMPONENTS && names <= MAX_CODE_BYTES => {
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
            let lines: Vec<String> = many.iter().filter_map(|one| value_words(&kind, *one)).collect();
            made.extend(text(&lines.join("\n"), &unit).map(|(name, value)| (name.to_owned(), value)));
        }
    }
}

/// The value of an OBX as text with its unit, one line per repetition.
pub fn as_text(obx: Segment<'_>) -> Option<String> {
    let kind = value_type(obx);
    let unit = Unit::from_field(obx.field(6));
    if is_text(&kind) {
        return obx.field(5).text().map(|text| unit.append_to(&text));
    }
    let lines: Vec<String> = obx.field(5).repetitions().filter_map(|one| value_words(&kind, one)).collect();
    (!lines.is_empty()).then(|| unit.append_to(&lines.join("\n")))
}

fn one_value(kind: &str, one: Repetition<'_>, unit: &Unit) -> Option<TypedValue> {
    let typed = match kind {
        "NM" => quantity::quantity(&one.text()?, unit).map(|value| ("valueQuantity", value)),
        "SN" => structured_numeric(one, unit),
        "NR" => range(one.component(1), one.component(2), unit),
        "CQ" => {
            let unit = Unit::named(one.component_text(2));
            quantity::quantity(&one.component(1)?, &unit).map(|value| ("valueQuantity", value))
        }
        "CE" | "CWE" | "CNE" | "CF" => fhir_json::concept(one).map(|concept| ("valueCodeableConcept", concept)),
        "DT" | "TS" | "DTM" => fhir_json::date_time_text(&one.component(1)?).map(|when| ("valueDateTime", when)),
        "TM" => time_of_day(&one.component(1)?).map(|time| ("valueTime", json!(time))),
        "DR" => period(one),
        _ => None,
    };
    typed.or_else(|| text(&value_words(kind, one)?, unit))
}

/// Text as a string. With a unit it becomes a quantity.
fn text(words: &str, unit: &Unit) -> Option<TypedValue> {
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

/// SN: `<^10`, `^182`, `^10^-^20`, `^1^:^128`. `None` for another sign, as in `^2^+`.
fn structured_numeric(one: Repetition<'_>, unit: &Unit) -> Option<TypedValue> {
    let (sign, first, between, second) =
        (one.component_text(1), one.component(2), one.component_text(3), one.component(4));
    let plain = matches!(sign.as_deref(), None | Some("="));
    match (between.as_deref(), &second) {
        // Some senders put the whole number into the first component.
        (None, None) if first.is_none() => quantity_of(&sign?, unit),
        (None, None) if plain => quantity_of(&first?, unit),
        (None, None) => {
            let sign = sign?;
            let (known, rest) = quantity::comparator(&sign);
            if known.is_some() && rest.is_empty() { quantity_of(&format!("{sign}{}", first?), unit) } else { None }
        }
        (Some("-"), Some(_)) if plain => range(first, second, unit),
        (Some(":" | "/"), Some(_)) if plain => {
            let numerator = quantity::plain_quantity(&first?, unit)?;
            let denominator = quantity::plain_quantity(&second?, &Unit::default())?;
            Some(("valueRatio", json!({ "numerator": numerator, "denominator": denominator })))
        }
        _ => None,
    }
}

fn quantity_of(text: &str, unit: &Unit) -> Option<TypedValue> {
    quantity::quantity(text, unit).map(|value| ("valueQuantity", value))
}

fn range(low: Option<String>, high: Option<String>, unit: &Unit) -> Option<TypedValue> {
    let (low, high) = (quantity::plain_quantity(&low?, unit)?, quantity::plain_quantity(&high?, unit)?);
    Some(("valueRange", json!({ "low": low, "high": high })))
}

/// `HHMM[SS[.S…]]` as a FHIR time. `None` with a zone, which a FHIR time cannot hold.
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

fn period(one: Repetition<'_>) -> Option<TypedValue> {
    let end = |part| one.component(part).map(|text| fhir_json::date_time_text(&text));
    let mut made = Map::new();
    for (name, sent) in [("start", end(1)), ("end", end(2))] {
        if let Some(moment) = sent {
            made.insert(name.to_owned(), moment?);
        }
    }
    (!made.is_empty()).then_some(("valuePeriod", Value::Object(made)))
}

/// Whether the field has a value and does not delete one.
pub fn has_value(field: Field<'_>) -> bool {
    field.first().is_some() && !field.is_deleted()
}
