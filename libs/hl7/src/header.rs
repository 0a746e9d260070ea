//! The message header (MSH), as far as routing and acknowledging need it. It must never hold a person's data.

use crate::{Field, Message};

/// The values of the header. A value that the sender left out is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// MSH-3.
    pub application: String,
    /// MSH-4.
    pub facility: String,
    /// MSH-9.1.
    pub code: String,
    /// MSH-9.2, else EVN-1, else the event in MSH-9.3.
    pub event: String,
    /// MSH-10.
    pub control_id: String,
    /// MSH-11.
    pub processing_id: String,
    /// MSH-12.
    pub version: String,
}

impl Header {
    pub fn of(message: &Message) -> Self {
        let kind = message.field("MSH", 9).first();
        let part = |number| kind.and_then(|kind| kind.component(number)).map(|part| part.to_ascii_uppercase());
        let of_structure = |text: String| text.split_once('_').map(|(code, event)| (code.to_owned(), event.to_owned()));
        // Some senders write the structure (`ADT_A01`) instead of the type.
        let structure_in_type = part(1).and_then(of_structure);
        let code = structure_in_type.clone().map(|(code, _)| code).or_else(|| part(1));
        let by_segment = || message.field("EVN", 1).code().map(|event| event.to_ascii_uppercase());
        let structure = || structure_in_type.or_else(|| part(3).and_then(of_structure)).map(|(_, event)| event);
        let event = part(2).or_else(by_segment).or_else(structure);
        Self {
            application: designator_name(message.field("MSH", 3)),
            facility: designator_name(message.field("MSH", 4)),
            code: code.unwrap_or_default(),
            event: event.unwrap_or_default(),
            control_id: message.field("MSH", 10).first_text().unwrap_or_default(),
            processing_id: message.field("MSH", 11).code().unwrap_or_default(),
            version: message.field("MSH", 12).code().unwrap_or_default(),
        }
    }

    /// The message type as lists show it: `ADT^A01`.
    pub fn message_type(&self) -> String {
        if self.event.is_empty() { self.code.clone() } else { format!("{}^{}", self.code, self.event) }
    }

    /// Whether the version is 2.1 to 2.9, including minor releases such as 2.5.1.
    pub fn is_known_version(&self) -> bool {
        let minor = self.version.strip_prefix("2.").and_then(|rest| rest.split('.').next());
        minor.is_some_and(|minor| minor.len() == 1 && matches!(minor.as_bytes(), [b'1'..=b'9']))
    }

    /// Whether ERR has the fields of version 2.5 and later.
    pub fn has_detailed_errors(&self) -> bool {
        self.is_known_version() && self.version.as_str() >= "2.5"
    }
}

/// The namespace of a hierarchic designator (HD), else its universal id.
fn designator_name(field: Field<'_>) -> String {
    field.first().and_then(|name| name.component(1).or_else(|| name.component(2))).unwrap_or_default()
}

#[cfg(test)]
#[path = "header_tests.rs"]
mod tests;
