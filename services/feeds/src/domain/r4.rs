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

pub fn patient(identity: &SourceIdentity) -> Value {
    json!({ "reference": format!("Patient/{}", identity.local_id.0) })
}

/// A `CodeableConcept` of CE or CWE: code, text, system; then the alternate.
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
    let codings: Vec<Value> = [coding(1), coding(4)].into_iter().flatten().collect();
    let text = one
        .part_words(9)
        .or_else(|| one.part_words(2))
        .or_else(|| one.part_words(5))
        .or_else(|| one.part(1))?;
    Some(if codings.is_empty() {
        json!({ "text": text })
    } else {
        json!({ "coding": codings, "text": text })
    })
}

/// The words of a concept.
pub fn concept_words(one: Repetition<'_>) -> Option<String> {
    one.part_words(2).or_else(|| one.part_words(9)).or_else(|| one.part_words(5)).or_else(|| one.part(1))
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
    if time::has_clock(text) {
        return time::timestamp(text).map(|at| json!(at.to_string()));
    }
    time::date(text).map(|day| json!(day.to_string()))
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

/// A number as it was written, if it is one that JSON can carry.
pub fn number(text: &str) -> Option<Value> {
    let plain = text.trim().trim_start_matches('+');
    let plain =
        if plain.starts_with('.') { format!("0{plain}") } else { plain.trim_end_matches('.').to_owned() };
    serde_json::from_str::<serde_json::Number>(&plain).ok().map(Value::Number)
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
