//! Reconciles one visit that a hospital reports twice, by ward messages and by its record system. It merges both if
//! they agree, else marks both and reports the difference. It never prefers one of them.

use std::collections::{HashMap, HashSet};

use jiff::{Timestamp, civil::Date};
use lcr_contracts::{
    Moment,
    record::{Detail, Entry},
};
use lcr_fhir::read;
use lcr_model::{SourceId, london};

use super::Stay;
use crate::domain::{item_list::ListedItem, resource_type::ResourceType, source_answer::SourceAnswer};

/// The remark on both entries.
const DIFFER: &str = "sources differ";
const PLACE: &str = "place";

/// The ids of two entries that disagree: the answered one and the stay. Their words are read only after the permit's
/// limits are applied.
pub struct Difference {
    pub entries: [String; 2],
}

/// Merges stays with the answered encounters that agree, and returns the differences of those that do not.
pub fn reconcile(answers: &[SourceAnswer], items: &mut Vec<ListedItem<'_>>) -> Vec<Difference> {
    if answers.iter().all(|answer| answer.stays.is_empty()) {
        return vec![];
    }
    let (mut differences, mut removed) = (vec![], HashSet::new());
    let index = EncounterIndex::build(items);
    for stay in answers.iter().flat_map(|answer| &answer.stays) {
        let Some(stay_at) = index.by_item.get(&(stay.on_record.source.clone(), stay.item_id())).copied() else {
            continue;
        };
        let Some(answered_at) = index.find_match(items, stay, &removed) else { continue };
        let both = [&items[answered_at], &items[stay_at]].map(|item| item.entries.first().cloned());
        let [Some(answered), Some(stay_entry)] = both else { continue };
        let fields = differing_fields(&answered, &stay_entry, stay);
        if fields.is_empty() {
            removed.insert(stay_at);
            let stay_entries = std::mem::take(&mut items[stay_at].entries);
            if let Some(entry) = items[answered_at].entries.first_mut() {
                merge_stay(entry, stay_entries);
            }
            continue;
        }
        for at in [answered_at, stay_at] {
            if let Some(entry) = items[at].entries.first_mut() {
                entry.remark = Some(format!("{DIFFER}: {}", fields.join(", ")));
            }
        }
        differences.push(Difference { entries: [answered.id, stay_entry.id] });
    }
    let mut at = 0;
    items.retain(|_| {
        at += 1;
        !removed.contains(&(at - 1))
    });
    differences
}

/// The positions of the encounters in a list, by item id and by visit number.
struct EncounterIndex {
    by_item: HashMap<(SourceId, String), usize>,
    by_visit: HashMap<(SourceId, String), Vec<usize>>,
}

/// How many encounters with one visit number a stay is compared with.
const MAX_ENCOUNTERS_PER_NUMBER: usize = 20;

