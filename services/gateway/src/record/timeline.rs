//! The record by date: one lane per organisation, and a list that says the same. A stay in hospital has what belongs to it under
//! it. The lanes must not show anything that the list lacks, and nothing may be left out without a number.

mod item;
mod lanes;
mod stays;

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use lcr_contracts::record::{Entry, Record};
use lcr_model::Dataset;

use crate::{
    layout::{
        filter::Filter,
        format::{date_range, date_sort_key},
        list_links::{Paging, page_of},
    },
    record::results_grid::grouped_results,
};
pub use lanes::{LANE, Lane, Lanes, Mark, SHAPE_KEY, WIDTH};

use item::{Item, item};

/// Stays and other entries on one page. What belongs to a stay is on its page.
const PAGE_SIZE: usize = 40;

#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    pub lanes: Lanes,
    pub groups: Vec<Group>,
    pub paging: Option<Paging>,
    /// The datasets with entries, each with its number.
    pub kinds: Vec<(Dataset, usize)>,
    /// The sources with entries: id and name.
    pub sources: Vec<(String, String)>,
    pub filtered: Option<String>,
    /// The sentence about entries without a date.
    pub left_out: Option<String>,
}

/// An entry, and what belongs to it if it is a stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub head: Item,
    pub within: Vec<Item>,
}

/// A dated entry, with the results that it groups.
struct TimelineEntry<'a> {
    dataset: Dataset,
    entry: &'a Entry,
    first: Date,
    last: Date,
    key: String,
    members: Vec<&'a Entry>,
}

/// The timeline of all dated entries that the filter passes. `href` is the address of the timeline.
pub fn timeline(record: &Record, filter: &Filter, href: &str) -> Timeline {
    let (all, undated) = dated_entries(record);
    let total = all.len();
    let kinds = kinds(record, &all);
    let sources = sources(record, &all);
    let mut shown: Vec<TimelineEntry> = all.into_iter().filter(|one| passes(filter, one)).collect();
    let is_oldest_first = filter.sort == "oldest";
    shown.sort_by(|a, b| {
        let newest = (&b.key, &a.entry.id).cmp(&(&a.key, &b.entry.id));
        if is_oldest_first { newest.reverse() } else { newest }
    });
    let filtered = filter.is_set().then(|| format!("{} of {total} shown by this filter.", shown.len()));
    let groups = stays::group(record, shown);
    let words = if is_oldest_first { ("Earlier", "Later") } else { ("Newer", "Older") };
    let page_href = |page: usize| filter.href(href, &[("page", &page.to_string())]);
    let (range, paging) = page_of(groups.len(), PAGE_SIZE, filter.page_number(), words, page_href);
    let groups = groups.get(range).unwrap_or_default();
    let on_page: Vec<&TimelineEntry> =
        groups.iter().flat_map(|(head, within)| std::iter::once(head).chain(within)).collect();
    Timeline {
        lanes: lanes::lanes(record, &on_page),
        groups: groups
            .iter()
            .map(|(head, within)| Group {
                head: item(record, head),
                within: within.iter().map(|one| item(record, one)).collect(),
            })
            .collect(),
        paging,
        kinds,
        sources,
        filtered,
        left_out: (undated > 0).then(|| format!("Not on this page: {undated} without a date. See their own headings.")),
    }
}

/// Every entry with a date, and the number without. Results of a report that only groups them are in their report.
fn dated_entries(record: &Record) -> (Vec<TimelineEntry<'_>>, usize) {
    let (mut all, mut undated): (Vec<TimelineEntry>, usize) = (Vec::new(), 0);
    for section in record.sections.iter().filter(|section| section.dataset != Dataset::Demographics) {
        let mut entries: Vec<&Entry> = section.entries.iter().collect();
        let mut groups = HashMap::new();
        if section.dataset == Dataset::Results {
            groups = grouped_results(&entries);
        }
        let dates: HashMap<&str, Option<(Date, Date)>> =
            entries.iter().map(|entry| (entry.id.as_str(), entry.date.as_deref().and_then(date_range))).collect();
        let date = |entry: &Entry| dates.get(entry.id.as_str()).copied().flatten();
        // A member of another day, or of a report without a day, is an item of its own.
        for (report, members) in &mut groups {
            let day = dates.get(report).copied().flatten();
            members.retain(|member| day.is_some() && date(member) == day);
        }
        let grouped: HashSet<&str> = groups.values().flatten().map(|entry| entry.id.as_str()).collect();
        // A report whose results are all items of their own is no item.
        entries.retain(|entry| groups.get(entry.id.as_str()).is_none_or(|members| !members.is_empty()));
        for entry in entries.iter().copied().filter(|entry| !grouped.contains(entry.id.as_str())) {
            let Some((first, last)) = date(entry) else {
                undated += 1;
                continue;
            };
            let key = entry.date.as_deref().map(date_sort_key).unwrap_or_default();
            let members = groups.remove(entry.id.as_str()).unwrap_or_default();
            all.push(TimelineEntry { dataset: section.dataset, entry, first, last, key, members });
        }
    }
    (all, undated)
}

fn passes(filter: &Filter, one: &TimelineEntry) -> bool {
    let kind = filter.kind.is_empty() || one.dataset.as_str() == filter.kind;
    let source =
        filter.source.is_empty() || one.entry.provenance.iter().any(|origin| origin.source.as_str() == filter.source);
    kind && source && filter.includes_date(one.entry)
}

fn kinds(record: &Record, all: &[TimelineEntry]) -> Vec<(Dataset, usize)> {
    let count = |dataset: Dataset| all.iter().filter(|one| one.dataset == dataset).count();
    let counted = record.sections.iter().map(|section| (section.dataset, count(section.dataset)));
    counted.filter(|(_, count)| *count > 0).collect()
}

fn sources(record: &Record, all: &[TimelineEntry]) -> Vec<(String, String)> {
    let has_entry =
        |id: &str| all.iter().any(|one| one.entry.provenance.iter().any(|origin| origin.source.as_str() == id));
    let sources = record.sources.iter().map(|source| (source.source.to_string(), source.shown_name().to_owned()));
    sources.filter(|(id, _)| has_entry(id)).collect()
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
