//! The record from what sources answered and what the permit grants. Every source and dataset gets a state.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use lcr_contracts::{
    identity::{Registry, System},
    patient_index::Doubt,
    record::{DatasetReport, Detail, Entry, NotShown, Record, Section, SourceReport},
};
use lcr_model::{
    Dataset, SourceState, ViewId,
    permit::{Hide, PersonGrant, WithheldReason},
};

use super::{
    answer::SourceAnswer,
    doubt, entry, kind,
    limits::{self, FOR_THE_ROLE},
    merge::{self, Unanswered},
};

/// What a record is made of.
pub struct Parts<'a> {
    pub view: ViewId,
    pub grant: &'a PersonGrant,
    pub registry: &'a Registry,
    pub answers: &'a [SourceAnswer],
    pub datasets: &'a [Dataset],
    /// Records under the person's NHS number that may be somebody else's.
    pub doubts: &'a [Doubt],
    pub now: Timestamp,
}

pub fn assemble(parts: &Parts<'_>) -> Record {
    let mut not_shown = Tally::default();
    let mut by_dataset = entries(parts, &mut not_shown);
    let sources: Vec<SourceReport> =
        parts.registry.systems.iter().filter_map(|system| report(parts, system)).collect();
    let (mut sections, mut discrepancies) = (vec![], vec![]);
    for dataset in parts.datasets {
        if !parts.grant.grants.iter().any(|(_, granted)| granted == dataset) {
            continue;
        }
        let mut found = by_dataset.remove(dataset).unwrap_or_default();
        not_shown.limit(*dataset, parts, &mut found);
        let (entries, told) = merge::merge(*dataset, found, &unanswered(&sources, *dataset));
        sections.push(Section { dataset: *dataset, entries });
        discrepancies.extend(told);
    }
    Record {
        person: parts.grant.person,
        view: parts.view,
        as_of: parts.now,
        complete: parts.answers.iter().all(SourceAnswer::finished),
        relationship: parts.grant.relationship.clone(),
        location_protected: parts.grant.hides(Hide::Location),
        sources,
        sections,
        discrepancies,
        not_shown: not_shown
            .0
            .into_iter()
            .map(|((source, dataset, reason), count)| NotShown { source, dataset, reason, count })
            .collect(),
        may_hold_more: parts.registry.systems.iter().any(|system| system.discreet),
    }
}

/// What is kept off the lists, by source, dataset and reason.
#[derive(Default)]
struct Tally(BTreeMap<(lcr_model::SourceId, Dataset, String), u32>);

impl Tally {
    fn add(&mut self, source: &lcr_model::SourceId, dataset: Dataset, reason: &str, count: u32) {
        if count > 0 {
            *self.0.entry((source.clone(), dataset, reason.to_owned())).or_insert(0) += count;
        }
    }

    /// Applies the permit's limits source by source, so that what they leave out is told of its source.
    fn limit(&mut self, dataset: Dataset, parts: &Parts<'_>, entries: &mut Vec<Entry>) {
        let before: Vec<_> =
            entries.iter().filter_map(|entry| Some(entry.provenance.first()?.source.clone())).collect();
        if limits::apply(dataset, &parts.grant.clearances, parts.now, entries) == 0 {
            return;
        }
        for system in &parts.registry.systems {
            let had = before.iter().filter(|source| **source == system.id).count();
            let has = entries
                .iter()
                .filter(|entry| entry.provenance.iter().any(|one| one.source == system.id))
                .count();
            self.add(&system.id, dataset, FOR_THE_ROLE, u32::try_from(had - has).unwrap_or(0));
        }
    }
}

