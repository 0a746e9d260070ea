//! What TXA says of a document's standing: completion (TXA-17), confidentiality (TXA-18), availability (TXA-19).

use lcr_hl7::Segment;
use serde_json::{Map, Value, json};

use crate::domain::{files, r4};

/// Whether a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Current,
    /// Obsolete, or another one stands in its place.
    Superseded,
    /// Cancelled or deleted by its sender.
    Withdrawn,
}

impl Standing {
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

/// Senders write both tables into both fields.
pub fn of(txa: Segment<'_>, cancelled: bool) -> Standing {
    let (completion, availability) = (code(txa, 17), code(txa, 19));
    let says = |word: &str| completion == word || availability == word;
    if cancelled || says("CA") || says("DE") {
        Standing::Withdrawn
    } else if says("OB") {
        Standing::Superseded
    } else {
        Standing::Current
    }
}

/// HL7 table 0271 as `docStatus`; none where the sender says nothing of it.
pub fn doc_status(txa: Segment<'_>, standing: Standing, is_edit: bool) -> Option<&'static str> {
    if standing == Standing::Withdrawn {
        return Some("entered-in-error");
    }
    match code(txa, 17).as_str() {
        "AU" | "LA" | "DO" if is_edit => Some("amended"),
        "AU" | "LA" | "DO" => Some("final"),
        "DI" | "IN" | "IP" | "PA" => Some("preliminary"),
        _ => None,
    }
}

/// Labels of confidentiality and of the content, and the availability as it was sent.
pub fn meta(txa: Segment<'_>, label: Option<&Value>, of_content: Vec<Value>) -> Option<Value> {
    let mut made = Map::new();
    let label = label.map(|label| r4::into_list(label["coding"].clone())).unwrap_or_default();
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
