//! The record from what sources answered and what the permit grants. Every source and dataset gets a state.

mod disagreements;

use std::collections::{BTreeMap, BTreeSet};

use lcr_contracts::{
    identity::System,
    patient_index::Doubt,
    record::{
        DatasetReport, Detail, Entry, File, MOST_OMITTED_IDS, NotShown, Omission, Record, Section,
        SourceReport,
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
    for one in listed {
        let entries = one.entries.into_iter().map(|entry| hide(entry, of.grant));
        by_dataset.entry(one.dataset).or_default().extend(entries);
    }
    let sources: Vec<SourceReport> =
        of.registry.systems.iter().filter_map(|system| report(of, parts.doubts, system)).collect();
    let (mut sections, mut discrepancies) = (vec![], vec![]);
    for dataset in of.datasets {
        if !of.grant.grants.iter().any(|(_, granted)| granted == dataset) {
            continue;
        }
        let mut found = by_dataset.remove(dataset).unwrap_or_default();
        not_shown.limit(*dataset, of, &mut found);
        let (entries, told) =
            merge::merge(*dataset, found, &unanswered(&sources, *dataset, &not_shown.hiding(*dataset)));
        sections.push(Section { dataset: *dataset, entries });
        discrepancies.extend(told);
    }
    let location_hidden = of.grant.hides(Hide::Location);
    discrepancies.extend(disagreements::of_stays(&differences, &sections, location_hidden));
    discrepancies.extend(disagreements::of_death(&sections, location_hidden));
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
        not_shown: not_shown.rows(location_hidden),
        may_hold_more: of.registry.systems.iter().any(|system| system.discreet),
    }
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

    /// As sent, an item could tell where the person is: for a reader who may not know that, no ids are given.
    fn rows(self, location_hidden: bool) -> Vec<NotShown> {
        let row = |((source, dataset, reason), (count, mut items)): (_, (u32, Vec<String>))| {
            if location_hidden {
                items.clear();
            }
            NotShown { source, dataset, reason, count, items }
        };
        self.0.into_iter().map(row).collect()
    }

    /// Applies the permit's limits source by source, so that what they leave out is told of its source.
    fn limit(&mut self, dataset: Dataset, of: &Listing<'_>, entries: &mut Vec<Entry>) {
        let before: Vec<_> =
            entries.iter().filter_map(|entry| Some(entry.provenance.first()?.source.clone())).collect();
        if limits::apply(dataset, &of.grant.clearances, of.now, entries) == 0 {
            return;
        }
        for system in &of.registry.systems {
            let had = before.iter().filter(|source| **source == system.id).count();
            let has = entries
                .iter()
                .filter(|entry| entry.provenance.iter().any(|one| one.source == system.id))
                .count();
            let count = u32::try_from(had - has).unwrap_or(0);
            if count > 0 {
                let (source, reason) = (system.id.clone(), Omission::NotForTheRole);
                self.take(vec![Omitted { source, dataset, reason, count, item: None }]);
            }
        }
    }
}

/// Said in place of a comment that might name where the person is.
const COMMENT_HIDDEN: &str = "A comment of the source is not shown: location details protected";

/// Leaves out what the permit hides: of demographics the fields it names; of everything else, where the location is
/// hidden, the lines and comments that could tell it.
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
    if grant.hides(Hide::Location) {
        entry.more.clear();
        entry.left_out.clear();
        if !entry.notes.is_empty() {
            entry.notes = vec![COMMENT_HIDDEN.to_owned()];
        }
        if let Some(stay) = &mut entry.stay {
            stay.destination = None;
            stay.warnings.clear();
        }
        hide_location(&mut entry);
    }
    entry
}

/// Said in place of what might name where the person is.
const LOCATION_HIDDEN: &str = "Not shown: location details protected";

/// Files, a report's prose, and fields that name places or people who work at one.
fn hide_location(entry: &mut Entry) {
    for file in &mut entry.files {
        *file = File { title: None, content_type: None, unavailable: Some(LOCATION_HIDDEN.to_owned()) };
    }
    match &mut entry.detail {
        Detail::Result { report: Some(_), value, .. } if !value.starts_with("Report with ") => {
            LOCATION_HIDDEN.clone_into(value);
        }
        Detail::Encounter { place, .. } => *place = None,
        Detail::Other { fields } => {
            fields.retain(|(label, _)| {
                !matches!(label.as_str(), "Where" | "By" | "From" | "To" | "With" | "Site")
            });
        }
        _ => {}
    }
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
    let sees = sees && !parts.grant.hides(Hide::Location);
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
