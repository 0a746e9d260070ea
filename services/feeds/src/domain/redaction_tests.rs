//! Tests of `redaction.rs`.

use serde_json::json;

use super::*;

const TEXT: &str = "MSH|^~\\&|PAS|Z9H01|||20261120||ADT^A08|1|P|2.4\rEVN||20261120\rPID|1||4711||Ashdown^O||19450714|2|||12 Mill Lane||0113|07|EN\rPV1|1|I|W12|21||W11|Dr\rOBX|1|NM|NEWS||5";

#[test]
fn a_data_steward_reads_identities_and_times_but_nothing_clinical() {
    let lines = redact_hl7(TEXT.as_bytes(), Extent::Identities);
    assert_eq!(lines[0], "MSH|^~\\&|PAS|Z9H01|||20261120||ADT^A08|1|P|2.4");
    assert_eq!(lines[2], "PID|1||4711||Ashdown^O||19450714|2");
    assert_eq!(lines[3], "PV1||I", "no ward");
    assert_eq!(lines[4], "OBX: 5 fields, not shown");
}

#[test]
fn only_listed_fields_of_each_segment_are_shown() {
    let fields = |name: &str, most: usize| {
        (1..=most).fold(name.to_owned(), |line, field| format!("{line}|f{field}~also{field}"))
    };
    let text =
        ["MSH|^~\\&|PAS", &fields("EVN", 7), &fields("PID", 39), &fields("PV1", 52), &fields("MRG", 7)].join("\r");
    let shown: Vec<Vec<String>> = redact_hl7(text.as_bytes(), Extent::Identities)
        .iter()
        .map(|line| line.split('|').skip(1).filter(|one| !one.is_empty()).map(String::from).collect())
        .collect();
    let both = |fields: &[usize]| fields.iter().map(|one| format!("f{one}~also{one}")).collect::<Vec<_>>();
    assert_eq!(shown[1], both(&[1, 2, 3, 4, 6]));
    let mut pid = both(&[1, 2, 3, 5, 7, 8, 18, 29, 30]);
    pid[3] = "f5".to_owned();
    assert_eq!(shown[2], pid, "only the first name");
    assert_eq!(shown[3], both(&[2, 19, 44, 45]));
    assert_eq!(shown[4], both(&[1, 3, 5]));
}

#[test]
fn other_roles_read_only_the_header() {
    let lines = redact_hl7(TEXT.as_bytes(), Extent::Header);
    assert_eq!(lines[0], "MSH|^~\\&|PAS|Z9H01|||20261120||ADT^A08|1|P|2.4");
    assert!(lines[1..].iter().all(|line| line.ends_with("not shown")), "{lines:?}");
    assert!(!lines.concat().contains("Ashdown"));
    assert_eq!(redact_hl7(b"hello Ashdown", Extent::Identities), ["The message is unreadable and not shown"]);
}

#[test]
fn a_bundle_shows_the_patients_identifiers_and_only_types_of_other_resources() {
    let value = json!({ "entry": [
        { "resource": { "resourceType": "Patient", "id": "p1", "identifier": [{ "system": "s", "value": "4711" }] } },
        { "resource": { "resourceType": "Condition", "id": "c1", "code": { "text": "Angina" } } },
    ]});
    let bytes = serde_json::to_vec(&value).unwrap();
    assert_eq!(redact_bundle(&bytes, Extent::Identities), ["Patient/p1: 4711 (s)", "Condition/c1: not shown"]);
    assert_eq!(redact_bundle(&bytes, Extent::Header), ["Patient: not shown", "Condition: not shown"]);
}
