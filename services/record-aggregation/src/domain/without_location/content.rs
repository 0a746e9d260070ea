//! What an allowed element may hold. Each is read by its form, so that words written into a date, a code or a number stay
//! here too.

use jiff::{Timestamp, civil::Date};
use lcr_fhir::read;
use lcr_model::NhsNumber;
use serde_json::{Map, Value, json};

use super::HIDDEN;

/// The form of an allowed element.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// Codings of public code systems; other words are replaced by `HIDDEN`.
    Coded,
    /// The same; where there is none, its name in words: a substance that is not named is a danger, and no place.
    Named,
    /// The same, left out where there is none: a category in words is no loss.
    Category,
    /// A code of FHIR's own: small letters and dashes.
    Code,
    Date,
    Number,
    Boolean,
    /// A number with comparator and unit.
    Quantity,
    Range,
    Ratio,
    Period,
    /// The person's own name.
    Name,
    /// The person's NHS number, and no other number.
    Identity,
    /// Present, but not passed on: `HIDDEN` stands in the named element.
    Replaced(&'static str),
    Parts(&'static [(&'static str, Content)]),
}

/// Systems whose codes are the same everywhere: a code of a source's own may be the name of a ward.
const PUBLIC_SYSTEMS: [&str; 15] = [
    "http://snomed.info/sct",
    "https://dmd.nhs.uk",
    "http://dmd.nhs.uk",
    "http://loinc.org",
    "http://unitsofmeasure.org",
    "http://hl7.org/fhir/sid/icd-10",
    "http://hl7.org/fhir/sid/icd-10-uk",
    "http://hl7.org/fhir/sid/icd-11",
    "https://fhir.hl7.org.uk/Id/opcs-4",
    "http://read.info/readv2",
    "http://read.info/ctv3",
    "urn:oid:2.16.840.1.113883.6.96",
    "http://terminology.hl7.org/CodeSystem/",
    "https://fhir.hl7.org.uk/CodeSystem/",
    "https://fhir.nhs.uk/CodeSystem/",
];

/// The longest name of a code, and the longest unit.
const DISPLAY: usize = 200;
/// The longest name of a substance or a way to take it.
const SUBSTANCE: usize = 100;
const UNIT: usize = 20;

/// The allowed elements of an object.
pub fn elements(allowed: &[(&str, Content)], fields: &Map<String, Value>) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, content) in allowed {
        let Some(value) = fields.get(*name).filter(|value| !value.is_null()) else { continue };
        match content {
            Content::Replaced(by) => {
                let words = json!(HIDDEN);
                let concept = by.ends_with("Concept");
                kept.insert((*by).to_owned(), if concept { json!({ "text": words }) } else { words });
            }
            content => {
                if let Some(value) = one_or_list(*content, value) {
                    kept.insert((*name).to_owned(), value);
                }
            }
        }
    }
    kept
}

fn one_or_list(content: Content, value: &Value) -> Option<Value> {
    let Value::Array(all) = value else { return allowed(content, value) };
    let kept: Vec<Value> = all.iter().filter_map(|one| allowed(content, one)).collect();
    (!kept.is_empty()).then_some(Value::Array(kept))
}

fn allowed(content: Content, value: &Value) -> Option<Value> {
    let parts = |allowed: &[(&str, Content)]| {
        let kept = elements(allowed, value.as_object()?);
        (!kept.is_empty()).then_some(Value::Object(kept))
    };
    match content {
        Content::Coded => Some(coded(value)),
        Content::Named => Some(named(value)),
        Content::Category => Some(coded(value)).filter(|concept| concept.get("coding").is_some()),
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
        Content::Identity => identity(value),
        Content::Replaced(_) => None,
    }
}

/// The codings of public systems. A concept without any says that its words are not shown.
fn coded(value: &Value) -> Value {
    let codings: Vec<Value> = read::list(value, "coding").iter().filter_map(coding).collect();
    if codings.is_empty() { json!({ "text": HIDDEN }) } else { json!({ "coding": codings }) }
}

