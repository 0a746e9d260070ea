//! Groups the timeline: results, documents and procedures of the days of a stay, at the hospital of the stay, belong to it. An
//! entry belongs to at most one stay, and none is lost.

use std::collections::HashSet;

use jiff::civil::Date;
use lcr_contracts::record::{Detail, Entry, Record};
use lcr_model::Dataset;

use super::TimelineEntry;

/// The classes of contacts that have entries of their own.
const STAYS: [&str; 3] = ["In-patient", "Emergency department", "Day case"];

/// The days and the hospital of a stay.
struct Stay {
    first: Date,
    last: Date,
    organisations: HashSet<String>,
}

/// Each entry in its order, with what belongs to it if it is a stay.
pub(super) fn group<'a>(
    record: &Record,
    all: Vec<TimelineEntry<'a>>,
) -> Vec<(TimelineEntry<'a>, Vec<TimelineEntry<'a>>)> {
    let stays: Vec<Option<Stay>> = all.iter().map(|one| stay(record, one)).collect();
    let owners: Vec<Option<usize>> = all.iter().map(|one| owner(record, &stays, one)).collect();
    let mut within: Vec<Vec<TimelineEntry>> = stays.iter().map(|_| Vec::new()).collect();
    let mut heads = Vec::new();
    for (at, (one, owner)) in all.into_iter().zip(owners).enumerate() {
        match owner.and_then(|owner| within.get_mut(owner)) {
            Some(own) => own.push(one),
            None => heads.push((at, one)),
        }
    }
    let with_own =
        |(at, head): (usize, TimelineEntry<'a>)| (head, within.get_mut(at).map(std::mem::take).unwrap_or_default());
    heads.into_iter().map(with_own).collect()
}

fn stay(record: &Record, one: &TimelineEntry) -> Option<Stay> {
    let Detail::Encounter { class, ended, in_progress, .. } = &one.entry.detail else { return None };
    let is_stay = STAYS.contains(&class.as_str()) || one.entry.stay.as_ref().is_some_and(|stay| !stay.attends);
    let ended = ended.as_deref().and_then(crate::layout::format::date_range).map(|(_, last)| last);
    let last = if *in_progress { Date::MAX } else { ended.unwrap_or(one.last) };
    is_stay.then(|| Stay { first: one.first, last, organisations: organisations(record, one.entry) })
}

/// The position of the stay that an entry belongs to. Of several, the one that began last counts.
fn owner(record: &Record, stays: &[Option<Stay>], one: &TimelineEntry) -> Option<usize> {
    if !matches!(one.dataset, Dataset::Results | Dataset::Documents | Dataset::Procedures) {
        return None;
    }
    let own = organisations(record, one.entry);
    let holds = |stay: &Stay| {
        stay.first <= one.first
            && one.first <= stay.last
            && one.first == one.last
            && !own.is_disjoint(&stay.organisations)
    };
    let fitting = stays
        .iter()
        .enumerate()
        .filter_map(|(at, stay)| stay.as_ref().filter(|stay| holds(stay)).map(|stay| (at, stay)));
    fitting.max_by_key(|(at, stay)| (stay.first, std::cmp::Reverse(*at))).map(|(at, _)| at)
}

/// The organisations of an entry's sources. A source that the record does not name stands for itself.
fn organisations(record: &Record, entry: &Entry) -> HashSet<String> {
    let organisation = |id: &lcr_model::SourceId| {
        let source = record.sources.iter().find(|one| one.source == *id);
        source.map_or_else(|| id.to_string(), |source| source.organisation.as_str().to_owned())
    };
    entry.provenance.iter().map(|origin| organisation(&origin.source)).collect()
}
