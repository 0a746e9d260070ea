//! Compares GP and hospital medication lists, aligned by ingredient and route, and marks the differences. It never
//! calls something a difference if a list is unavailable.

use std::collections::{BTreeMap, BTreeSet};

use lcr_contracts::{
    record::{Detail, Discrepancy, Entry},
    vocabulary::SystemKind,
};
use lcr_model::Dataset;

use super::IncompleteSource;
use crate::domain::entry::DO_NOT_GIVE;

/// Whether the list says that the medication is taken now. A completed supply to take home is, because the course may
/// go on.
pub fn is_current(entry: &Entry) -> bool {
    let Detail::Medication { list, .. } = &entry.detail else { return false };
    let status = entry.status.as_deref().unwrap_or("Active").split(':').next().unwrap_or_default();
    let supplied = list == "to take home" && status == "Completed";
    (status == "Active" || supplied) && !NOT_TAKEN_NOW.contains(&list.as_str())
}

/// Names of lists whose medications are not taken now.
const NOT_TAKEN_NOW: [&str; 7] = ["stopped", "not taken", "a draft", "planned", "proposed", "an option", DO_NOT_GIVE];

/// The ingredient: the title up to the strength, without "Do not give".
fn ingredient(title: &str) -> String {
    let name = title.split_once(": ").filter(|(before, _)| before.eq_ignore_ascii_case(DO_NOT_GIVE));
    let name = name.map_or(title, |(_, name)| name);
    let words = name.split_whitespace().take_while(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether a source still asks not to give the medication.
fn is_forbidden(entry: &Entry) -> bool {
    let status = entry.status.as_deref().unwrap_or("Active").split(':').next().unwrap_or_default();
    let in_force = !matches!(status, "Cancelled" | "Stopped" | "Completed");
    in_force && matches!(&entry.detail, Detail::Medication { list, .. } if list == DO_NOT_GIVE)
}

/// How many requests not to give a medication are shown beside each one that is given.
const MAX_REQUESTS: usize = 10;

/// Reports medications that are current on one list while another source asks not to give them.
fn find_forbidden(entries: &mut [Entry]) -> Vec<Discrepancy> {
    let mut requests: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| is_forbidden(entry)) {
        let names = entry.provenance.iter().map(|one| (one.shown_name().to_owned(), entry.title.clone()));
        requests.entry(ingredient(&entry.title)).or_default().extend(names);
    }
    if requests.is_empty() {
        return vec![];
    }
    let mut discrepancies = vec![];
    for entry in entries.iter_mut().filter(|entry| is_current(entry)) {
        let Some(requests) = requests.get(&ingredient(&entry.title)) else { continue };
        entry.remark = Some("a source asks not to give this".to_owned());
        let given =
            entry.provenance.iter().map(|one| (one.shown_name().to_owned(), one.says.clone().unwrap_or_default()));
        discrepancies.push(Discrepancy {
            dataset: Dataset::Medications,
            about: format!("{}: one source asks not to give it", entry.title),
            says: requests.iter().take(MAX_REQUESTS).cloned().chain(given).collect(),
        });
    }
    discrepancies
}

/// A dose with single spaces and in lower case, for comparing.
pub fn normalise_dose(dose: &str) -> String {
    dose.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The dose with the strength, because "one daily" of two strengths is two doses.
fn dose_with_strength(entry: &Entry) -> Option<String> {
    match &entry.detail {
        Detail::Medication { dose, .. } => {
            let dose = dose.as_deref().map(normalise_dose)?;
            let says_amount = ["mg", "microgram", "unit", " g ", "ml"].iter().any(|unit| dose.contains(unit));
            Some(if says_amount { dose } else { format!("{}|{dose}", strength(&entry.title)) })
        }
        _ => None,
    }
}

/// The first number of a title and its unit: `Bisoprolol 2.5 mg tablets` → `2.5mg`.
fn strength(title: &str) -> String {
    let mut words = title.split_whitespace().skip_while(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
    words.by_ref().take(2).collect::<String>().to_lowercase()
}

fn alignment_key(entry: &Entry) -> &str {
    match &entry.detail {
        Detail::Medication { aligned_by, .. } => aligned_by,
        _ => "",
    }
}

/// Sets the remark of each current medication and reports doses that differ.
pub fn find_dose_differences(entries: &mut [Entry], incomplete: &[IncompleteSource]) -> Vec<Discrepancy> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut lists: BTreeSet<SystemKind> = BTreeSet::new();
    for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| is_current(entry)) {
        groups.entry(alignment_key(entry).to_owned()).or_default().push(at);
        lists.extend(entry.provenance.iter().map(|one| one.kind.clone()));
    }
    let mut discrepancies = Vec::new();
    for (name, positions) in groups {
        let doses: BTreeSet<_> = positions.iter().filter_map(|at| dose_with_strength(&entries[*at])).collect();
        let kinds: BTreeSet<SystemKind> =
            positions.iter().flat_map(|at| entries[*at].provenance.iter().map(|one| one.kind.clone())).collect();
        let remark = if doses.len() > 1 && kinds.len() > 1 {
            discrepancies.push(dose_discrepancy(&name, &positions, entries));
            Some("dose differs".to_owned())
        } else if kinds.len() > 1 {
            None
        } else if incomplete.is_empty() {
            only_in_remark(&kinds, &lists)
        } else {
            Some(not_compared_remark(incomplete))
        };
        for at in positions {
            entries[at].remark.clone_from(&remark);
        }
    }
    discrepancies.extend(find_forbidden(entries));
    discrepancies
}

fn not_compared_remark(incomplete: &[IncompleteSource]) -> String {
    let named = |asking: bool| -> Vec<&str> {
        let kinds = incomplete.iter().filter(|one| one.still_asking == asking).map(|one| list_name(&one.kind));
        kinds.collect::<BTreeSet<_>>().into_iter().collect()
    };
    let (unavailable, asking) = (named(false), named(true));
    if unavailable.is_empty() {
        return format!("not compared yet: asking for the {} list", asking.join(" and "));
    }
    format!("not compared: {} list unavailable", unavailable.join(" and "))
}

fn only_in_remark(kinds: &BTreeSet<SystemKind>, lists: &BTreeSet<SystemKind>) -> Option<String> {
    let compared = lists.contains(&SystemKind::Gp) && lists.contains(&SystemKind::Hospital);
    let one = kinds.first().filter(|_| compared)?;
    Some(format!("only in {} list", list_name(one)))
}

fn list_name(kind: &SystemKind) -> &str {
    match kind {
        SystemKind::Gp => "GP",
        SystemKind::MentalHealth => "mental health",
        other => other.as_str(),
    }
}

fn dose_discrepancy(name: &str, positions: &[usize], entries: &[Entry]) -> Discrepancy {
    let mut letters = name.chars();
    let about = letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
    let says = positions.iter().flat_map(|at| &entries[*at].provenance);
    Discrepancy {
        dataset: Dataset::Medications,
        about: format!("{about}: dose differs"),
        says: says.map(|one| (one.shown_name().to_owned(), one.says.clone().unwrap_or_default())).collect(),
    }
}
