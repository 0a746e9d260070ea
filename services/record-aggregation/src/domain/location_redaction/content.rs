//! Filters the content of an allowed element by its form. It never passes on free text that a source wrote into a date,
//! a code or a number.

mod coding;

use jiff::{Timestamp, civil::Date};
use lcr_fhir::read;
use lcr_model::NhsNumber;
use serde_json::{Map, Value, json};

use super::HIDDEN;
pub use coding::privacy_label;
use coding::{code, public_codings, public_codings_or_name};

/// The form of an allowed element.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// Codings of public code systems. Other words become `HIDDEN`.
    Coded,
    /// Public codings, or else the name in words. A substance must be named for safety, and it reveals no location.
    Named,
    /// Public codings, or nothing.
    Category,
    /// A FHIR code: lower-case letters and dashes.
    Code,
    Date,
    Number,
    Boolean,
    /// A number with its comparator and unit.
    Quantity,
    Range,
    Ratio,
    Period,
    /// The person's own name.
    Name,
    /// The person's NHS number. Other identifiers are removed.
    Identity,
    /// Replaced by `HIDDEN` in the named element.
    Replaced(&'static str),
    Parts(&'static [(&'static str, Content)]),
}

/// The longest name of a substance or route that is passed on.
const MAX_NAME_CHARS: usize = 100;
const MAX_UNIT_CHARS: usize = 20;

/// The object with only its allowed elements.
pub fn allowed_elements(allowed: &[(&str, Content)], fields: &Map<String, Value>) -> Map<String, Value> {
    let mut redacted = Map::new();
    for (name, content) in allowed {
        let Some(value) = fields.get(*name).filter(|value| !value.is_null()) else { continue };
        match content {
            Content::Replaced(by) => {
                let words = json!(HIDDEN);
                let concept = by.ends_with("Concept");
                redacted.insert((*by).to_owned(), if concept { json!({ "text": words }) } else { words });
            }
            content => {
                if let Some(value) = allowed_values(*content, value) {
                    redacted.insert((*name).to_owned(), value);
                }
            }
        }
    }
    redacted
}

fn allowed_values(content: Content, value: &Value) -> Option<Value> {
    let Value::Array(all) = value else { return allowed_value(content, value) };
    let redacted: Vec<Value> = all.iter().filter_map(|one| allowed_value(content, one)).collect();
    (!redacted.is_empty()).then_some(Value::Array(redacted))
}

fn allowed_value(content: Content, value: &Value) -> Option<Value> {
    let parts = |allowed: &[(&str, Content)]| {
        let redacted = allowed_elements(allowed, value.as_object()?);
        (!redacted.is_empty()).then_some(Value::Object(redacted))
    };
    match content {
        Content::Coded => Some(public_codings(value)),
        Content::Named => Some(public_codings_or_name(value)),
        Content::Category => Some(public_codings(value)).filter(|concept| concept.get("coding").is_some()),
        Content::Code => code(value),
        Content::Date => date(value),
        Content::Number => value.is_number().then(|| value.clone()),
        Content::Boolean => value.is_boolean().then(|| value.clone()),
        Content::Quantity => quantity(value),
        Content::Range => parts(&[("low", Content::Quantity), ("high", Content::Quantity)]),
        Content::Ratio => parts(&[("numerator", Content::Quantity), ("denominator", Content::Quantity)]),
        Content::Period => parts(&[("start", Content::Date), ("end", Content::Date)]),
        Content::Parts(allowed) => parts(allowed),
        Content::Name => name(value),
        Content::Identity => nhs_number(value),
        Content::Replaced(_) => None,
    }
}

/// A year, a month, a day or a timestamp, but no other text.
pub fn date(value: &Value) -> Option<Value> {
    let text = value.as_str()?;
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let is_date = match text.len() {
        4 => digits(text),
        7 => format!("{text}-01").parse::<Date>().is_ok(),
        10 => text.parse::<Date>().is_ok(),
        _ => text.len() <= 40 && !text.contains('[') && text.parse::<Timestamp>().is_ok(),
    };
    is_date.then(|| json!(text))
}

fn quantity(value: &Value) -> Option<Value> {
    let mut redacted = Map::new();
    let number = read::at(value, "value").filter(|number| number.is_number())?;
    redacted.insert("value".to_owned(), number.clone());
    let is_comparator = |text: &&str| matches!(*text, "<" | "<=" | ">=" | ">" | "ad");
    if let Some(comparator) = read::str_at(value, "comparator").filter(is_comparator) {
        redacted.insert("comparator".to_owned(), json!(comparator));
    }
    for name in ["unit", "code"] {
        if let Some(unit) = read::str_at(value, name).filter(|unit| unit.chars().count() <= MAX_UNIT_CHARS) {
            redacted.insert(name.to_owned(), json!(unit));
        }
    }
    if read::str_at(value, "system") == Some("http://unitsofmeasure.org") {
        redacted.insert("system".to_owned(), json!("http://unitsofmeasure.org"));
    }
    Some(Value::Object(redacted))
}

fn name(value: &Value) -> Option<Value> {
    let mut redacted = Map::new();
    for field in ["use", "text", "family", "given", "prefix", "suffix"] {
        if let Some(words) = read::at(value, field) {
            redacted.insert(field.to_owned(), words.clone());
        }
    }
    let period = [("period", Content::Period)];
    redacted.extend(allowed_elements(&period, value.as_object()?));
    Some(Value::Object(redacted))
}

fn nhs_number(value: &Value) -> Option<Value> {
    const SYSTEM: &str = "https://fhir.nhs.uk/Id/nhs-number";
    let number = read::str_at(value, "value").and_then(|text| NhsNumber::parse(text).ok())?;
    (read::str_at(value, "system") == Some(SYSTEM)).then(|| json!({ "system": SYSTEM, "value": number.as_str() }))
}
