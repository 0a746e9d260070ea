//! Redacts a message's text for a role: shows identities and times. It must never show clinical data, an address or a
//! location, so only fields listed here are shown.

use lcr_contracts::registry::System;
use lcr_fhir::read;
use lcr_hl7::{Message, Segment};
use lcr_model::Role;
use serde_json::Value;

/// The most lines shown.
const MAX_LINES: usize = 500;

/// How much of a message is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Only the header.
    Header,
    /// The header, the patient's identity and the stay.
    Identities,
}

/// What a role can read of a source's messages. Messages of a discreet or unregistered source show only the header,
/// because the patient's contact with a discreet service is confidential.
pub fn readable_extent(role: Role, source: Option<&System>) -> Extent {
    let open = source.is_some_and(|system| !system.is_discreet());
    if open && role == Role::DataSteward { Extent::Identities } else { Extent::Header }
}

/// Redacts an HL7 v2 message.
pub fn redact_hl7(bytes: &[u8], extent: Extent) -> Vec<String> {
    let Ok(message) = Message::read(bytes) else {
        return vec!["The message is unreadable and not shown".to_owned()];
    };
    let repetition = message.separators().repetition;
    let all = message.segments().map(|segment| redact_segment(segment, extent, repetition));
    limit_lines(all)
}

fn redact_segment(segment: Segment<'_>, extent: Extent, repetition: char) -> String {
    match (extent, segment.name()) {
        // MSH-8 may hold a password.
        (_, "MSH") => segment.keep_fields(|field| field != 8),
        // Without the operator (EVN-5) and the facility (EVN-7).
        (Extent::Identities, "EVN") => segment.keep_fields(|field| matches!(field, 1 | 2 | 3 | 4 | 6)),
        // Numbers, without the former name.
        (Extent::Identities, "MRG") => segment.keep_fields(|field| matches!(field, 1 | 3 | 5)),
        // Numbers, name, birth date, sex and death.
        (Extent::Identities, "PID") => {
            segment.map_fields(|field, sent| match field {
                1..=3 | 7 | 8 | 18 | 29 | 30 => sent,
                // Only the first name: aliases and former names follow it.
                5 => sent.split(repetition).next().unwrap_or_default(),
                _ => "",
            })
        }
        // The stay and its times, without its location.
        (Extent::Identities, "PV1") => segment.keep_fields(|field| matches!(field, 2 | 19 | 44 | 45)),
        (_, name) => {
            let name = name.chars().take(3).filter(char::is_ascii_alphanumeric).collect::<String>();
            format!("{name}: {} fields, not shown", segment.last_field())
        }
    }
}

/// Redacts a Bundle to one line per resource.
pub fn redact_bundle(bytes: &[u8], extent: Extent) -> Vec<String> {
    let Ok(bundle) = serde_json::from_slice::<Value>(bytes) else {
        return vec!["The Bundle is unreadable and not shown".to_owned()];
    };
    let resources = read::list(&bundle, "entry").iter().filter_map(|entry| entry.get("resource"));
    limit_lines(resources.map(|resource| resource_line(resource, extent)))
}

fn resource_line(resource: &Value, extent: Extent) -> String {
    let kind = read::str_at(resource, "resourceType").unwrap_or("Resource");
    let kind: String = kind.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    if extent == Extent::Header {
        // An id may be a patient's number.
        return format!("{kind}: not shown");
    }
    let id = read::text(resource, "id").map_or(kind.clone(), |id| format!("{kind}/{id}"));
    if kind != "Patient" {
        return format!("{id}: not shown");
    }
    let number = |one: &Value| {
        let value = read::text(one, "value")?;
        Some(read::str_at(one, "system").map_or(value.clone(), |system| format!("{value} ({system})")))
    };
    let numbers: Vec<String> = read::list(resource, "identifier").iter().filter_map(number).collect();
    if numbers.is_empty() { format!("{id}: no identifiers") } else { format!("{id}: {}", numbers.join(", ")) }
}

fn limit_lines(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = all.take(MAX_LINES + 1).collect();
    if lines.len() > MAX_LINES {
        lines.truncate(MAX_LINES);
        lines.push("More lines are not shown".to_owned());
    }
    lines
}

#[cfg(test)]
#[path = "redaction_tests.rs"]
mod tests;
