//! The FHIR answers of the source. All people in them are invented.

use serde_json::{Value, json};

use super::{CHANGED, NHS_NUMBER, PERSON, Query, Shared, SourceBehaviour};

impl Shared {
    /// The resource at a path below the base.
    pub(super) fn find(&self, path: &str, query: &Query) -> Option<Value> {
        match path {
            "metadata" => Some(self.capability_statement()),
            "Patient" => Some(self.list_patients(query)),
            "MedicationStatement" if query.get("patient") == Some(PERSON) => {
                Some(searchset(std::slice::from_ref(&self.statement), 1, None))
            }
            "MedicationStatement" | "MedicationRequest" => Some(searchset(&[], 0, None)),
            _ => {
                let id = path.strip_prefix("Patient/")?;
                self.patients.iter().find(|patient| patient["id"] == id).cloned()
            }
        }
    }

    fn capability_statement(&self) -> Value {
        let version = if self.behaviour == SourceBehaviour::OldVersion { "3.0.2" } else { "4.0.1" };
        let types = ["Patient", "MedicationRequest", "MedicationStatement"].map(|name| json!({ "type": name }));
        json!({
            "resourceType": "CapabilityStatement", "status": "active", "kind": "instance", "date": CHANGED,
            "fhirVersion": version, "format": ["json"], "rest": [{ "mode": "server", "resource": types }],
        })
    }

    /// A page of the people: all, or who has this identifier.
    fn list_patients(&self, query: &Query) -> Value {
        let wanted = query.get("identifier").map(|text| text.rsplit('|').next().unwrap_or_default());
        let has = |patient: &&Value| wanted.is_none_or(|number| patient["identifier"][0]["value"] == number);
        let found: Vec<Value> = self.patients.iter().filter(has).cloned().collect();
        let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok());
        let (size, first) = (number("_count").unwrap_or(50).max(1), number("_first").unwrap_or(0));
        let page: Vec<Value> = found.iter().skip(first).take(size).cloned().collect();
        let after = first + page.len();
        let next = format!("{}/Patient?_count={size}&_first={after}", self.base_url);
        searchset(&page, found.len(), (after < found.len()).then_some(next))
    }
}

fn searchset(resources: &[Value], total: usize, next: Option<String>) -> Value {
    let entries: Vec<Value> = resources.iter().map(|one| json!({ "resource": one })).collect();
    let links: Vec<Value> = next.into_iter().map(|url| json!({ "relation": "next", "url": url })).collect();
    json!({ "resourceType": "Bundle", "type": "searchset", "total": total, "link": links, "entry": entries })
}

pub(super) fn patient(id: &str, number: &str, (family, given): (&str, &str), birth_date: &str) -> Value {
    json!({
        "resourceType": "Patient", "id": id, "meta": { "lastUpdated": CHANGED }, "active": true,
        "identifier": [{ "system": NHS_NUMBER, "value": number }],
        "name": [{ "use": "official", "family": family, "given": [given] }],
        "gender": "female", "birthDate": birth_date, "address": [{ "line": ["1 Kirkgate"], "city": "Leeds" }],
    })
}

pub(super) fn medication_statement(medicine: &str) -> Value {
    json!({
        "resourceType": "MedicationStatement", "id": "KHM0001", "meta": { "lastUpdated": CHANGED },
        "identifier": [{ "system": "https://kirkgate.example/Id/statement", "value": "KHM0001" }],
        "status": "active", "medicationCodeableConcept": { "text": medicine },
        "subject": { "reference": format!("Patient/{PERSON}") },
        "effectiveDateTime": CHANGED, "dateAsserted": CHANGED, "dosage": [{ "text": "2.5 ml when needed" }],
    })
}
