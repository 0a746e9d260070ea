//! Which report or battery a result belongs to.

use std::collections::{HashMap, HashSet};

use lcr_contracts::record::{Detail, Entry};

use super::is_cell;

pub(super) fn ids<'a>(entries: &[&'a Entry]) -> HashSet<&'a str> {
    entries.iter().copied().map(|entry| entry.id.as_str()).collect()
}

/// Whether an entry only groups results that are shown themselves.
pub(super) fn is_heading(entry: &Entry, shown: &HashSet<&str>) -> bool {
    is_group_only(entry) && entry.links.iter().any(|(_, id)| shown.contains(id.as_str()))
}

/// The report of a result, and the result's position in it.
pub(super) struct Membership<'a> {
    pub(super) report: &'a Entry,
    pub(super) position: usize,
}

/// The report of each result by its id. Of several reports the one with the smallest id counts.
pub(super) fn memberships<'a>(entries: &[&'a Entry]) -> HashMap<&'a str, Membership<'a>> {
    let mut found: HashMap<&str, Membership> = HashMap::new();
    for report in entries.iter().copied().filter(|entry| is_report(entry) || is_group_only(entry)) {
        for (position, (_, id)) in report.links.iter().enumerate() {
            let is_better = found.get(id.as_str()).is_none_or(|other| report.id < other.report.id);
            if is_better && *id != report.id {
                found.insert(id.as_str(), Membership { report, position });
            }
        }
    }
    found
}

/// The members of each report that only groups results, by the report's id, in the report's order.
pub fn grouped_results<'a>(entries: &[&'a Entry]) -> HashMap<&'a str, Vec<&'a Entry>> {
    let memberships = memberships(entries);
    let mut groups: HashMap<&str, Vec<(usize, &Entry)>> = HashMap::new();
    for entry in entries.iter().copied().filter(|entry| is_cell(entry)) {
        if let Some(one) = memberships.get(entry.id.as_str()).filter(|one| is_group_only(one.report)) {
            groups.entry(one.report.id.as_str()).or_default().push((one.position, entry));
        }
    }
    let in_order = |mut members: Vec<(usize, &'a Entry)>| {
        members.sort_by_key(|(position, entry)| (*position, entry.id.as_str()));
        members.into_iter().map(|(_, entry)| entry).collect()
    };
    groups.into_iter().map(|(report, members)| (report, in_order(members))).collect()
}

pub(super) fn is_report(entry: &Entry) -> bool {
    matches!(&entry.detail, Detail::Result { report: Some(_), .. })
}

/// Whether a report or group has nothing of its own beyond its results.
pub fn is_group_only(entry: &Entry) -> bool {
    let Detail::Result { value, number: None, .. } = &entry.detail else { return false };
    ["Report with ", "Group with "].iter().any(|words| value.starts_with(words))
        && entry.notes.is_empty()
        && entry.files.is_empty()
        && entry.marks.is_empty()
}
