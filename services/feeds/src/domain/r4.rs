//! HL7 v2 values as FHIR R4 JSON. What is made is checked by the same library that reads sources' answers; a code
//! system is named only where it is surely known.

use lcr_contracts::events::PushedItem;
use lcr_hl7::{Field, Repetition, time};
use lcr_model::SourceIdentity;
use serde_json::{Map, Value, json};

use super::NotMapped;

/// A resource being made: absent values leave no field.
pub struct Resource(Map<String, Value>);

impl Resource {
    pub fn new(kind: &str, id: &str, identity: &SourceIdentity) -> Self {
        let mut fields = Map::new();
        fields.insert("resourceType".into(), json!(kind));
        fields.insert("id".into(), json!(id));
        if kind != "Appointment" {
            fields.insert("subject".into(), patient(identity));
        }
        Self(fields)
    }

    pub fn put(&mut self, name: &str, value: impl Into<Option<Value>>) -> &mut Self {
        if let Some(value) = value.into().filter(says_something) {
            self.0.insert(name.into(), value);
        }
        self
    }

    pub fn done(self) -> Value {
        Value::Object(self.0)
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    }
}

/// The values of a list; none where it is no list.
pub fn into_list(value: Value) -> Vec<Value> {
    if let Value::Array(list) = value { list } else { vec![] }
}

pub fn patient(identity: &SourceIdentity) -> Value {
    json!({ "reference": format!("Patient/{}", identity.local_id.0) })
}

/// A `CodeableConcept` of CE or CWE: code, text, system; then the alternates. A code that nobody put in words is
/// shown with its system.
pub fn concept(one: Repetition<'_>) -> Option<Value> {
    let coding = |at: usize| {
        let (code, display) = (one.part(at), one.part_words(at + 1));
        let system = one.part(at + 2).as_deref().and_then(system);
        let mut fields = Map::new();
        for (name, value) in [("system", system.map(str::to_owned)), ("code", code), ("display", display)] {
            fields.extend(value.map(|value| (name.to_owned(), json!(value))));
        }
        fields.contains_key("code").then_some(Value::Object(fields))
    };
    let codings: Vec<Value> = [coding(1), coding(4), coding(10)].into_iter().flatten().collect();
    let text = one.part_words(9).or_else(|| concept_words(one))?;
    Some(if codings.is_empty() {
        json!({ "text": text })
    } else {
        json!({ "coding": codings, "text": text })
    })
}

/// The words of a concept.
pub fn concept_words(one: Repetition<'_>) -> Option<String> {
    let words = [2, 9, 5, 11].into_iter().find_map(|part| one.part_words(part));
    words.or_else(|| {
        let code = one.part(1)?;
        Some(match one.part(3) {
            Some(local) if local.eq_ignore_ascii_case("L") => format!("{code} (local code)"),
            Some(system) => format!("{code} ({system})"),
            None => code,
        })
    })
}

/// Names of code systems in HL7 table 0396.
fn system(name: &str) -> Option<&'static str> {
    match name.to_ascii_uppercase().as_str() {
        "LN" | "LOINC" | "LNC" => Some("http://loinc.org"),
        "SCT" | "SCT2" | "SNM3" | "SNOMED" | "SNOMED-CT" | "SNOMEDCT" => Some("http://snomed.info/sct"),
        "UCUM" => Some("http://unitsofmeasure.org"),
        "I10" | "ICD10" | "ICD-10" => Some("http://hl7.org/fhir/sid/icd-10"),
        _ => None,
    }
}

/// A time as FHIR writes it, no more exact than it was sent.
pub fn when(field: Field<'_>) -> Option<Value> {
    when_text(&field.code()?)
}

pub fn when_text(text: &str) -> Option<Value> {
    let text = text.trim();
    if time::has_clock(text) {
        return time::timestamp(text).map(|at| json!(at.to_string()));
    }
    let day = match text.len() {
        4 => format!("{text}0101"),
        6 => format!("{text}01"),
        _ => text.to_owned(),
    };
    let written = time::date(&day)?.to_string();
    let exact = match text.len() {
        4 => written.get(..4)?,
        6 => written.get(..7)?,
        _ => &written,
    };
    Some(json!(exact))
}

/// A moment for fields that take nothing less.
pub fn instant(field: Field<'_>) -> Option<Value> {
    time::timestamp(&field.code()?).map(|at| json!(at.to_string()))
}

/// A person's name as shown: `Dr Samuel Darwin`.
pub fn clinician(one: Repetition<'_>) -> Option<Value> {
    let parts: Vec<String> = [one.part(6), one.part(3), one.part(2)].into_iter().flatten().collect();
    let name = if parts.is_empty() { one.part(1)? } else { parts.join(" ") };
    Some(json!({ "display": name }))
}

/// What is pushed, each resource as the record will read it; one that would not be read is not sent on.
pub fn checked(
    resources: Vec<Value>,
    name: String,
    awaited: bool,
    discharge_letter: bool,
    place: &str,
) -> Result<PushedItem, NotMapped> {
    let read = |value| lcr_fhir::Item::read(value).map(lcr_fhir::Item::into_value);
    let resources: Result<Vec<Value>, _> = resources.into_iter().map(read).collect();
    let resources =
        resources.map_err(|_| NotMapped::waits("a value in it could not be written as FHIR", place))?;
    Ok(PushedItem { resources, name, awaited, discharge_letter })
}

const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

/// How confidential something is (TXA-18, ORC-28; HL7 tables 0272 and 0177): the label with its code as it was sent.
pub fn confidentiality(field: Field<'_>) -> Option<Value> {
    let one = field.first()?;
    let code = one.part(1)?;
    let (known, display) = match code.to_ascii_uppercase().as_str() {
        "V" => ("V", "very restricted"),
        "R" => ("R", "restricted"),
        "U" | "N" => ("N", "normal"),
        _ => return Some(json!({ "coding": [{ "code": code }], "text": concept_words(one)? })),
    };
    let words = one.part_words(2).unwrap_or_else(|| display.to_owned());
    Some(
        json!({ "coding": [{ "system": CONFIDENTIALITY, "code": known, "display": display }], "text": words }),
    )
}

/// OBX-13: marks of the sender's own on who may look, as labels of the resource.
pub fn marks(field: Field<'_>) -> Option<Value> {
    let labels: Vec<Value> = field
        .repetitions()
        .filter_map(|one| {
            let mut label = Map::new();
            label.insert("code".to_owned(), json!(one.part(1)?));
            label.extend(one.part_words(2).map(|words| ("display".to_owned(), json!(words))));
            Some(Value::Object(label))
        })
        .collect();
    (!labels.is_empty()).then(|| json!({ "security": labels }))
}
