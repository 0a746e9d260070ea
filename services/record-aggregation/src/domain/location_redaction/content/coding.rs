//! Codes of public code systems. It never passes on the text of a code that a source made up.

use lcr_fhir::read;
use serde_json::{Value, json};

use super::MAX_NAME_CHARS;
use crate::domain::location_redaction::HIDDEN;

/// Code systems that are the same everywhere. A source's own code could be the name of a ward.
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

/// The longest name of a code that is passed on.
const MAX_DISPLAY_CHARS: usize = 200;

/// The codings of public systems, or `HIDDEN` if there are none.
pub(super) fn public_codings(value: &Value) -> Value {
    let codings: Vec<Value> = read::list(value, "coding").iter().filter_map(public_coding).collect();
    if codings.is_empty() { json!({ "text": HIDDEN }) } else { json!({ "coding": codings }) }
}

/// The public codings, or else the name if it is one short line.
pub(super) fn public_codings_or_name(value: &Value) -> Value {
    let concept = public_codings(value);
    if read::list(&concept, "coding").iter().any(|coding| coding.get("display").is_some()) {
        return concept;
    }
    let is_name = |text: &&str| text.chars().count() <= MAX_NAME_CHARS && !text.chars().any(char::is_control);
    match read::str_at(value, "text").filter(is_name) {
        Some(text) => json!({ "text": text }),
        None => concept,
    }
}

fn public_coding(value: &Value) -> Option<Value> {
    let (system, code) = (read::str_at(value, "system")?, read::str_at(value, "code")?);
    let is_public =
        PUBLIC_SYSTEMS.iter().any(|public| system == *public || (public.ends_with('/') && system.starts_with(public)));
    let is_code = code.len() <= 64 && !code.contains(char::is_whitespace);
    let display = read::str_at(value, "display").filter(|text| text.chars().count() <= MAX_DISPLAY_CHARS);
    (is_public && is_code).then(|| match display {
        Some(display) => json!({ "system": system, "code": code, "display": display }),
        None => json!({ "system": system, "code": code }),
    })
}

/// A privacy label with only its code.
pub fn privacy_label(value: &Value) -> Option<Value> {
    let (system, code) = (read::str_at(value, "system")?, read::str_at(value, "code")?);
    let is_label = system.starts_with("http://terminology.hl7.org/CodeSystem/")
        && code.len() <= 20
        && code.chars().all(|c| c.is_ascii_uppercase());
    is_label.then(|| json!({ "system": system, "code": code }))
}

pub(super) fn code(value: &Value) -> Option<Value> {
    let text = value.as_str()?;
    let letter = |c: char| c.is_ascii_lowercase() || c == '-';
    // The codes of a timing's `when` are in capitals: `AC`, `HS`.
    let event = text.len() <= 5 && text.chars().all(|c| c.is_ascii_alphabetic() || c == '.');
    ((text.len() <= 30 && text.chars().all(letter)) || event).then(|| json!(text))
}
