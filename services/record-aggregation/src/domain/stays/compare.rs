//! One visit said twice by one hospital: by its ward messages and by its record system. Where both agree they are one
//! entry; where they disagree both stand, marked, and the difference is told. Neither is believed over the other.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use lcr_contracts::{
    Moment,
    record::{Detail, Discrepancy, Entry},
};
use lcr_fhir::read;
use lcr_model::{Dataset, SourceId};

use super::Stay;
use crate::domain::{answer::SourceAnswer, kind::Kind, listing::Listed};

/// Said on both entries.
const DIFFER: &str = "sources differ";

/// A difference, with the ids of both entries: it is told only while both are shown.
pub struct Difference {
    pub told: Discrepancy,
    pub entries: [String; 2],
}

/// Makes one entry of two that agree, and tells where two disagree.
pub fn settle(answers: &[SourceAnswer], listed: &mut Vec<Listed<'_>>) -> Vec<Difference> {
    let mut differences = vec![];
    for stay in answers.iter().flat_map(|answer| &answer.stays) {
        let source = &stay.on_record.source;
        let Some(own) = place_of(listed, source, &stay.item()) else { continue };
        let Some(twin) = listed.iter().position(|one| is_twin(one, stay)) else { continue };
        let differ = [&listed[twin], &listed[own]].map(|one| one.entries.first().cloned());
        let [Some(answered), Some(told)] = differ else { continue };
        let differ = differs(&answered, &told, stay);
        if differ.is_empty() {
            let removed = listed.remove(own);
            let twin = if own < twin { twin - 1 } else { twin };
            if let Some(entry) = listed.get_mut(twin).and_then(|one| one.entries.first_mut()) {
                unite(entry, removed.entries);
            }
            continue;
        }
        for at in [twin, own] {
            if let Some(entry) = listed.get_mut(at).and_then(|one| one.entries.first_mut()) {
                entry.remark = Some(format!("{DIFFER}: {}", differ.join(", ")));
            }
        }
        differences.push(difference(&answered, &told));
    }
    differences
}

fn place_of(listed: &[Listed<'_>], source: &SourceId, item: &str) -> Option<usize> {
    let same =
        |one: &Listed<'_>| one.kind == Kind::Encounter && one.system.id == *source && one.item.id() == item;
    listed.iter().position(same)
}

/// An encounter that the source answered under the same visit number. A number used again long after is another visit.
fn is_twin(one: &Listed<'_>, stay: &Stay) -> bool {
    let Some(visit) = stay.on_record.visit.as_deref().map(str::trim).filter(|visit| !visit.is_empty()) else {
        return false;
    };
    let value = one.item.value();
    let numbered = read::list(value, "identifier").iter().filter_map(|one| read::text(one, "value"));
    let same = |number: String| number.trim().eq_ignore_ascii_case(visit);
    one.kind == Kind::Encounter
        && one.system.id == stay.on_record.source
        && one.entries.first().is_some_and(|entry| entry.stay.is_none() && !is_over_before(entry, stay))
        && numbered.into_iter().any(same)
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
    let all = [("place", place), ("left", left), ("status", status)];
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

fn difference(answered: &Entry, told: &Entry) -> Difference {
    let says = [answered, told].map(|entry| {
        let name = entry.provenance.first().map(|one| one.name.clone()).unwrap_or_default();
        (name, words(entry))
    });
    let about = "Stay in hospital".to_owned();
    Difference {
        told: Discrepancy { dataset: Dataset::Encounters, about, says: says.to_vec() },
        entries: [answered, told].map(|entry| entry.id.clone()),
    }
}

fn words(entry: &Entry) -> String {
    let Detail::Encounter { place, ended, .. } = &entry.detail else { return String::new() };
    let ended = ended.as_deref().map(|ended| format!("left {}", lcr_fhir::date_words(ended)));
    let parts = [place.clone(), entry.status.as_ref().map(|status| status.to_lowercase()), ended];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The day in Leeds of a date as sent.
fn day(sent: &str) -> Option<Date> {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let at = sent.parse::<Timestamp>().ok().map(|at| at.to_zoned(zone).date());
    at.or_else(|| sent.get(..10)?.parse().ok())
}
