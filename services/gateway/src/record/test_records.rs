//! Small records for the tests of this room. It must never be part of the service.

use jiff::Timestamp;
use lcr_contracts::record::{DatasetReport, Detail, Discrepancy, Entry, Provenance, Record, Section, SourceReport};
use lcr_model::{Dataset, OdsCode, PersonId, SourceId, SourceState, ViewId};

pub fn now() -> Timestamp {
    "2026-11-21T14:05:02Z".parse().unwrap()
}

/// A source with the state of each dataset. These are all its datasets, whatever a page asks for.
pub fn source(name: &str, kind: &str, states: &[(Dataset, SourceState)]) -> SourceReport {
    use SourceState::{HasData, NoRecord, NotAgreed, NotConnected, NotReceived, NotYetOn, OptedOut, Withheld};
    let any = |among: &[SourceState]| states.iter().any(|(_, state)| among.contains(state));
    let is_open =
        |state: &SourceState| ![NotAgreed, NotConnected, NotReceived, NotYetOn, OptedOut, Withheld].contains(state);
    let shares_anything = states.iter().any(|(_, state)| is_open(state));
    SourceReport {
        source: SourceId::new(name),
        name: name.into(),
        organisation: OdsCode::new("B86000"),
        kind: kind.into(),
        datasets: states.iter().map(|(dataset, state)| DatasetReport::new(*dataset, *state)).collect(),
        warnings: Vec::new(),
        shares_anything: Some(shares_anything),
        knows_person: shares_anything.then(|| any(&[HasData]) || !any(&[NoRecord])),
        organisation_name: None,
    }
}

/// A complete record of these sources and entries.
pub fn record(sources: Vec<SourceReport>, sections: Vec<(Dataset, Vec<Entry>)>) -> Record {
    let sections = sections.into_iter().map(|(dataset, entries)| Section { dataset, entries });
    Record {
        person: PersonId::new(),
        view: ViewId::new(),
        as_of: now(),
        complete: true,
        relationship: None,
        location_protected: false,
        sources,
        sections: sections.collect(),
        discrepancies: Vec::new(),
        not_shown: Vec::new(),
        may_hold_more: false,
    }
}

/// An entry of one source.
pub fn entry(title: &str, source: &str, date: &str, detail: Detail) -> Entry {
    Entry {
        id: format!("{source}~{title}~{date}"),
        title: title.into(),
        date: Some(date.to_owned()).filter(|date| !date.is_empty()),
        detail,
        provenance: vec![Provenance {
            source: SourceId::new(source),
            name: source.into(),
            kind: "gp".into(),
            item: "Thing/1".into(),
            updated: None,
            date: None,
            says: None,
            organisation_name: None,
        }],
        ..Entry::default()
    }
}

pub fn discrepancy(dataset: Dataset, about: &str, says: &[(&str, &str)]) -> Discrepancy {
    let says = says.iter().map(|(who, what)| ((*who).to_owned(), (*what).to_owned())).collect();
    Discrepancy { dataset, about: about.into(), says }
}
