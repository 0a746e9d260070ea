//! Tests of `profile_fields.rs`.

use lcr_hl7::Message;
use serde_json::json;

use super::*;
use crate::domain::{segment_groups::segment_groups, testing::source};

fn field(key: &str, kind: FurtherKind, from: &str) -> FurtherField {
    let words = BTreeMap::from([("G".to_owned(), "Green".to_owned())]);
    FurtherField { key: key.into(), label: key.into(), kind, from: from.into(), words, filter: false }
}

fn hospital() -> System {
    let mut system = source(&[("PAS", "Z9H01")]);
    system.feed.as_mut().unwrap().fields = vec![
        field("note", FurtherKind::Text, "ZPV-1"),
        field("flow", FurtherKind::Code, "ZPV-3.2"),
        field("review", FurtherKind::Date, "ZPV-4"),
        field("news", FurtherKind::Number, "OBX:NEWS"),
        field("dols", FurtherKind::YesNo, "extension:https://x/dols"),
    ];
    system
}

fn updates(segments: &str) -> Vec<String> {
    let text = format!("MSH|^~\\&|PAS|Z9H01|||20261120||ADT^A08|1|P|2.4\rPID|1||4711\r{segments}");
    let message = Message::read(text.as_bytes()).unwrap();
    let further = read_group(&hospital(), &segment_groups(&message)[0]);
    further.into_iter().map(|(key, update)| format!("{key} {update:?}")).collect()
}

#[test]
fn a_field_is_unchanged_deleted_or_set() {
    assert_eq!(updates("ZPV|||a^G|20261127"), ["flow Set(\"Green\")", "review Set(\"2026-11-27\")"]);
    assert_eq!(updates("ZPV|Side room||a^\"\"|\"\""), ["flow Deleted", "note Set(\"Side room\")", "review Deleted"]);
    assert_eq!(updates("ZPV|||a^B"), ["flow Set(\"B\")"]);
    assert!(updates("PV1|1|I").is_empty());
}

#[test]
fn the_last_observation_of_a_code_counts() {
    assert_eq!(
        updates("OBX|1|NM|NEWS^Score||3|||||F\rOBX|2|NM|NEWS||05.0|||||||F\rOBX|3|NM|X||9"),
        ["news Set(\"05.0\")"]
    );
    assert_eq!(updates("OBX|1|NM|NEWS||3||||||D"), ["news Deleted"]);
}

#[test]
fn a_value_of_the_wrong_kind_changes_nothing() {
    assert!(updates("ZPV||||soon\rOBX|1|NM|NEWS||high").is_empty());
}

#[test]
fn an_extension_of_an_encounter_is_read_by_its_url() {
    let encounter = json!({ "extension": [{ "url": "https://x/dols", "valueBoolean": true }] });
    let further = read_encounter(&hospital(), &encounter);
    assert_eq!(further["dols"], FieldUpdate::Set("yes".to_owned()));
    assert!(read_encounter(&hospital(), &json!({})).is_empty());
}
