//! The text of a message as far as a role may read it: identities and times, never anything clinical, nor where somebody
//! lives or lies. A field that is not named here is not shown.

use lcr_contracts::identity::System;
use lcr_fhir::read;
use lcr_hl7::{Message, Segment};
use lcr_model::Role;
use serde_json::Value;

/// The most lines of a text.
const MOST_LINES: usize = 500;

/// How much of a message may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The header alone.
    Header,
    /// Who it is about, and which stay.
    Identities,
}

/// What a role may read of the messages of a source. Those of a discreet source, or of none that is registered, are read by
/// nobody: that somebody is known there would tell enough.
pub fn extent(role: Role, source: Option<&System>) -> Extent {
    let open = source.is_some_and(|system| !system.discreet && system.kind != "discreet");
    if open && role == Role::DataSteward { Extent::Identities } else { Extent::Header }
}

/// The lines of an HL7 v2 message.
pub fn hl7(bytes: &[u8], extent: Extent) -> Vec<String> {
    let Ok(message) = Message::read(bytes) else {
        return vec!["The message does not read: not shown".to_owned()];
    };
    let repetition = message.separators().repetition;
    let all = message.segments().map(|segment| line(segment, extent, repetition));
    bounded(all)
}

fn line(segment: Segment<'_>, extent: Extent, repetition: char) -> String {
    match (extent, segment.name()) {
        // MSH-8 may hold a password.
        (_, "MSH") => segment.with_fields(|field| field != 8),
        // Without who entered it, and where.
        (Extent::Identities, "EVN") => segment.with_fields(|field| matches!(field, 1 | 2 | 3 | 4 | 6)),
        // Numbers, without the name before.
        (Extent::Identities, "MRG") => segment.with_fields(|field| matches!(field, 1 | 3 | 5)),
        // Numbers, name, birth, sex and death.
        (Extent::Identities, "PID") => {
            segment.with(|field, sent| match field {
                1..=3 | 7 | 8 | 18 | 29 | 30 => sent,
                // Aliases and former names follow the first.
                5 => sent.split(repetition).next().unwrap_or_default(),
                _ => "",
            })
        }
        // The stay and its times, without its place.
        (Extent::Identities, "PV1") => segment.with_fields(|field| matches!(field, 2 | 19 | 44 | 45)),
        (_, name) => {
            let name = name.chars().take(3).filter(char::is_ascii_alphanumeric).collect::<String>();
            format!("{name}: {} fields, not shown", segment.last_field())
        }
    }
}

/// The lines of a Bundle, one a resource.
pub fn bundle(bytes: &[u8], extent: Extent) -> Vec<String> {
    let Ok(bundle) = serde_json::from_slice::<Value>(bytes) else {
        return vec!["The Bundle does not read: not shown".to_owned()];
    };
    let resources = read::list(&bundle, "entry").iter().filter_map(|entry| entry.get("resource"));
    bounded(resources.map(|resource| resource_line(resource, extent)))
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

fn bounded(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = all.take(MOST_LINES + 1).collect();
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("More lines are not shown".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "MSH|^~\\&|PAS|Z9H01|||20261120||ADT^A08|1|P|2.4\rEVN||20261120\rPID|1||4711||Ashdown^O||19450714|2|||12 Mill Lane||0113|07|EN\rPV1|1|I|W12|21||W11|Dr\rOBX|1|NM|NEWS||5";

    #[test]
    fn a_data_steward_reads_identities_and_times_and_nothing_clinical() {
        let lines = hl7(TEXT.as_bytes(), Extent::Identities);
        assert_eq!(lines[0], "MSH|^~\\&|PAS|Z9H01|||20261120||ADT^A08|1|P|2.4");
        assert_eq!(lines[2], "PID|1||4711||Ashdown^O||19450714|2");
        assert_eq!(lines[3], "PV1||I", "no ward");
        assert_eq!(lines[4], "OBX: 5 fields, not shown");
    }

    #[test]
    fn of_each_segment_only_named_fields_are_read() {
        let fields = |name: &str, most: usize| {
            (1..=most).fold(name.to_owned(), |line, field| format!("{line}|f{field}~also{field}"))
        };
        let text =
            ["MSH|^~\\&|PAS", &fields("EVN", 7), &fields("PID", 39), &fields("PV1", 52), &fields("MRG", 7)]
                .join("\r");
        let shown: Vec<Vec<String>> = hl7(text.as_bytes(), Extent::Identities)
            .iter()
            .map(|line| line.split('|').skip(1).filter(|one| !one.is_empty()).map(String::from).collect())
            .collect();
        let both =
            |fields: &[usize]| fields.iter().map(|one| format!("f{one}~also{one}")).collect::<Vec<_>>();
        assert_eq!(shown[1], both(&[1, 2, 3, 4, 6]));
        let mut pid = both(&[1, 2, 3, 5, 7, 8, 18, 29, 30]);
        pid[3] = "f5".to_owned();
        assert_eq!(shown[2], pid, "of the names the first alone");
        assert_eq!(shown[3], both(&[2, 19, 44, 45]));
        assert_eq!(shown[4], both(&[1, 3, 5]));
    }

    #[test]
    fn others_read_the_header_alone() {
        let lines = hl7(TEXT.as_bytes(), Extent::Header);
        assert_eq!(lines[0], "MSH|^~\\&|PAS|Z9H01|||20261120||ADT^A08|1|P|2.4");
        assert!(lines[1..].iter().all(|line| line.ends_with("not shown")), "{lines:?}");
        assert!(!lines.concat().contains("Ashdown"));
        assert_eq!(hl7(b"hello Ashdown", Extent::Identities), ["The message does not read: not shown"]);
    }

    #[test]
    fn of_a_bundle_the_patient_has_identifiers_and_the_rest_its_type() {
        let value = json!({ "entry": [
            { "resource": { "resourceType": "Patient", "id": "p1", "identifier": [{ "system": "s", "value": "4711" }] } },
            { "resource": { "resourceType": "Condition", "id": "c1", "code": { "text": "Angina" } } },
        ]});
        let bytes = serde_json::to_vec(&value).unwrap();
        assert_eq!(bundle(&bytes, Extent::Identities), ["Patient/p1: 4711 (s)", "Condition/c1: not shown"]);
        assert_eq!(bundle(&bytes, Extent::Header), ["Patient: not shown", "Condition: not shown"]);
    }
}
