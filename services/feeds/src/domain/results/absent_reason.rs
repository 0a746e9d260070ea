//! Explains why an observation has no value. Must never give a reason for a value that counts.

use lcr_hl7::Segment;
use serde_json::{Value, json};

use crate::domain::hl7_values;

const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";

/// The reason, or `None` if the value counts. For a result that cannot be obtained, the sent value is the reason.
pub fn reason(obx: Segment<'_>, status: Option<&str>, has_value: bool) -> Option<Value> {
    let because =
        |code: &str, text: String| Some(json!({ "coding": [{ "system": SYSTEM, "code": code }], "text": text }));
    if status == Some("X") {
        let words = "Results cannot be obtained for this observation";
        let sent = hl7_values::as_text(obx).filter(|_| !obx.field(5).is_deleted());
        return because("error", sent.map_or_else(|| words.to_owned(), |sent| format!("{words}: {sent}")));
    }
    if has_value {
        return None;
    }
    let (code, words) = match status {
        Some("I") => ("temp-unknown", "The specimen is in the laboratory, the result is awaited"),
        Some("O") => ("unknown", "Details of the order only, no result"),
        Some("N") => ("not-asked", "Not asked for"),
        Some("U") => ("unknown", "The value was sent before and has not changed"),
        _ if obx.field(5).is_deleted() => ("unknown", "The sender deleted the value"),
        Some("P" | "R" | "S") => ("temp-unknown", "No value was sent yet"),
        _ => ("unknown", "No value was sent"),
    };
    because(code, words.to_owned())
}
