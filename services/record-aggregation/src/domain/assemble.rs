//! The record from what sources answered and what the permit grants. Every source and dataset gets a state.

mod disagreements;

use std::collections::{BTreeMap, BTreeSet};

use lcr_contracts::{
    identity::System,
    patient_index::Doubt,
    record::{
        DatasetReport, Detail, Entry, MOST_OMITTED_IDS, NotShown, Omission, Record, Section, SourceReport,
    },
};
use lcr_model::{
    Dataset, SourceId, SourceState, ViewId,
    permit::{Hide, PersonGrant, WithheldReason},
};

use super::{
    answer::SourceAnswer,
    doubt, kind, limits,
    listing::{self, List, Listing, Omitted},
    merge::{self, Unanswered},
    without_location,
};

/// What a record is made of.
pub struct Parts<'a> {
    pub view: ViewId,
    pub listing: Listing<'a>,
    /// Records under the person's NHS number that may be somebody else's.
    pub doubts: &'a [Doubt],
}

pub fn assemble(parts: &Parts<'_>) -> Record {
    let of = &parts.listing;
    let List { listed, omitted, differences } = listing::list(of);
    let mut not_shown = Tally::default();
    not_shown.take(omitted);
    let mut by_dataset: BTreeMap<Dataset, Vec<Entry>> = BTreeMap::new();
    let codes = limits::codes(of.grant, &listed);
    for one in listed {
        let entries = one.entries.into_iter().map(|entry| hide(entry, of.grant));
        by_dataset.entry(one.dataset).or_default().extend(entries);
    }
    let location_hidden = of.grant.hides(Hide::Location);
    let all = reports(of, parts.doubts);
    let sources =
        if location_hidden { vec![without_location::sources(&all, of.datasets, of.now)] } else { all };
    let (mut sections, mut discrepancies) = (vec![], vec![]);
    for dataset in of.datasets {
        if !of.grant.grants.iter().any(|(_, granted)| granted == dataset) {
            continue;
        }
        if location_hidden && !without_location::gives(*dataset) {
            continue;
        }
        let mut found = by_dataset.remove(dataset).unwrap_or_default();
        not_shown.limit(*dataset, of, &codes, &mut found);
        // Which list could not be compared would name a kind of source.
        let gaps = if location_hidden {
            vec![]
        } else {
            unanswered(&sources, *dataset, &not_shown.hiding(*dataset))
        };
        let (entries, told) = merge::merge(*dataset, found, &gaps);
        sections.push(Section { dataset: *dataset, entries });
        discrepancies.extend(told);
    }
    discrepancies.extend(disagreements::of_stays(&differences, &sections));
    discrepancies.extend(disagreements::of_death(&sections));
    Record {
        person: of.grant.person,
        view: parts.view,
        as_of: of.now,
        complete: of.answers.iter().all(SourceAnswer::finished),
        relationship: of.grant.relationship.clone(),
        location_protected: location_hidden,
        sources,
        sections,
        discrepancies,
        not_shown: not_shown.rows(),
        // The same words for everybody: a bar or a discreet source is told of in no other way.
        may_hold_more: true,
    }
}

/// What every source said, whoever may know of it.
pub fn reports(of: &Listing<'_>, doubts: &[Doubt]) -> Vec<SourceReport> {
    of.registry.systems.iter().filter_map(|system| report(of, doubts, system)).collect()
}

/// What is kept off the lists, by source, dataset and reason: how many, and the ids they can be read under.
#[derive(Default)]
struct Tally(BTreeMap<(SourceId, Dataset, Omission), (u32, Vec<String>)>);

impl Tally {
    /// Sources of which an item is left out that may say what their list denies.
    fn hiding(&self, dataset: Dataset) -> BTreeSet<SourceId> {
        let keys = self.0.keys().filter(|(_, of, reason)| *of == dataset && reason.hides_a_fact());
        keys.map(|(source, ..)| source.clone()).collect()
    }

    fn take(&mut self, omitted: Vec<Omitted>) {
        for one in omitted {
            let (count, items) = self.0.entry((one.source, one.dataset, one.reason)).or_default();
            *count += one.count;
            items.extend(one.item.filter(|_| items.len() < MOST_OMITTED_IDS));
        }
    }

    fn rows(self) -> Vec<NotShown> {
        let row = |((source, dataset, reason), (count, items)): (_, (u32, Vec<String>))| NotShown {
            source,
            dataset,
            reason,
            count,
            items,
        };
        self.0.into_iter().map(row).collect()
    }

    /// Applies the permit's limits source by source, so that what they leave out is told of its source.
    fn limit(&mut self, dataset: Dataset, of: &Listing<'_>, codes: &limits::Codes, entries: &mut Vec<Entry>) {
        let before = by_source(entries);
        if limits::apply(dataset, of.grant, of.now, codes, entries) == 0 {
            return;
        }
        let after = by_source(entries);
        for (source, had) in before {
            let count = had - after.get(&source).copied().unwrap_or(0).min(had);
            if count > 0 {
                let reason = Omission::NotForTheRole;
                self.take(vec![Omitted { source, dataset, reason, count, item: None }]);
            }
        }
    }
}

/// Leaves out of demographics the fields that the permit hides.
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

/// How many entries are of each source; before they are merged each is of one.
fn by_source(entries: &[Entry]) -> BTreeMap<SourceId, u32> {
    let mut counts = BTreeMap::new();
    for source in entries.iter().filter_map(|entry| Some(entry.provenance.first()?.source.clone())) {
        *counts.entry(source).or_default() += 1;
    }
    counts
}

/// One source's states. A discreet source is not named: every record says the same words about them.
fn report(parts: &Listing<'_>, doubts: &[Doubt], system: &System) -> Option<SourceReport> {
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
    // Neither a doubt nor a source's own words name a source of which this reader sees nothing, nor a place.
    let sees = parts.datasets.iter().any(|dataset| parts.grant.allows(&system.id, *dataset));
    let doubts = doubts.iter().filter(|one| one.source == system.id).map(doubt::words);
    let mut seen = BTreeSet::new();
    let warnings = doubts.chain(warnings).filter(|words| sees && seen.insert(words.clone())).collect();
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

/// Sources whose list of a dataset may lack something: not answered, in part only, or with an item that is left out.
fn unanswered(sources: &[SourceReport], dataset: Dataset, hiding: &BTreeSet<SourceId>) -> Vec<Unanswered> {
    let missing = sources.iter().filter_map(|source| {
        let may_be_missing = |one: &&DatasetReport| {
            one.dataset == dataset && (one.may_be_missing() || hiding.contains(&source.source))
        };
        let report = source.datasets.iter().find(may_be_missing)?;
        Some(Unanswered { kind: source.kind.clone(), asking: report.state == SourceState::Asking })
    });
    missing.collect()
}
