//! GP and hospital lists side by side: aligned by ingredient and route, differences marked, never merged
//! silently. Where a list is unavailable nothing is called a difference.

use std::collections::{BTreeMap, BTreeSet};

use lcr_contracts::record::{Detail, Discrepancy, Entry};
use lcr_model::Dataset;

use super::Unanswered;
use crate::domain::entry::DO_NOT_GIVE;

/// Whether a medicine is taken now, as far as its list says. What was given to take home is: that the supply was
/// completed says nothing of the course.
pub fn current(entry: &Entry) -> bool {
    let Detail::Medication { list, .. } = &entry.detail else { return false };
    let status = entry.status.as_deref().unwrap_or("Active").split(':').next().unwrap_or_default();
    let supplied = list == "to take home" && status == "Completed";
    (status == "Active" || supplied) && !NOT_TAKEN_NOW.contains(&list.as_str())
}

/// Lists of what is not, not yet or never to be taken.
const NOT_TAKEN_NOW: [&str; 7] =
    ["stopped", "not taken", "a draft", "planned", "proposed", "an option", DO_NOT_GIVE];

/// The ingredient: the title up to the strength, without what stands before it.
fn ingredient(title: &str) -> String {
    let name = title.split_once(": ").filter(|(before, _)| before.eq_ignore_ascii_case(DO_NOT_GIVE));
    let name = name.map_or(title, |(_, name)| name);
    let words = name.split_whitespace().take_while(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether a source asks not to give it, and still does.
fn is_forbidden(entry: &Entry) -> bool {
    let status = entry.status.as_deref().unwrap_or("Active").split(':').next().unwrap_or_default();
    let stands = !matches!(status, "Cancelled" | "Stopped" | "Completed");
    stands && matches!(&entry.detail, Detail::Medication { list, .. } if list == DO_NOT_GIVE)
}

/// The most requests not to give a medicine that stand beside each that is given.
const ASKS: usize = 10;

/// Medicines that one list has as current and another asks not to give.
fn forbidden(entries: &mut [Entry]) -> Vec<Discrepancy> {
    let mut asks: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| is_forbidden(entry)) {
        let names = entry.provenance.iter().map(|one| (one.name.clone(), entry.title.clone()));
        asks.entry(ingredient(&entry.title)).or_default().extend(names);
    }
    let mut told = vec![];
    for entry in entries.iter_mut().filter(|entry| current(entry)) {
        let Some(asks) = asks.get(&ingredient(&entry.title)) else { continue };
        entry.remark = Some("a source asks not to give this".to_owned());
        let given =
            entry.provenance.iter().map(|one| (one.name.clone(), one.says.clone().unwrap_or_default()));
        told.push(Discrepancy {
            dataset: Dataset::Medications,
            about: format!("{}: one source asks not to give it", entry.title),
            says: asks.iter().take(ASKS).cloned().chain(given).collect(),
        });
    }
    told
}

/// A dose for comparing: spaces and case do not differ.
pub fn plain(dose: &str) -> String {
    dose.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Strength and dose: "one daily" of two strengths is two doses.
fn dose(entry: &Entry) -> Option<String> {
    match &entry.detail {
        Detail::Medication { dose, .. } => {
            let dose = dose.as_deref().map(plain)?;
            let says_amount = ["mg", "microgram", "unit", " g ", "ml"].iter().any(|unit| dose.contains(unit));
            Some(if says_amount { dose } else { format!("{}|{dose}", strength(&entry.title)) })
        }
        _ => None,
    }
}

/// The first number of a title and its unit: `Bisoprolol 2.5 mg tablets` → `2.5mg`. A dose that itself names an
/// amount says more than the strength, so only a dose without one needs it.
fn strength(title: &str) -> String {
    let mut words =
        title.split_whitespace().skip_while(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
    words.by_ref().take(2).collect::<String>().to_lowercase()
}

fn aligned(entry: &Entry) -> &str {
    match &entry.detail {
        Detail::Medication { aligned_by, .. } => aligned_by,
        _ => "",
    }
}

/// Marks each current medicine and tells of doses that differ.
pub fn compare(entries: &mut [Entry], unanswered: &[Unanswered]) -> Vec<Discrepancy> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut lists: BTreeSet<String> = BTreeSet::new();
    for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| current(entry)) {
        groups.entry(aligned(entry).to_owned()).or_default().push(at);
        lists.extend(entry.provenance.iter().map(|one| one.kind.clone()));
    }
    let mut told = Vec::new();
    for (name, places) in groups {
        let doses: BTreeSet<_> = places.iter().filter_map(|at| dose(&entries[*at])).collect();
        let kinds: BTreeSet<String> =
            places.iter().flat_map(|at| entries[*at].provenance.iter().map(|one| one.kind.clone())).collect();
        let remark = if doses.len() > 1 && kinds.len() > 1 {
            told.push(differs(&name, &places, entries));
            Some("dose differs".to_owned())
        } else if kinds.len() > 1 {
            None
        } else if unanswered.is_empty() {
            only_in(&kinds, &lists)
        } else {
            Some(not_compared(unanswered))
        };
        for at in places {
            entries[at].remark.clone_from(&remark);
        }
    }
    told.extend(forbidden(entries));
    told
}

fn not_compared(unanswered: &[Unanswered]) -> String {
    let named = |asking: bool| -> Vec<&str> {
        let kinds = unanswered.iter().filter(|one| one.asking == asking).map(|one| list_name(&one.kind));
        kinds.collect::<BTreeSet<_>>().into_iter().collect()
    };
    let (unavailable, asking) = (named(false), named(true));
    if unavailable.is_empty() {
        return format!("not compared yet: asking for the {} list", asking.join(" and "));
    }
    format!("not compared: {} list unavailable", unavailable.join(" and "))
}

fn only_in(kinds: &BTreeSet<String>, lists: &BTreeSet<String>) -> Option<String> {
    let compared = lists.contains("gp") && lists.contains("hospital");
    let one = kinds.first().filter(|_| compared)?;
    Some(format!("only in {} list", list_name(one)))
}

fn list_name(kind: &str) -> &str {
    match kind {
        "gp" => "GP",
        "mental-health" => "mental health",
        other => other,
    }
}

fn differs(name: &str, places: &[usize], entries: &[Entry]) -> Discrepancy {
    let mut letters = name.chars();
    let about =
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
    let says = places.iter().flat_map(|at| &entries[*at].provenance);
    Discrepancy {
        dataset: Dataset::Medications,
        about: format!("{about}: dose differs"),
        says: says.map(|one| (one.name.clone(), one.says.clone().unwrap_or_default())).collect(),
    }
}
