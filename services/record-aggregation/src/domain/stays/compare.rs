//! One visit said twice by one hospital: by its ward messages and by its record system. Where both agree they are one
//! entry; where they disagree both stand, marked, and the difference is told. Neither is believed over the other.

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
        differences.push(Difference { entries: [answered.id, told.id] });
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
