//! Shared parts of resources: meta, codes, references, times. It must contain no clinical content.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::Chart;
use crate::catalogue::Term;
use crate::names::CLINICIAN;
use crate::plan::Source;
use crate::random::SeededRng;

pub(super) const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
/// The city's own code system, for categories without a published code.
pub(super) const OWN: &str = "https://city.example/CodeSystem/category";
const HL7: &str = "http://terminology.hl7.org/CodeSystem";

/// A `CodeableConcept` with a SNOMED CT code, or with text only if the term has no code.
pub(super) fn concept(term: Term) -> Value {
    if term.code.is_empty() {
        return json!({"text": term.words});
    }
    json!({"coding": [{"system": "http://snomed.info/sct", "code": term.code, "display": term.words}], "text": term.words})
}

pub(super) fn coded(system: &str, code: &str, words: &str) -> Value {
    json!({"coding": [{"system": system, "code": code, "display": words}], "text": words})
}

/// A code of an HL7 code system.
pub(super) fn hl7(list: &str, code: &str) -> Value {
    json!({"coding": [{"system": format!("{HL7}/{list}"), "code": code}]})
}

pub(super) fn hl7_coding(list: &str, code: &str, words: &str) -> Value {
    json!({"system": format!("{HL7}/{list}"), "code": code, "display": words})
}

/// A decimal number from tenths, without trailing zeros.
pub(super) fn tenths(value: u32) -> Value {
    if value.is_multiple_of(10) { Value::from(value / 10) } else { Value::from(f64::from(value) / 10.0) }
}

/// A time on that day, with minutes that depend only on the day.
pub(super) fn at(date: Date, hour: u8) -> String {
    format!("{date}T{hour:02}:{:02}:00Z", i32::from(date.day()) * 7 % 60)
}

impl Chart<'_> {
    pub(super) fn id(&self, kind: &str, key: &str) -> String {
        format!("{}-{kind}-{key}", self.local)
    }

    pub(super) fn subject(&self) -> Value {
        json!({"reference": format!("Patient/{}", self.local), "type": "Patient"})
    }

    /// The organisation behind the resource: the practice for a GP system, else the owner.
    pub(super) fn organisation(&self) -> Value {
        let (ods, name) = if self.source.is_gp() {
            let practice = self.world.practice(self.person.index);
            (practice.ods, practice.name)
        } else {
            self.source.owner()
        };
        json!({"type": "Organization", "identifier": {"system": ODS, "value": ods}, "display": name})
    }

    pub(super) fn clinician(rng: &mut SeededRng) -> Value {
        json!({"type": "Practitioner", "display": rng.pick(&CLINICIAN)})
    }

    /// Builds a resource from type, id, meta and body. The body must be an object.
    pub(super) fn resource(&self, kind: &str, id: String, changed: Date, body: Value) -> Value {
        let mut whole = Map::new();
        whole.insert("resourceType".to_owned(), Value::from(kind));
        whole.insert("id".to_owned(), Value::from(id));
        whole.insert("meta".to_owned(), self.meta(kind, changed));
        if let Value::Object(fields) = body {
            whole.extend(fields);
        }
        Value::Object(whole)
    }

    fn meta(&self, kind: &str, changed: Date) -> Value {
        let mut meta = json!({
            "versionId": (1 + i32::from(changed.day()) % 3).to_string(),
            "lastUpdated": at(changed.max(self.person.birth), 17),
            "profile": [format!("https://fhir.hl7.org.uk/StructureDefinition/UKCore-{kind}")],
        });
        let label = match self.source {
            Source::SexualHealth => Some(("STD", "sexually transmitted disease information sensitivity")),
            Source::MentalHealth => Some(("PSY", "psychiatry disorder information sensitivity")),
            _ => None,
        };
        if let (Some((code, words)), true) = (label, kind != "Patient") {
            meta["security"] =
                json!([hl7_coding("v3-Confidentiality", "R", "restricted"), hl7_coding("v3-ActCode", code, words),]);
        }
        meta
    }
}
