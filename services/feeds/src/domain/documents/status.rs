//! Reads a document's completion (TXA-17), confidentiality (TXA-18) and availability (TXA-19). Must never show a
//! cancelled document as current.

use lcr_hl7::Segment;
use serde_json::{Map, Value, json};

use crate::domain::{fhir_json, files};

/// Whether a document is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentStatus {
    Current,
    /// Obsolete, or replaced by another document.
    Superseded,
    /// Cancelled or deleted by its sender.
    Withdrawn,
}

impl DocumentStatus {
    /// `DocumentReference.status`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Superseded => "superseded",
            Self::Withdrawn => "entered-in-error",
        }
    }
}

fn code(txa: Segment<'_>, field: usize) -> String {
    txa.field(field).code().unwrap_or_default().to_ascii_uppercase()
}

/// Reads both fields for both tables, because senders mix them up.
pub fn read(txa: Segment<'_>, cancelled: bool) -> DocumentStatus {
    let (completion, availability) = (code(txa, 17), code(txa, 19));
    let says = |word: &str| completion == word || availability == word;
    if cancelled || says("CA") || says("DE") {
        DocumentStatus::Withdrawn
    } else if says("OB") {
        DocumentStatus::Superseded
    } else {
        DocumentStatus::Current
    }
}

/// HL7 table 0271 as `docStatus`. `None` if TXA-17 is empty or unknown.
pub fn doc_status(txa: Segment<'_>, status: DocumentStatus, is_edit: bool) -> Option<&'static str> {
    if status == DocumentStatus::Withdrawn {
        return Some("entered-in-error");
    }
    match code(txa, 17).as_str() {
        "AU" | "LA" | "DO" if is_edit => Some("amended"),
        "AU" | "LA" | "DO" => Some("final"),
        "DI" | "IN" | "IP" | "PA" => Some("preliminary"),
        _ => None,
    }
}

/// The `meta` element: confidentiality and content labels, and the availability as a tag.
pub fn meta(txa: Segment<'_>, label: Option<&Value>, of_content: Vec<Value>) -> Option<Value> {
    let mut made = Map::new();
    let label = label.map(|label| fhir_json::into_list(label["coding"].clone())).unwrap_or_default();
    let labels: Vec<Value> = label.into_iter().chain(of_content).collect();
    if !labels.is_empty() {
        made.insert("security".to_owned(), Value::Array(labels));
    }
    let (completion, availability) = (code(txa, 17), code(txa, 19));
    let unavailable = completion == "UN" || availability == "UN";
    let availability = if unavailable { "UN".to_owned() } else { availability };
    if matches!(availability.as_str(), "AV" | "CA" | "OB" | "UN") {
        made.insert("tag".to_owned(), json!([{ "system": files::AVAILABILITY, "code": availability }]));
    }
    (!made.is_empty()).then_some(Value::Object(made))
}
