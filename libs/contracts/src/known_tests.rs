//! The wire format between this version, the previous one and a later one.

#![allow(clippy::unwrap_used, reason = "tests")]

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    audit::{AccessKind, EntryState},
    consent::Refusal,
    events::{PatientLinkKind, SourcePatient},
    record::{DatasetReport, Detail, Entry, Mark, MissingReason, Omission},
    records_api::DocumentRequest,
    registry::{FurtherField, FurtherKind},
};
use lcr_model::{Dataset, SourceState};

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn write<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap()
}

/// A value that no version knows.
fn later() -> Value {
    json!("of-a-later-version")
}

#[test]
fn a_value_of_a_later_version_does_not_cost_the_rest_of_an_answer() {
    assert_eq!(read::<Omission>(later()), Omission::Unknown);
    assert!(Omission::Unknown.hides_a_fact(), "it may be what a list denies");
    assert_eq!(read::<AccessKind>(later()), AccessKind::Unknown);
    assert_eq!(read::<Refusal>(later()), Refusal::Unknown);
    assert_eq!(read::<EntryState>(later()), EntryState::Unknown);
    assert_eq!(read::<Mark>(later()), Mark::Unknown, "there is something to heed");
    let mut report = write(&DatasetReport::new(Dataset::Results, SourceState::Failed));
    for reason in [later(), json!({"of-a-later-version": 4}), json!({"of-a-later-version": {"a": 1}})] {
        report["reason"] = reason;
        assert_eq!(read::<DatasetReport>(report.clone()).reason, Some(MissingReason::Unknown));
    }
    for reason in [Some(MissingReason::Busy), Some(MissingReason::Refused(404)), None] {
        report["reason"] = write(&reason);
        assert_eq!(read::<DatasetReport>(report.clone()).reason, reason);
    }
}

#[test]
fn what_a_list_has_of_a_later_version_is_left_out() {
    let mut entry = write(&Entry::default());
    entry["detail"] = json!({"kind": "of-a-later-version", "words": "x"});
    assert!(read::<Entry>(entry).detail == Detail::Other { fields: vec![] }, "its title still stands");
    let mut patient = json!({
        "source": "s", "nhs_number": null, "nhs_number_verified": false, "family": "A", "given": "B",
        "title": null, "birth_date": null, "gender": "female", "address": null, "postcode": null,
        "practice": null, "died": false, "restricted": false, "authority": false, "gp_registration": false
    });
    patient["links"] = json!([{"kind": "refer", "other": "1"}, {"kind": later(), "other": "2"}]);
    let links = read::<SourcePatient>(patient).links;
    assert_eq!(links.iter().map(|link| link.kind).collect::<Vec<_>>(), [PatientLinkKind::Refer]);
    let field = json!({"key": "a", "label": "A", "kind": later(), "from": "ZPV-3"});
    assert_eq!(read::<FurtherField>(field).kind, FurtherKind::Text);
}

#[test]
fn a_number_is_read_and_written_for_the_version_before() {
    let result = |number: Option<&str>| Detail::Result {
        series: "s".into(),
        value: "5.40".into(),
        number: number.map(str::to_owned),
        unit: None,
        range: None,
        flag: None,
        reported: None,
        components: vec![],
        report: None,
    };
    for number in [Some("5.40"), Some("1e999"), None] {
        assert!(read::<Detail>(write(&result(number))) == result(number));
    }
    assert_eq!(write(&result(Some("5.40")))["number"], json!(5.4), "the version before reads a JSON number");
    let mut before = write(&result(None));
    before["number"] = json!(5.4);
    assert!(read::<Detail>(before) == result(Some("5.4")));
}

#[test]
fn the_first_file_is_asked_for_as_the_version_before_does() {
    let first = DocumentRequest { entry: "e".into(), file: 0 };
    assert_eq!(write(&first), json!("e"));
    assert_eq!(read::<DocumentRequest>(json!("e")), first);
    let second = DocumentRequest { entry: "e".into(), file: 1 };
    assert_eq!(read::<DocumentRequest>(write(&second)), second);
}
