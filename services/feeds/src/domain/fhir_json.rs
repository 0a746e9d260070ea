//! Builds FHIR R4 JSON from HL7 v2 values. Every resource is checked by the library that reads sources' answers. It
//! must never name a code system that is not certain.

use lcr_contracts::events::PushedItem;
use lcr_hl7::{Field, Repetition, time};
use lcr_model::SourceIdentity;
use serde_json::{Map, Value, json};

use super::MappingError;

/// Builds a resource. Absent values leave no field.
pub struct ResourceBuilder(Map<String, Value>);

impl ResourceBuilder {
    pub fn new(kind: &str, id: &str, identity: &SourceIdentity) -> Self {
        let mut fields = Map::new();
        fields.insert("resourceType".into(), json!(kind));
        fields.insert("id".into(), json!(id));
        if kind != "Appointment" {
            fields.insert("subject".into(), patient_reference(identity));
        }
        Self(fields)
    }

    pub fn put(&mut self, name: &str, value: impl Into<Option<Value>>) -> &mut Self {
        if let Some(value) = value.into().filter(has_content) {
            self.0.insert(name.into(), value);
        }
        self
    }

    pub fn build(self) -> Value {
        Value::Object(self.0)
    }
}

fn has_content(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    }
}

/// The values of a list. Empty if the value is no list.
pub fn into_list(value: Value) -> Vec<Value> {
    if let Value::Array(list) = value { list } else { vec![] }
}

pub fn patient_reference(identity: &SourceIdentity) -> Value {
    json!({ "reference": format!("Patient/{}", identity.local_id.0) })
}

/// A `CodeableConcept` of CE or CWE, with its alternate codes. A code without words is shown with its system.
pub fn concept(one: Repetition<'_>) -> Option<Value> {
    let coding = |at: usize| {
        let (code, display) = (one.component(at), one.component_text(at + 1));
        let system = one.component(at + 2).as_deref().and_then(code_system);
        let mut fields = Map::new();
        for (name, value) in [("system", system.map(str::to_owned)), ("code", code), ("display", display)] {
            fields.extend(value.map(|value| (name.to_owned(), json!(value))));
        }
        fields.contains_key("code").then_some(Value::Object(fields))
    };
    let codings: Vec<Value> = [coding(1), coding(4), coding(10)].into_iter().flatten().collect();
    let text = one.component_text(9).or_else(|| concept_words(one))?;
    Some(if codings.is_empty() { json!({ "text": text }) } else { json!({ "coding": codings, "text": text }) })
}

/// The display text of a concept.
pub fn concept_words(one: Repetition<'_>) -> Option<String> {
    let words = [2, 9, 5, 11].into_iter().find_map(|part| one.component_text(part));
    words.or_else(|| {
        let code = one.component(1)?;
        Some(match one.component(3) {
            Some(local) if local.eq_ignore_ascii_case("L") => format!("{code} (local code)"),
            Some(system) => format!("{code} ({system})"),
            None => code,
        })
    })
}

/// The URI of a code system in HL7 table 0396.
fn code_system(name: &str) -> Option<&'static str> {
    match name.to_ascii_uppercase().as_str() {
        "LN" | "LOINC" | "LNC" => Some("http://loinc.org"),
        "SCT" | "SCT2" | "SNM3" | "SNOMED" | "SNOMED-CT" | "SNOMEDCT" => Some("http://snomed.info/sct"),
        "UCUM" => Some("http://unitsofmeasure.org"),
        "I10" | "ICD10" | "ICD-10" => Some("http://hl7.org/fhir/sid/icd-10"),
        _ => None,
    }
}

/// A FHIR date-time, no more precise than the sent one.
pub fn date_time(field: Field<'_>) -> Option<Value> {
    date_time_text(&field.code()?)
}

pub fn date_time_text(text: &str) -> Option<Value> {
    let text = text.trim();
    if time::has_time_of_day(text) {
        return time::parse_timestamp(text).map(|at| json!(at.to_string()));
    }
    let day = match text.len() {
        4 => format!("{text}0101"),
        6 => format!("{text}01"),
        _ => text.to_owned(),
    };
    let written = time::parse_date(&day)?.to_string();
    let exact = match text.len() {
        4 => written.get(..4)?,
        6 => written.get(..7)?,
        _ => &written,
    };
    Some(json!(exact))
}

/// A time for fields that require a full instant.
pub fn instant(field: Field<'_>) -> Option<Value> {
    time::parse_timestamp(&field.code()?).map(|at| json!(at.to_string()))
}

/// A clinician's name as shown: `Dr Samuel Darwin`.
pub fn clinician(one: Repetition<'_>) -> Option<Value> {
    let parts: Vec<String> = [one.component(6), one.component(3), one.component(2)].into_iter().flatten().collect();
    let name = if parts.is_empty() { one.component(1)? } else { parts.join(" ") };
    Some(json!({ "display": name }))
}

/// Makes a pushed item of resources that pass the FHIR check. An invalid resource makes the message a dead letter.
pub fn checked_item(
    resources: Vec<Value>,
    name: String,
    awaited: bool,
    discharge_letter: bool,
    place: &str,
) -> Result<PushedItem, MappingError> {
    let read = |value| lcr_fhir::Item::read(value).map(lcr_fhir::Item::into_value);
    let resources: Result<Vec<Value>, _> = resources.into_iter().map(read).collect();
    let resources = resources.map_err(|_| MappingError::waiting("a value could not be converted to FHIR", place))?;
    Ok(PushedItem { resources, name, awaited, discharge_letter })
}

const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

/// The confidentiality label in TXA-18 or ORC-28 (HL7 tables 0272 and 0177). An unknown code stays as sent, and so do words
/// without a code.
pub fn confidentiality(field: Field<'_>) -> Option<Value> {
    let one = field.first()?;
    let Some(code) = one.component(1) else {
        let words = one.component_text(2)?;
        return Some(json!({ "coding": [{ "display": words }], "text": words }));
    };
    let (known, display) = match code.to_ascii_uppercase().as_str() {
        "V" => ("V", "very restricted"),
        "R" => ("R", "restricted"),
        "U" | "N" => ("N", "normal"),
        _ => return Some(json!({ "coding": [{ "code": code }], "text": concept_words(one)? })),
    };
    let words = one.component_text(2).unwrap_or_else(|| display.to_owned());
    Some(json!({ "coding": [{ "system": CONFIDENTIALITY, "code": known, "display": display }], "text": words }))
}

/// The sender's own access restrictions (OBX-13), as labels of the resource.
pub fn access_labels(field: Field<'_>) -> Option<Value> {
    let labels: Vec<Value> = field
        .repetitions()
        .filter_map(|one| {
            let mut label = Map::new();
            label.extend(one.component(1).map(|code| ("code".to_owned(), json!(code))));
            label.extend(one.component_text(2).map(|words| ("display".to_owned(), json!(words))));
            (!label.is_empty()).then_some(Value::Object(label))
        })
        .collect();
    (!labels.is_empty()).then(|| json!({ "security": labels }))
}
