//! `OperationOutcome` answers of the facade. Never hold patient data.

use serde_json::{Value, json};

/// One issue, in words.
pub fn outcome(severity: &str, code: &str, words: &str) -> Value {
    json!({ "resourceType": "OperationOutcome", "issue": [{ "severity": severity, "code": code, "details": { "text": words } }] })
}
