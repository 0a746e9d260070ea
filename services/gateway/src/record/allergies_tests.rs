//! Tests of the allergy line, one per rule: an asserted allergy stays, and "none" is said only when it is safe.

use jiff::Timestamp;
use lcr_contracts::record::{DatasetReport, Discrepancy, Partial, Provenance, Section, SourceReport};
use lcr_model::{OdsCode, PersonId, SourceId, SourceState, ViewId};

use super::*;

fn record(entries: Vec<Entry>, states: &[(&str, SourceState)]) -> Record {
    let source = |(name, state): &(&str, SourceState)| SourceReport {
        source: SourceId::new(*name),
        name: (*name).into(),
        organisation: OdsCode::new("B86000"),
        kind: "gp".into(),
        datasets: vec![DatasetReport::new(Dataset::Allergies, *state)],
        warnings: Vec::new(),
    };
    Record {
        person: PersonId::new(),
        view: ViewId::new(),
        as_of: Timestamp::UNIX_EPOCH,
        complete: true,
        relationship: String::new(),
        location_protected: false,
        sources: states.iter().map(source).collect(),
        sections: vec![Section { dataset: Dataset::Allergies, entries }],
        discrepancies: Vec::new(),
        not_shown: Vec::new(),
        may_hold_more: false,
    }
}

fn allergy(title: &str, source: &str, verification: &str, none_known: bool) -> Entry {
    let provenance = Provenance {
        source: SourceId::new(source),
        name: source.into(),
        kind: "gp".into(),
        item: "AllergyIntolerance/1".into(),
        updated: None,
        date: None,
        says: None,
    };
    Entry {
        id: format!("{title}-{source}"),
        title: title.into(),
        date: None,
        status: None,
        detail: Detail::Allergy {
            clinical: Some("active".into()),
            verification: Some(verification.into()),
            reactions: if title == "penicillin" { vec!["anaphylaxis".into()] } else { Vec::new() },
            severe: title == "penicillin",
            none_known,
        },
        provenance: vec![provenance],
        ..Entry::default()
    }
}

const HAS: SourceState = SourceState::HasData;
const NONE: SourceState = SourceState::NoData;
const SILENT: SourceState = SourceState::TimedOut;

#[test]
fn every_asserted_allergy_is_listed_and_a_silent_source_is_counted() {
    let entries = vec![allergy("penicillin", "GP", "confirmed", false), allergy("codeine", "GP", "confirmed", false)];
    let mut record = record(entries, &[("GP", HAS), ("St Hilda's", SILENT)]);
    record.discrepancies.push(Discrepancy {
        dataset: Dataset::Allergies,
        about: "Allergy: codeine".into(),
        says: vec![],
    });
    let line = allergies_line(&record);
    assert_eq!(
        line.words(),
        "Known allergies: penicillin (anaphylaxis); codeine (sources disagree). 1 source has not answered."
    );
}

#[test]
fn a_refutation_never_removes_another_sources_allergy() {
    let entries =
        vec![allergy("codeine", "GP", "confirmed", false), allergy("codeine", "St Hilda's", "refuted", false)];
    let line = allergies_line(&record(entries, &[("GP", HAS), ("St Hilda's", HAS)]));
    assert_eq!(line.words(), "Known allergies: codeine (sources disagree).");
}

#[test]
fn one_sources_none_never_hides_another_sources_allergy() {
    let entries =
        vec![allergy("No known allergies", "GP", "confirmed", true), allergy("codeine", "St Hilda's", "", false)];
    let line = allergies_line(&record(entries, &[("GP", HAS), ("St Hilda's", HAS)]));
    assert_eq!(line.words(), "Known allergies: codeine.");
}

#[test]
fn none_known_needs_a_statement_and_every_answer() {
    let none_known = || vec![allergy("No known allergies", "GP", "confirmed", true)];
    let line = allergies_line(&record(none_known(), &[("GP", HAS), ("St Hilda's", NONE)]));
    assert_eq!((line.state, line.words().as_str()), (AllergyState::NoneKnown, "No known allergies, says GP."));
    for missing in [
        SILENT,
        SourceState::Asking,
        SourceState::Failed,
        SourceState::NotAgreed,
        SourceState::Withheld,
        SourceState::OptedOut,
        SourceState::Stale { as_of: Timestamp::UNIX_EPOCH },
    ] {
        let line = allergies_line(&record(none_known(), &[("GP", HAS), ("St Hilda's", missing)]));
        assert!(!line.words().contains("No known allergies"), "{missing:?}: {}", line.words());
        assert!(
            line.words().contains("St Hilda's") && line.words().ends_with("Do not assume none."),
            "{}",
            line.words()
        );
    }
}

#[test]
fn none_known_is_not_said_if_an_answer_is_partial() {
    let none = vec![allergy("No known allergies", "GP", "confirmed", true)];
    for partial in [0, 1] {
        let mut record = record(none.clone(), &[("GP", HAS), ("St Hilda's", NONE)]);
        record.sources[partial].datasets[0].partial = Some(Partial { came: 1, total: Some(2) });
        let line = allergies_line(&record);
        assert!(!line.words().contains("No known allergies"), "{}", line.words());
        assert!(line.words().ends_with("Do not assume none."), "{}", line.words());
    }
}

#[test]
fn not_recorded_and_unavailable_are_different() {
    let line = allergies_line(&record(vec![], &[("A", NONE), ("B", NONE), ("St Hilda's", SILENT)]));
    assert_eq!(line.words(), "Allergies not recorded at 2 sources; unavailable from St Hilda's. Do not assume none.");
    let line = allergies_line(&record(vec![], &[("St Hilda's", SILENT)]));
    assert_eq!(line.words(), "Allergies unavailable from St Hilda's. Do not assume none.");
    let line = allergies_line(&record(vec![], &[]));
    assert_eq!(line.state, AllergyState::Unavailable);
    let mut closed = record(vec![], &[("A", NONE)]);
    closed.sections.clear();
    assert_eq!(allergies_line(&closed).words(), "Allergies unavailable: not open to your role. Do not assume none.");
}
