//! Assembles the record from the answers of the sources and the grant of the permit. Every source and dataset gets a
//! state. It never shows an entry that the grant does not allow.

mod source_report;

use std::collections::{BTreeMap, BTreeSet};

use lcr_contracts::{
    patient_index::Doubt,
    record::{DatasetReport, Detail, Entry, MAX_OMITTED_IDS, NotShown, Omission, Record, Section},
};
use lcr_model::{
    Dataset, SourceId, SourceState, ViewId,
    permit::{Hide, PersonGrant, WithheldReason},
};

use super::{
    clearances, compare,
    item_list::{self, ItemList, ListInput, OmittedItem},
    location_redaction, merge,
    source_answer::SourceAnswer,
};
use source_report::incomplete_sources;
pub use source_report::source_reports;

/// The input of one record.
pub struct RecordInput<'a> {
    pub view: ViewId,
    pub list_input: ListInput<'a>,
    /// Records under the person's NHS number that may be another person's.
    pub doubts: &'a [Doubt],
    /// Whether each source knows the person, by the patient index and the ward's stays. A source of which that is not known
    /// is absent.
    pub known_at: BTreeMap<SourceId, bool>,
}

impl<'a> RecordInput<'a> {
    pub fn new(view: ViewId, list_input: ListInput<'a>) -> Self {
        Self { view, list_input, doubts: &[], known_at: BTreeMap::new() }
    }

    /// Whether a source that keeps back something asked for knows the person. Only the readers of a source that shares
    /// something may learn it, and of other sources the answers say enough.
    fn knows_person(&self, source: &SourceId, shares_anything: Option<bool>, asked: &[DatasetReport]) -> Option<bool> {
        let keeps_back = |report: &DatasetReport| {
            matches!(
                report.state,
                SourceState::NotAgreed
                    | SourceState::NotReceived
                    | SourceState::NotYetOn
                    | SourceState::Withheld
                    | SourceState::OptedOut
            )
        };
        let may_say = shares_anything == Some(true) && asked.iter().any(keeps_back);
        self.known_at.get(source).copied().filter(|_| may_say)
    }
}

pub fn assemble(record: &RecordInput<'_>) -> Record {
    let input = &record.list_input;
    let ItemList { items, omitted, differences } = item_list::list_items(input);
    let mut not_shown = NotShownCounts::default();
    not_shown.add_all(omitted);
    let mut by_dataset: BTreeMap<Dataset, Vec<Entry>> = BTreeMap::new();
    let codes = clearances::entry_codes(input.grant, &items);
    let denied = compare::denied::denied_entries(input);
    for mut item in items {
        item.entries.iter_mut().for_each(|entry| hide_fields(entry, input.grant));
        by_dataset.entry(item.dataset).or_default().append(&mut item.entries);
    }
    let location_hidden = input.grant.hides(Hide::Location);
    let all = source_reports(record);
    let sources =
        if location_hidden { vec![location_redaction::combined_report(&all, input.datasets, input.now)] } else { all };
    let (mut sections, mut discrepancies) = (vec![], vec![]);
    for dataset in input.datasets {
        if !is_for_the_reader(input.grant, *dataset) {
            continue;
        }
        if location_hidden && !location_redaction::can_show(*dataset) {
            continue;
        }
        let mut entries = by_dataset.remove(dataset).unwrap_or_default();
        not_shown.apply_limits(*dataset, input, &codes, &mut entries);
        // Naming the list that could not be compared would name a kind of source.
        let incomplete = if location_hidden {
            vec![]
        } else {
            incomplete_sources(&sources, *dataset, &not_shown.sources_hiding_facts(*dataset))
        };
        let denied = denied.get(dataset).map_or(&[][..], Vec::as_slice);
        let (entries, contradictions) = merge::merge_entries(*dataset, entries, denied, &incomplete);
        sections.push(Section { dataset: *dataset, entries });
        discrepancies.extend(contradictions);
    }
    discrepancies.extend(compare::stays::stay_discrepancies(&differences, &sections));
    discrepancies.extend(compare::stays::death_discrepancy(&sections));
    Record {
        person: input.grant.person,
        view: record.view,
        as_of: input.now,
        complete: input.answers.iter().all(SourceAnswer::is_finished),
        relationship: input.grant.relationship.clone(),
        location_protected: location_hidden,
        sources,
        sections,
        discrepancies,
        not_shown: not_shown.into_rows(),
        // Always true, so that it reveals nothing about barred items or discreet sources.
        may_hold_more: true,
    }
}

/// Whether the reader's role sees the dataset: a source gives it to them, or keeps it back for another reason than the role, which
/// an empty section has room to say.
fn is_for_the_reader(grant: &PersonGrant, dataset: Dataset) -> bool {
    let is_not_received =
        |reason: &WithheldReason| matches!(reason, WithheldReason::NotReceived | WithheldReason::NotYetOn);
    grant.grants.iter().any(|(_, granted)| *granted == dataset)
        || grant.withheld.iter().any(|(_, of, reason)| *of == dataset && is_not_received(reason))
}

/// The items that are not shown, by source, dataset and reason: their number and the ids under which they can be read.
#[derive(Default)]
struct NotShownCounts(BTreeMap<(SourceId, Dataset, Omission), (u32, Vec<String>)>);

impl NotShownCounts {
    /// Sources with an omitted item that may contradict the rest of their list.
    fn sources_hiding_facts(&self, dataset: Dataset) -> BTreeSet<SourceId> {
        let keys = self.0.keys().filter(|(_, of, reason)| *of == dataset && reason.hides_a_fact());
        keys.map(|(source, ..)| source.clone()).collect()
    }

    fn add_all(&mut self, omitted: Vec<OmittedItem>) {
        for omission in omitted {
            let key = (omission.source, omission.dataset, omission.reason);
            let (count, items) = self.0.entry(key).or_default();
            *count += omission.count;
            items.extend(omission.item.filter(|_| items.len() < MAX_OMITTED_IDS));
        }
    }

    fn into_rows(self) -> Vec<NotShown> {
        let row = |((source, dataset, reason), (count, items)): (_, (u32, Vec<String>))| NotShown {
            source,
            dataset,
            reason,
            count,
            items,
        };
        self.0.into_iter().map(row).collect()
    }

    /// Applies the permit's limits and counts the entries that they remove, by source.
    fn apply_limits(
        &mut self,
        dataset: Dataset,
        input: &ListInput<'_>,
        codes: &clearances::EntryCodes,
        entries: &mut Vec<Entry>,
    ) {
        if !input.grant.limits(dataset) {
            return;
        }
        let before = count_by_source(entries);
        if clearances::apply_limits(dataset, input.grant, input.now, codes, entries) == 0 {
            return;
        }
        let after = count_by_source(entries);
        for (source, had) in before {
            let count = had - after.get(&source).copied().unwrap_or(0).min(had);
            if count > 0 {
                let reason = Omission::NotForTheRole;
                self.add_all(vec![OmittedItem { source, dataset, reason, count, item: None }]);
            }
        }
    }
}

/// Removes the fields that the permit hides from demographics.
fn hide_fields(entry: &mut Entry, grant: &PersonGrant) {
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
}

/// Counts the entries of each source. Before merging, each entry has one source.
fn count_by_source(entries: &[Entry]) -> BTreeMap<SourceId, u32> {
    let mut counts = BTreeMap::new();
    for source in entries.iter().filter_map(|entry| Some(entry.provenance.first()?.source.clone())) {
        *counts.entry(source).or_default() += 1;
    }
    counts
}

#[cfg(test)]
#[path = "assemble_tests.rs"]
mod tests;
