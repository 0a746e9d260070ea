//! The tables of labels and of codes that the law bars from sharing. They are data with an owner and a version, beside this
//! file. A code of another system must never be guessed: as a label it is unknown.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use lcr_fhir::read;
use lcr_model::Label;
use serde_json::Value;

/// The meaning of each label. `None` for a label that says nothing about who may see the item.
static LABELS: LazyLock<HashMap<&str, Option<Label>>> = LazyLock::new(|| {
    let meaning = |name| (name != "-").then(|| Label::from(name));
    rows(include_str!("labels.txt")).map(|(code, name)| (code, meaning(name))).collect()
});

static BARRED: LazyLock<HashSet<(&str, &str)>> = LazyLock::new(|| rows(include_str!("barred_codes.txt")).collect());

fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '))
}

/// HL7's systems of labels, in FHIR R4, in FHIR STU3 and as object identifiers. The codes of `labels.txt` are theirs.
const LABEL_SYSTEMS: [&str; 9] = [
    "http://terminology.hl7.org/codesystem/v3-confidentiality",
    "http://terminology.hl7.org/codesystem/v3-actcode",
    "http://terminology.hl7.org/codesystem/v3-actreason",
    "http://hl7.org/fhir/v3/confidentiality",
    "http://hl7.org/fhir/v3/actcode",
    "http://hl7.org/fhir/v3/actreason",
    "urn:oid:2.16.840.1.113883.5.25",
    "urn:oid:2.16.840.1.113883.5.4",
    "urn:oid:2.16.840.1.113883.5.8",
];

/// What the coding of a label means. Without a code, with a code that is not in the table or with one of another system it
/// is unknown. HL7 v2 senders name no system, so a code alone counts as HL7's.
pub fn meaning_of(coding: &Value) -> Option<Label> {
    let is_of_hl7 = match coding.get("system") {
        None | Some(Value::Null) => true,
        Some(system) => {
            let system = system.as_str().map(str::to_ascii_lowercase).unwrap_or_default();
            LABEL_SYSTEMS.contains(&system.as_str())
        }
    };
    let known = read::str_at(coding, "code").filter(|_| is_of_hl7).and_then(|code| LABELS.get(code));
    known.cloned().unwrap_or(Some(Label::Unknown))
}

fn is_icd_10(system: &str) -> bool {
    system.contains("icd-10") || system.contains("icd10") || system == "urn:oid:2.16.840.1.113883.6.3"
}

/// Whether any coding of a `coding` element is barred.
pub fn has_barred_code(codings: &Value) -> bool {
    codings.as_array().into_iter().flatten().any(|coding| {
        let code = read::str_at(coding, "code").unwrap_or_default();
        let system = read::str_at(coding, "system").unwrap_or_default().to_ascii_lowercase();
        match system.as_str() {
            "http://snomed.info/sct" | "urn:oid:2.16.840.1.113883.6.96" => BARRED.contains(&("snomed", code)),
            system if is_icd_10(system) => {
                // ICD-10 codes are sent with or without the point.
                let code = code.replace('.', "").to_ascii_uppercase();
                (1..=code.len()).filter_map(|end| code.get(..end)).any(|prefix| BARRED.contains(&("icd-10", prefix)))
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_readable() {
        let unread = |table: &'static str| {
            let lines = table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
            lines.count() - rows(table).count()
        };
        assert_eq!((unread(include_str!("labels.txt")), unread(include_str!("barred_codes.txt"))), (0, 0));
        assert!(LABELS.values().flatten().all(|label| Label::KNOWN.contains(label)), "{:?}", *LABELS);
        assert!(BARRED.iter().all(|(system, _)| ["snomed", "icd-10"].contains(system)));
        assert_eq!(BARRED.len(), 42);
    }
}
