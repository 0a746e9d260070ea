//! The FHIR `CapabilityStatement`. It must name reading only.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::resource_type::ResourceType;

pub fn capability_statement(now: Timestamp) -> Value {
    let resources: Vec<Value> = ResourceType::ALL.iter().map(|resource_type| resource(*resource_type)).collect();
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": now.to_string(),
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "software": { "name": "Leeds Care Record", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": "Leeds Care Record, read-only" },
        "rest": [{
            "mode": "server",
            "documentation": "Read-only. Searches other than for Patient are by patient. Sources that did not answer are named in an OperationOutcome entry.",
            "security": { "description": "OAuth2 bearer token" },
            "resource": resources,
        }],
    })
}

fn resource(resource_type: ResourceType) -> Value {
    let profile = format!("https://fhir.hl7.org.uk/StructureDefinition/UKCore-{}", resource_type.as_str());
    if resource_type == ResourceType::Patient {
        return json!({
            "type": "Patient",
            "supportedProfile": [profile],
            "interaction": [{ "code": "read" }, { "code": "search-type" }],
            "searchParam": [
                { "name": "identifier", "type": "token" }, { "name": "family", "type": "string" },
                { "name": "given", "type": "string" }, { "name": "birthdate", "type": "date" },
                { "name": "address-postalcode", "type": "string" }, { "name": "_id", "type": "token" },
            ],
        });
    }
    json!({
        "type": resource_type.as_str(),
        "supportedProfile": [profile],
        "interaction": [{ "code": "search-type" }],
        "searchParam": [{ "name": "patient", "type": "reference" }, { "name": "subject", "type": "reference" }],
    })
}
