//! Tests of `withheld.rs`.

use lcr_contracts::record::{DatasetReport, Section, SourceReport};
use lcr_model::{OdsCode, PersonId, SourceId, ViewId};
use uuid::Uuid;

use super::*;

fn record(state: SourceState) -> Record {
    let report = |dataset| DatasetReport::new(dataset, state);
    let sections = Dataset::ALL.iter().map(|dataset| Section { dataset: *dataset, entries: vec![] });
    Record {
        person: PersonId(Uuid::nil()),
        view: ViewId(Uuid::nil()),
        as_of: jiff::Timestamp::UNIX_EPOCH,
        complete: true,
        relationship: None,
        location_protected: false,
        sources: vec![SourceReport {
            source: SourceId::new("st-hildas"),
            name: "St Hilda's".into(),
            organisation: OdsCode::new("RR8XX"),
            kind: "hospital".into(),
            datasets: vec![report(Dataset::Medications), report(Dataset::Results)],
            warnings: vec![],
            shares_anything: None,
            knows_person: None,
            organisation_name: None,
        }],
        sections: sections.collect(),
        discrepancies: vec![],
        not_shown: vec![],
        may_hold_more: false,
    }
}

#[test]
fn a_source_that_is_asked_or_has_answered_is_not_withheld() {
    assert!(withheld_names(&record(SourceState::Asking), None).is_empty());
    assert!(withheld_names(&record(SourceState::HasData), None).is_empty());
}

#[test]
fn a_page_lists_only_its_own_withheld_parts() {
    let mut closed = record(SourceState::OptedOut);
    assert_eq!(withheld_names(&closed, Some(Dataset::Results)), ["st-hildas/results"]);
    assert_eq!(withheld_names(&closed, None), ["st-hildas/medications", "st-hildas/results"]);
    closed.sections.retain(|section| section.dataset != Dataset::Results);
    closed.location_protected = true;
    assert_eq!(withheld_names(&closed, Some(Dataset::Results)), ["st-hildas/results", "/results", "location"]);
}

#[test]
fn a_step_back_of_the_switch_on_is_withheld_for_the_dataset_or_for_one_unit() {
    let back = record(SourceState::NotYetOn);
    assert_eq!(withheld_names(&back, Some(Dataset::Results)), ["st-hildas/results"]);
    let mut of_unit = record(SourceState::HasData);
    of_unit.sources[0].datasets[1].closed_units = vec![OdsCode::new("Y90001")];
    assert_eq!(withheld_names(&of_unit, Some(Dataset::Results)), ["st-hildas/results/Y90001"]);
    assert!(withheld_names(&of_unit, Some(Dataset::Medications)).is_empty());
}
