//! What every message says of itself (MSH), as far as answering and routing need it. Names of systems and
//! messages, never of people.

use crate::{Field, Message};

/// The header's values; empty where the sender left them out.
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
    pub processing: String,
    /// MSH-12.
    pub version: String,
}

impl Header {
    pub fn of(message: &Message) -> Self {
        let kind = message.field("MSH", 9).first();
        let part = |number| kind.and_then(|kind| kind.part(number)).map(|part| part.to_ascii_uppercase());
        let of_structure =
            |text: String| text.split_once('_').map(|(code, event)| (code.to_owned(), event.to_owned()));
        // Some write the structure in the place of the type: `ADT_A01`.
        let whole = part(1).and_then(of_structure);
        let code = whole.clone().map(|(code, _)| code).or_else(|| part(1));
        let by_segment = || message.field("EVN", 1).code().map(|event| event.to_ascii_uppercase());
        let structure = || whole.or_else(|| part(3).and_then(of_structure)).map(|(_, event)| event);
        let event = part(2).or_else(by_segment).or_else(structure);
        Self {
            application: name(message.field("MSH", 3)),
            facility: name(message.field("MSH", 4)),
            code: code.unwrap_or_default(),
            event: event.unwrap_or_default(),
            control_id: message.field("MSH", 10).words().unwrap_or_default(),
            processing: message.field("MSH", 11).code().unwrap_or_default(),
            version: message.field("MSH", 12).code().unwrap_or_default(),
        }
    }

    /// `ADT^A01`, as lists show it.
    pub fn kind(&self) -> String {
        if self.event.is_empty() { self.code.clone() } else { format!("{}^{}", self.code, self.event) }
    }

    /// Whether the version is one of 2.1 to 2.9, whatever comes after it (`2.5.1`).
    pub fn version_known(&self) -> bool {
        let minor = self.version.strip_prefix("2.").and_then(|rest| rest.split('.').next());
        minor.is_some_and(|minor| minor.len() == 1 && matches!(minor.as_bytes(), [b'1'..=b'9']))
    }

    /// 2.5 and later have errors in a form of their own.
    pub fn new_errors(&self) -> bool {
        self.version_known() && self.version.as_str() >= "2.5"
    }
}

/// A hierarchic designator: its namespace, else its universal id.
fn name(field: Field<'_>) -> String {
    field.first().and_then(|one| one.part(1).or_else(|| one.part(2))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_is_found_where_senders_put_it() {
        let event = |kind: &str| {
            let text = format!("MSH|^~\\&|A|B|||20260101||{kind}|7|P|2.4\rEVN|A31");
            Header::of(&Message::read(text.as_bytes()).unwrap()).kind()
        };
        assert_eq!(event("ADT^A01^ADT_A05"), "ADT^A01");
        assert_eq!(event("ADT"), "ADT^A31");
        assert_eq!(event("adt^a03"), "ADT^A03");
        let text = "MSH|^~\\&|A|B|||20260101||ADT_A04|7|P|2.4";
        assert_eq!(Header::of(&Message::read(text.as_bytes()).unwrap()).kind(), "ADT^A04");
    }

    #[test]
    fn versions_are_those_from_2_1_to_2_9() {
        let known = |version: &str| Header { version: version.into(), ..Header::default() }.version_known();
        assert!(["2.1", "2.3.1", "2.5.1", "2.9"].into_iter().all(known));
        assert!(!["", "2", "2.0", "2.10", "3.0", "two"].into_iter().any(known));
    }
}