/// The codings, or else the name as it is written on a prescription: one line, and short.
fn named(value: &Value) -> Value {
    let concept = coded(value);
    if read::list(&concept, "coding").iter().any(|coding| coding.get("display").is_some()) {
        return concept;
    }
    let is_name = |text: &&str| text.chars().count() <= SUBSTANCE && !text.chars().any(char::is_control);
    match read::str_at(value, "text").filter(is_name) {
        Some(text) => json!({ "text": text }),
        None => concept,
    }
}

fn coding(value: &Value) -> Option<Value> {
    let (system, code) = (read::str_at(value, "system")?, read::str_at(value, "code")?);
    let is_public = PUBLIC_SYSTEMS
        .iter()
        .any(|public| system == *public || (public.ends_with('/') && system.starts_with(public)));
    let is_code = code.len() <= 64 && !code.contains(char::is_whitespace);
    let display = read::str_at(value, "display").filter(|text| text.chars().count() <= DISPLAY);
    (is_public && is_code).then(|| match display {
        Some(display) => json!({ "system": system, "code": code, "display": display }),
        None => json!({ "system": system, "code": code }),
    })
}

/// A label of privacy, by its code alone.
pub fn label(value: &Value) -> Option<Value> {
    let (system, code) = (read::str_at(value, "system")?, read::str_at(value, "code")?);
    let is_label = system.starts_with("http://terminology.hl7.org/CodeSystem/")
        && code.len() <= 20
        && code.chars().all(|c| c.is_ascii_uppercase());
    is_label.then(|| json!({ "system": system, "code": code }))
}

fn code(value: &Value) -> Option<Value> {
    let text = value.as_str()?;
    let letter = |c: char| c.is_ascii_lowercase() || c == '-';
    // `when` of a timing is in capitals: `AC`, `HS`.
    let event = text.len() <= 5 && text.chars().all(|c| c.is_ascii_alphabetic() || c == '.');
    ((text.len() <= 30 && text.chars().all(letter)) || event).then(|| json!(text))
}

/// A year, a month, a day or a moment, and nothing else.
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
    let mut kept = Map::new();
    let number = read::at(value, "value").filter(|number| number.is_number())?;
    kept.insert("value".to_owned(), number.clone());
    let is_comparator = |text: &&str| matches!(*text, "<" | "<=" | ">=" | ">" | "ad");
    if let Some(comparator) = read::str_at(value, "comparator").filter(is_comparator) {
        kept.insert("comparator".to_owned(), json!(comparator));
    }
    for name in ["unit", "code"] {
        if let Some(unit) = read::str_at(value, name).filter(|unit| unit.chars().count() <= UNIT) {
            kept.insert(name.to_owned(), json!(unit));
        }
    }
    if read::str_at(value, "system") == Some("http://unitsofmeasure.org") {
        kept.insert("system".to_owned(), json!("http://unitsofmeasure.org"));
    }
    Some(Value::Object(kept))
}

fn name(value: &Value) -> Option<Value> {
    let mut kept = Map::new();
    for field in ["use", "text", "family", "given", "prefix", "suffix"] {
        if let Some(words) = read::at(value, field) {
            kept.insert(field.to_owned(), words.clone());
        }
    }
    let period = [("period", Content::Period)];
    kept.extend(elements(&period, value.as_object()?));
    Some(Value::Object(kept))
}

fn identity(value: &Value) -> Option<Value> {
    const SYSTEM: &str = "https://fhir.nhs.uk/Id/nhs-number";
    let number = read::str_at(value, "value").and_then(|text| NhsNumber::parse(text).ok())?;
    (read::str_at(value, "system") == Some(SYSTEM))
        .then(|| json!({ "system": SYSTEM, "value": number.as_str() }))
}
