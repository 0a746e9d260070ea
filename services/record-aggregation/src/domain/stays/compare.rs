//! One visit said twice by one hospital: by its ward messages and by its record system. Where both agree they are one
//! entry; where they disagree both stand, marked, and the difference is told. Neither is believed over the other.

use std::collections::{HashMap, HashSet};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use lcr_contracts::{
    Moment,
    record::{Detail, Entry},
};
use lcr_fhir::read;
use lcr_model::SourceId;

use super::Stay;
use crate::domain::{answer::SourceAnswer, kind::Kind, listing::Listed};

/// Said on both entries.
const DIFFER: &str = "sources differ";
const PLACE: &str = "place";

/// The ids of two entries that disagree: the answered one and the one of the messages. What each says is read of them
/// only after the permit has left out what this reader may not see.
pub struct Difference {
    pub entries: [String; 2],
}

/// Makes one entry of two that agree, and finds where two disagree.
pub fn settle(answers: &[SourceAnswer], listed: &mut Vec<Listed<'_>>) -> Vec<Difference> {
    let (mut differences, mut removed) = (vec![], HashSet::new());
    let places = Places::of(listed);
    for stay in answers.iter().flat_map(|answer| &answer.stays) {
        let Some(own) = places.items.get(&(stay.on_record.source.clone(), stay.item())).copied() else {
            continue;
        };
        let Some(twin) = places.twin(listed, stay, &removed) else { continue };
        let differ = [&listed[twin], &listed[own]].map(|one| one.entries.first().cloned());
        let [Some(answered), Some(told)] = differ else { continue };
        let differ = differs(&answered, &told, stay);
        if differ.is_empty() {
            removed.insert(own);
            let told = std::mem::take(&mut listed[own].entries);
            if let Some(entry) = listed[twin].entries.first_mut() {
                unite(entry, told);
            }
            continue;
        }
        for at in [twin, own] {
            if let Some(entry) = listed[at].entries.first_mut() {
                entry.remark = Some(format!("{DIFFER}: {}", differ.join(", ")));
            }
        }
        differences.push(Difference { entries: [answered.id, told.id] });
    }
    let mut at = 0;
    listed.retain(|_| {
        at += 1;
        !removed.contains(&(at - 1))
    });
    differences
}

/// Where the encounters of a list stand: by their item, and by each of their visit numbers.
struct Places {
    items: HashMap<(SourceId, String), usize>,
    visits: HashMap<(SourceId, String), Vec<usize>>,
}

/// The most encounters under one visit number that a stay is compared with.
const UNDER_ONE_NUMBER: usize = 20;

impl Places {
    fn of(listed: &[Listed<'_>]) -> Self {
        let (mut items, mut visits) = (HashMap::new(), HashMap::<_, Vec<usize>>::new());
        for (at, one) in listed.iter().enumerate().filter(|(_, one)| one.kind == Kind::Encounter) {
            let source = &one.system.id;
            items.entry((source.clone(), one.item.id().to_owned())).or_insert(at);
            for number in read::list(one.item.value(), "identifier") {
                let Some(number) = read::text(number, "value") else { continue };
                let of_number = visits.entry((source.clone(), plain(&number))).or_default();
                if of_number.len() < UNDER_ONE_NUMBER && of_number.last() != Some(&at) {
                    of_number.push(at);
                }
            }
        }
        Self { items, visits }
    }

    /// An encounter that the source answered under the same visit number. A number used again long after is another
    /// visit.
    fn twin(&self, listed: &[Listed<'_>], stay: &Stay, removed: &HashSet<usize>) -> Option<usize> {
        let visit = plain(stay.on_record.visit.as_deref()?);
        let of_number = self.visits.get(&(stay.on_record.source.clone(), visit))?;
        let is_twin = |at: &&usize| {
            let entry = listed.get(**at).and_then(|one| one.entries.first());
            !removed.contains(*at)
                && entry.is_some_and(|entry| entry.stay.is_none() && !is_over_before(entry, stay))
        };
        of_number.iter().find(is_twin).copied()
    }
}

fn plain(number: &str) -> String {
    number.trim().to_ascii_lowercase()
}

fn is_over_before(entry: &Entry, stay: &Stay) -> bool {
    let Detail::Encounter { ended: Some(ended), .. } = &entry.detail else { return false };
    let began = stay.on_record.admitted.map(Moment::date);
    day(ended).zip(began).is_some_and(|(ended, began)| ended < began)
}

/// What the two say differently.
fn differs(answered: &Entry, told: &Entry, stay: &Stay) -> Vec<&'static str> {
    let Detail::Encounter { place, ended, in_progress, .. } = &answered.detail else { return vec![] };
    let on_leave = answered.status.as_deref().is_some_and(|status| status.to_lowercase().contains("leave"));
    let goes_on = stay.in_progress();
    let status = *in_progress != goes_on || (goes_on && on_leave != stay.on_record.on_leave);
    let left = match (ended.as_deref().and_then(day), stay.on_record.left) {
        (Some(answered), Some(told)) => answered != told.date(),
        // An end without the other is a difference of status, which is told already.
        _ => false,
    };
    let place = place.as_deref().is_some_and(|place| !is_place(place, stay, told));
    let all = [(PLACE, place), ("left", left), ("status", status)];
    all.into_iter().filter_map(|(what, differs)| differs.then_some(what)).collect()
}

/// Whether an answered place can be the ward's place: the ward is in it by code or name, or it names no ward that could
/// contradict.
fn is_place(answered: &str, stay: &Stay, told: &Entry) -> bool {
    let Some(place) = stay.on_record.place.as_ref().map(|cell| &cell.value) else { return true };
    let answered = answered.to_lowercase();
    let within = |part: &Option<String>| {
        part.as_deref()
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| answered.contains(&part.to_lowercase()))
    };
    let said: Vec<bool> = [&place.ward, &place.ward_name].into_iter().filter_map(within).collect();
    let hospital = told.provenance.first().map(|one| one.name.to_lowercase()).unwrap_or_default();
    said.is_empty() || said.contains(&true) || hospital.starts_with(&answered)
}

/// The answered entry with what the messages add: the bed, the warnings, whose word it is too.
fn unite(answered: &mut Entry, told: Vec<Entry>) {
    for told in told {
        answered.provenance.extend(told.provenance);
        answered.notes.extend(told.notes);
        answered.more.extend(told.more);
        answered.stay = told.stay;
        if let (Detail::Encounter { place, .. }, Detail::Encounter { place: Some(bed), .. }) =
            (&mut answered.detail, told.detail)
        {
            *place = Some(bed);
        }
    }
}

/// The day in Leeds of a date as sent.
fn day(sent: &str) -> Option<Date> {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let at = sent.parse::<Timestamp>().ok().map(|at| at.to_zoned(zone).date());
    at.or_else(|| sent.get(..10)?.parse().ok())
}
