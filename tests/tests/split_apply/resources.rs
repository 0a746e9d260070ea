//! The Secret and the `PartnerSystem` of a new partner, as they are in Git. Both must be such that a real API server accepts
//! them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lcr_tests::PartnerSource;
use serde_json::{Value, json};

/// The name of the resource, which is the id of the system.
pub const NAME: &str = "z9k02-records";

/// The credentials that the source wants, each value in base64, as the API server stores it.
pub fn secret(source: &PartnerSource) -> Value {
    let credentials = source.credentials();
    let encoded = |field: &str| STANDARD.encode(credentials[field].as_str().unwrap());
    json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": NAME},
        "data": {
            "type": encoded("kind"), "client_id": encoded("client_id"), "client_secret": encoded("client_secret"),
        },
    })
}

/// A live system under an agreement, with its medicines at this stage.
pub fn partner_system(source: &PartnerSource, medications: &str) -> Value {
    json!({
        "apiVersion": "leedscarerecord.uk/v1",
        "kind": "PartnerSystem",
        "metadata": {"name": NAME},
        "spec": {
            "odsCode": "Z9K02",
            "system": "records",
            "name": "Briggate records",
            "organisation": {
                "name": "Briggate Hospice", "kind": "community", "contact": "Information desk, 0113 496 0110",
            },
            "kind": "community",
            "protocol": "fhir-r4",
            "endpoint": source.base_url(),
            "credentialsRef": NAME,
            "tokenUrl": source.credentials()["token_url"],
            "contact": "Information desk",
            "datasets": ["demographics", "medications"],
            "stages": [stage("demographics", "on"), stage("medications", medications)],
            "live": true,
            "agreement": {
                "reference": "ISA-2024-021",
                "signedOn": "2024-04-01",
                "signatories": [
                    {"duty": "siro", "name": "B. Example", "signedOn": "2024-03-28"},
                    {"duty": "caldicott-guardian", "name": "A. Example", "signedOn": "2024-04-01"},
                ],
            },
        },
    })
}

/// A stage that opens a dataset names who signed it off, and what service users said of it.
fn stage(dataset: &str, stage: &str) -> Value {
    if stage == "off" {
        return json!({"dataset": dataset, "stage": stage});
    }
    json!({
        "dataset": dataset, "stage": stage, "signedOffBy": "A. Example, Caldicott guardian",
        "userView": "Ten people of the patients' group read it and want it shared",
    })
}
