//! Tests of the comparison: lists of different kinds of source stay apart, and an empty cell says why.

use jiff::Timestamp;
use lcr_contracts::record::{DatasetReport, Provenance, Section, SourceReport};
use lcr_model::{OdsCode, PersonId, SourceId, SourceState, ViewId};

use super::*;

fn medicine(kind: &str, dose: &str, list: &str, remark: Option<&str>) -> Entry {
    Entry {
        id: kind.into(),
        title: "Bisoprolol".into(),
        date: Some("2026-10-03".into()),
        status: Some("active".into()),
        detail: Detail::Medication {
            aligned_by: "bisoprolol|oral".into(),
            list: list.into(),
            dose: Some(dose.into()),
            route: Some("Oral".into()),
            form: None,
            reason: None,
        },
        provenance: vec![Provenance {
            source: SourceId::new(kind),
            name: format!("The {kind}"),
            kind: kind.into(),
            item: String::new(),
            updated: None,
            date: None,
            says: None,
            organisation_name: None,
        }],
        remark: remark.map(Into::into),
        ..Entry::default()
    }
}

fn record(entries: Vec<Entry>, hospital: SourceState) -> Record {
    let source = |kind: &str, state| SourceReport {
        source: SourceId::new(kind),
        name: format!("The {kind}"),
        organisation: OdsCode::new("B86000"),
        kind: kind.into(),
        datasets: vec![DatasetReport { count: 1, ..DatasetReport::new(Dataset::Medications, state) }],
        warnings: Vec::new(),
        shares_anything: None,
        knows_person: None,
        organisation_name: None,
    };
    Record {
        person: PersonId::new(),
        view: ViewId::new(),
        as_of: Timestamp::UNIX_EPOCH,
        complete: true,
        relationship: None,
        location_protected: false,
        sources: vec![source("gp", SourceState::HasData), source("hospital", hospital)],
        sections: vec![Section { dataset: Dataset::Medications, entries }],
        discrepancies: Vec::new(),
        not_shown: Vec::new(),
        may_hold_more: false,
    }
}

#[test]
fn a_medicine_has_one_row_and_a_kind_of_source_one_column() {
    let entries = vec![
        medicine("gp", "2.5 mg daily", "repeat", Some("dose differs")),
        medicine("hospital", "5 mg daily", "in-patient", Some("dose differs")),
    ];
    let table = medications(&record(entries, SourceState::HasData), true, 20);
    assert_eq!(table.kinds, ["GP", "Hospital"]);
    let [row] = table.rows.as_slice() else { panic!("one row") };
    assert_eq!((row.name.as_str(), row.remarks.as_slice()), ("Bisoprolol oral", &["dose differs".to_owned()][..]));
    assert_eq!(row.cells[0].statements, [("2.5 mg daily, repeat".to_owned(), "The gp, 03-Oct-2026".to_owned())]);
    assert_eq!(row.cells[1].statements[0].0, "5 mg daily, in-patient");
}

#[test]
fn a_missing_list_is_not_an_empty_list() {
    let only_gp = || vec![medicine("gp", "2.5 mg daily", "repeat", None)];
    for (state, words) in [
        (SourceState::TimedOut, "not compared: hospital list unavailable"),
        (SourceState::NoData, "not in hospital list"),
        (SourceState::Asking, "not compared yet: asking The hospital"),
    ] {
        let table = medications(&record(only_gp(), state), true, 20);
        assert_eq!(table.rows[0].cells[1].absence_reason, words);
    }
}

#[test]
fn stopped_medicines_are_counted_not_listed_as_current() {
    let table = medications(&record(vec![medicine("gp", "1 mg", "stopped", None)], SourceState::NoData), true, 20);
    assert_eq!((table.rows.len(), table.stopped), (0, 1));
}