impl EncounterIndex {
    fn build(items: &[ListedItem<'_>]) -> Self {
        let (mut by_item, mut by_visit) = (HashMap::new(), HashMap::<_, Vec<usize>>::new());
        for (at, one) in items.iter().enumerate().filter(|(_, one)| one.resource_type == ResourceType::Encounter) {
            let source = &one.system.id;
            by_item.entry((source.clone(), one.item.id().to_owned())).or_insert(at);
            for number in read::list(one.item.value(), "identifier") {
                let Some(number) = read::text(number, "value") else { continue };
                let of_number = by_visit.entry((source.clone(), normalise_number(&number))).or_default();
                if of_number.len() < MAX_ENCOUNTERS_PER_NUMBER && of_number.last() != Some(&at) {
                    of_number.push(at);
                }
            }
        }
        Self { by_item, by_visit }
    }

    /// Finds an answered encounter with the visit number of the stay. One that ended before the stay began is another
    /// visit.
    fn find_match(&self, items: &[ListedItem<'_>], stay: &Stay, removed: &HashSet<usize>) -> Option<usize> {
        let visit = normalise_number(stay.on_record.visit.as_deref()?);
        let of_number = self.by_visit.get(&(stay.on_record.source.clone(), visit))?;
        let is_match = |at: &&usize| {
            let entry = items.get(**at).and_then(|one| one.entries.first());
            !removed.contains(*at) && entry.is_some_and(|entry| entry.stay.is_none() && !ended_before(entry, stay))
        };
        of_number.iter().find(is_match).copied()
    }
}

fn normalise_number(number: &str) -> String {
    number.trim().to_ascii_lowercase()
}

fn ended_before(entry: &Entry, stay: &Stay) -> bool {
    let Detail::Encounter { ended: Some(ended), .. } = &entry.detail else { return false };
    let start = stay.on_record.admitted.map(Moment::date);
    day(ended).zip(start).is_some_and(|(ended, start)| ended < start)
}

/// The names of the fields in which both differ.
fn differing_fields(answered: &Entry, stay_entry: &Entry, stay: &Stay) -> Vec<&'static str> {
    let Detail::Encounter { place, ended, in_progress, .. } = &answered.detail else { return vec![] };
    let on_leave = answered.status.as_deref().is_some_and(|status| status.to_lowercase().contains("leave"));
    let in_progress_on_ward = stay.is_in_progress();
    let status = *in_progress != in_progress_on_ward || (in_progress_on_ward && on_leave != stay.on_record.on_leave);
    let left = match (ended.as_deref().and_then(day), stay.on_record.left) {
        (Some(answered), Some(on_ward)) => answered != on_ward.date(),
        // If only one has an end, the status differs and is already reported.
        _ => false,
    };
    let place = place.as_deref().is_some_and(|place| !is_same_place(place, stay, stay_entry));
    let all = [(PLACE, place), ("left", left), ("status", status)];
    all.into_iter().filter_map(|(what, differs)| differs.then_some(what)).collect()
}

/// Whether the answered place can be the stay's place. It must contain the ward's code or name, unless the stay has no
/// ward or the answer names only the hospital.
fn is_same_place(answered: &str, stay: &Stay, stay_entry: &Entry) -> bool {
    let Some(place) = stay.on_record.place.as_ref().map(|cell| &cell.value) else { return true };
    let answered = answered.to_lowercase();
    let contains = |part: &Option<String>| {
        part.as_deref()
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| answered.contains(&part.to_lowercase()))
    };
    let matches: Vec<bool> = [&place.ward, &place.ward_name].into_iter().filter_map(contains).collect();
    let hospital = stay_entry.provenance.first().map(|one| one.name.to_lowercase()).unwrap_or_default();
    matches.is_empty() || matches.contains(&true) || hospital.starts_with(&answered)
}

/// Adds the stay to the answered entry. Class, place and time of admission become the ward's, so that the record says what
/// the ward list says; another day in the answer is kept as a further detail.
fn merge_stay(answered: &mut Entry, stay_entries: Vec<Entry>) {
    // The first stay replaces the date, so the next one is compared with the date as answered.
    let answered_date = answered.date.clone();
    for stay in stay_entries {
        answered.more.extend(other_start(answered_date.as_deref(), stay.date.as_deref()));
        answered.date = stay.date.or(answered.date.take());
        answered.provenance.extend(stay.provenance);
        answered.notes.extend(stay.notes);
        answered.more.extend(stay.more);
        answered.stay = stay.stay;
        if let (Detail::Encounter { class, place, .. }, Detail::Encounter { class: kind, place: bed, .. }) =
            (&mut answered.detail, stay.detail)
        {
            if answered.title == *class {
                answered.title.clone_from(&kind);
            }
            *class = kind;
            *place = bed.or(place.take());
        }
    }
}

/// The start that the hospital's record system gives, if it is another day than the admission.
fn other_start(answered: Option<&str>, admitted: Option<&str>) -> Option<(String, String)> {
    let (answered, admitted) = (day(answered?)?, day(admitted?)?);
    let label = "Start, by the hospital's record system".to_owned();
    (answered != admitted).then(|| (label, answered.strftime("%d-%b-%Y").to_string()))
}

/// The London day of a date as sent.
fn day(sent: &str) -> Option<Date> {
    let zone = london::zone();
    let at = sent.parse::<Timestamp>().ok().map(|at| at.to_zoned(zone).date());
    at.or_else(|| sent.get(..10)?.parse().ok())
}

#[cfg(test)]
#[path = "reconcile_tests.rs"]
mod tests;
