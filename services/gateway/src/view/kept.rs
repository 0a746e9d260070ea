//! What of a page is kept back by a sharing rule, as names a page can compare: when a later list has a name more,
//! something that is on the screen may no longer be shown.

use lcr_contracts::record::Record;
use lcr_model::{Dataset, SourceState};

/// The names, for one dataset's page (with the banner above it) or, for `None`, for the whole record.
pub fn kept(record: &Record, of: Option<Dataset>) -> Vec<String> {
    let on_page = |dataset: Dataset| of.is_none_or(|of| dataset == of || dataset == Dataset::Demographics);
    let closed =
        |state| matches!(state, SourceState::OptedOut | SourceState::NotAgreed | SourceState::Withheld);
    let mut out = Vec::new();
    for source in &record.sources {
        let kept = source.datasets.iter().filter(|one| on_page(one.dataset) && closed(one.state));
        out.extend(kept.map(|one| format!("{}/{}", source.source, one.dataset)));
    }
    let absent =
        Dataset::ALL.iter().filter(|dataset| on_page(**dataset) && record.section(**dataset).is_none());
    out.extend(absent.map(|dataset| format!("/{dataset}")));
    out.extend(record.location_protected.then(|| "location".to_owned()));
    out
}

#[cfg(test)]
mod tests {
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
            relationship: String::new(),
            location_protected: false,
            sources: vec![SourceReport {
                source: SourceId::new("st-hildas"),
                name: "St Hilda's".into(),
                organisation: OdsCode::new("RR8XX"),
                kind: "hospital".into(),
                datasets: vec![report(Dataset::Medications), report(Dataset::Results)],
                warnings: vec![],
            }],
            sections: sections.collect(),
            discrepancies: vec![],
            not_shown: vec![],
            may_hold_more: false,
        }
    }

    #[test]
    fn what_is_asked_or_given_is_not_kept_back() {
        assert!(kept(&record(SourceState::Asking), None).is_empty());
        assert!(kept(&record(SourceState::HasData), None).is_empty());
    }

    #[test]
    fn a_page_is_told_of_what_stands_on_it_alone() {
        let mut closed = record(SourceState::OptedOut);
        assert_eq!(kept(&closed, Some(Dataset::Results)), ["st-hildas/results"]);
        assert_eq!(kept(&closed, None), ["st-hildas/medications", "st-hildas/results"]);
        closed.sections.retain(|section| section.dataset != Dataset::Results);
        closed.location_protected = true;
        assert_eq!(kept(&closed, Some(Dataset::Results)), ["st-hildas/results", "/results", "location"]);
    }
}
