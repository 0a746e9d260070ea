//! The invented record, built for any number of sources that have answered.

use lcr_contracts::record::*;
use lcr_model::{Dataset, OdsCode, PersonId, Relationship, SourceId, SourceState, ViewId};

use crate::sample::{PROTECTED, SOURCES, entries, now};

const DATASETS: [Dataset; 10] = [
    Dataset::Demographics,
    Dataset::Alerts,
    Dataset::Allergies,
    Dataset::Medications,
    Dataset::Diagnoses,
    Dataset::Results,
    Dataset::Documents,
    Dataset::Encounters,
    Dataset::SocialCare,
    Dataset::EndOfLife,
];

/// The record after the first `answered` sources have answered. Adult social care never answers.
pub fn record(person: PersonId, view: ViewId, answered: usize) -> Record {
    let done = answered >= SOURCES.len();
    let mut sections: Vec<Section> =
        DATASETS.iter().map(|dataset| Section { dataset: *dataset, entries: entries(*dataset) }).collect();
    let has_answered = |entry: &Entry| {
        entry
            .provenance
            .iter()
            .any(|origin| SOURCES.iter().position(|(id, _, _)| origin.source.as_str() == *id).unwrap() < answered)
    };
    sections.iter_mut().for_each(|section| section.entries.retain(has_answered));
    let sources = SOURCES.iter().enumerate().map(|(at, source)| report(at, source, answered, &sections)).collect();
    Record {
        person,
        view,
        as_of: now(),
        complete: done,
        relationship: Some(Relationship::RegisteredPractice { organisation: "Beckside Surgery".into() }),
        location_protected: person == PROTECTED,
        sources,
        sections,
        discrepancies: if answered > 1 { discrepancies() } else { Vec::new() },
        not_shown: if answered > 0 {
            vec![NotShown {
                source: SourceId::new("beckside"),
                dataset: Dataset::Diagnoses,
                reason: Omission::EnteredInError,
                count: 2,
                items: vec!["beckside~Condition~c1".into()],
            }]
        } else {
            Vec::new()
        },
        may_hold_more: true,
    }
}

/// The record as another link opens it. A label withholds an item once its source has answered.
pub fn opened_by(mut record: Record, relationship: Option<Relationship>, withholds: bool) -> Record {
    record.relationship = relationship.or(record.relationship);
    let label = |omitted: &NotShown| NotShown { reason: Omission::Confidential, items: vec![], ..omitted.clone() };
    let labelled: Vec<NotShown> = record.not_shown.iter().filter(|_| withholds).map(label).collect();
    record.not_shown.extend(labelled);
    record
}

fn discrepancies() -> Vec<Discrepancy> {
    let discrepancy = |dataset, about: &str, says: [(&str, &str); 2]| Discrepancy {
        dataset,
        about: about.into(),
        says: says.map(|(who, what)| (who.to_owned(), what.to_owned())).to_vec(),
    };
    vec![
        discrepancy(
            Dataset::Demographics,
            "Address",
            [("Beckside Surgery", "12 Elm Road"), ("St Hilda's Hospitals", "4 Oak Court")],
        ),
        discrepancy(
            Dataset::Allergies,
            "Allergy: codeine",
            [("Beckside Surgery", "yes"), ("St Hilda's Hospitals", "refuted")],
        ),
    ]
}

/// Whether a source is connected for a dataset.
fn offers(at: usize, dataset: Dataset) -> bool {
    match at {
        0 | 1 => !matches!(dataset, Dataset::SocialCare),
        2 => matches!(dataset, Dataset::Demographics | Dataset::Allergies | Dataset::Encounters | Dataset::EndOfLife),
        _ => matches!(dataset, Dataset::Demographics | Dataset::SocialCare | Dataset::EndOfLife),
    }
}

fn report(at: usize, (id, name, kind): &(&str, &str, &str), answered: usize, sections: &[Section]) -> SourceReport {
    let dataset = |section: &Section| {
        let count = section
            .entries
            .iter()
            .filter(|entry| entry.provenance.iter().any(|origin| origin.source.as_str() == *id))
            .count();
        let state = match (at, at < answered, count) {
            _ if !offers(at, section.dataset) => SourceState::NotConnected,
            (4, _, _) => SourceState::NotAgreed,
            (_, false, _) => SourceState::Asking,
            (3, _, _) => SourceState::TimedOut,
            (_, _, 0) => SourceState::NoData,
            _ => SourceState::HasData,
        };
        DatasetReport {
            answered_at: (at < answered && at < 3).then(now),
            count: u32::try_from(count).unwrap(),
            ..DatasetReport::new(section.dataset, state)
        }
    };
    SourceReport {
        source: SourceId::new(*id),
        name: (*name).into(),
        organisation: OdsCode::new("B86000"),
        kind: (*kind).into(),
        datasets: sections.iter().map(dataset).collect(),
        warnings: if at == 0 && answered > 0 {
            vec!["Some letters are waiting to be filed.".into()]
        } else {
            Vec::new()
        },
        shares_anything: Some(at != 4),
        knows_person: (at != 4).then_some(true),
        organisation_name: None,
    }
}