/// Every granted item as an entry of its dataset.
fn entries(parts: &Parts<'_>, not_shown: &mut Tally) -> BTreeMap<Dataset, Vec<Entry>> {
    let mut by_dataset: BTreeMap<Dataset, Vec<Entry>> = BTreeMap::new();
    for answer in parts.answers {
        let Some(system) = parts.registry.systems.iter().find(|system| system.id == answer.source) else {
            continue;
        };
        for (kind, of_type) in &answer.types {
            // What cannot be read is told under the first dataset of its type that this reader asks for.
            let mut asked = kind.datasets().iter().copied();
            let told = asked.find(|one| parts.grant.allows(&system.id, *one) && parts.datasets.contains(one));
            if let Some(dataset) = told {
                not_shown.add(&system.id, dataset, "could not be read", of_type.not_readable);
            }
            for item in &of_type.items {
                let dataset = kind::dataset_of(*kind, item);
                if !parts.grant.allows(&system.id, dataset) || !parts.datasets.contains(&dataset) {
                    continue;
                }
                match entry::read_item(*kind, item, system) {
                    Ok(entry) => by_dataset.entry(dataset).or_default().push(hide(entry, parts.grant)),
                    Err(reason) => not_shown.add(&system.id, dataset, reason, 1),
                }
            }
        }
    }
    by_dataset
}

/// Leaves out of demographics what the permit hides.
fn hide(mut entry: Entry, grant: &PersonGrant) -> Entry {
    if let Detail::Demographics(demographics) = &mut entry.detail {
        if grant.hides(Hide::Address) {
            demographics.address = None;
            entry.provenance.iter_mut().for_each(|one| one.says = None);
        }
        if grant.hides(Hide::Phone) {
            demographics.phones.clear();
        }
        if grant.hides(Hide::Gp) {
            demographics.practice = None;
        }
    }
    entry
}

/// One source's states. A discreet source is not named: every record says the same words about them.
fn report(parts: &Parts<'_>, system: &System) -> Option<SourceReport> {
    if system.discreet {
        return None;
    }
    let answer = parts.answers.iter().find(|answer| answer.source == system.id);
    let datasets = parts.datasets.iter().map(|dataset| {
        let withheld =
            parts.grant.withheld.iter().find(|(source, kept, _)| *source == system.id && kept == dataset);
        let (state, answered_at) = match (withheld, answer) {
            (Some((_, _, reason)), _) => (withheld_state(*reason), None),
            (None, Some(answer)) => answer.state(*dataset),
            (None, None) => (SourceState::NotConnected, None),
        };
        let held = answer.filter(|_| withheld.is_none()).map_or(0, |answer| {
            let of_dataset = answer
                .types
                .iter()
                .flat_map(|(kind, of_type)| of_type.items.iter().map(move |item| (*kind, item)));
            of_dataset.filter(|(kind, item)| kind::dataset_of(*kind, item) == *dataset).count()
        });
        let asked = answer.filter(|answer| withheld.is_none() && answer.known);
        DatasetReport {
            dataset: *dataset,
            state,
            answered_at,
            count: u32::try_from(held).unwrap_or(u32::MAX),
            partial: asked.and_then(|answer| answer.partial(*dataset)),
            reason: asked.and_then(|answer| answer.reason(*dataset)),
        }
    });
    let warnings =
        answer.into_iter().flat_map(|answer| answer.types.values()).flat_map(|one| one.warnings.clone());
    let doubts = parts.doubts.iter().filter(|one| one.source == system.id).map(doubt::words);
    let mut seen = BTreeSet::new();
    let warnings = doubts.chain(warnings).filter(|words| seen.insert(words.clone())).collect();
    Some(SourceReport {
        source: system.id.clone(),
        name: system.name.clone(),
        organisation: system.organisation.clone(),
        kind: system.kind.clone(),
        datasets: datasets.collect(),
        warnings,
    })
}

fn withheld_state(reason: WithheldReason) -> SourceState {
    match reason {
        WithheldReason::NotAgreed => SourceState::NotAgreed,
        WithheldReason::NotConnected => SourceState::NotConnected,
        WithheldReason::OptedOut => SourceState::OptedOut,
        WithheldReason::Role | WithheldReason::LocationProtected | WithheldReason::Discreet => {
            SourceState::Withheld
        }
    }
}

fn unanswered(sources: &[SourceReport], dataset: Dataset) -> Vec<Unanswered> {
    let missing = sources.iter().filter_map(|source| {
        let report = source.datasets.iter().find(|one| one.dataset == dataset && one.may_be_missing())?;
        Some(Unanswered { kind: source.kind.clone(), asking: report.state == SourceState::Asking })
    });
    missing.collect()
}
