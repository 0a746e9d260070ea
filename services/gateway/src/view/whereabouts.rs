//! Where the person is now, on whose word and from when: the answers of hospitals and their ward messages beside each
//! other. "Not in hospital" is said only of hospitals that can know and have answered.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::record::{Detail, Entry, Record, SourceReport, WardStay};
use lcr_model::{Dataset, SourceState};

use super::{
    gaps::Gaps,
    place::{Remark, entries, remark, whose},
    words::{list, moment, sent, sent_day, span},
};

const LABEL: &str = "In hospital";
/// Kinds of sources in whose beds nobody lies.
const CANNOT_KNOW: [&str; 4] = ["gp", "social-care", "authority", "discreet"];
/// Who left within this time is said to have left.
const LATELY: SignedDuration = SignedDuration::from_hours(28 * 24);
/// An answer of within this time is told as the present.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
const DIFFER: &str = "sources differ";

/// Where they are, or why that is not known.
pub fn whereabouts(record: &Record, now: Timestamp) -> Remark {
    let said = |text: String| remark(LABEL, text, None, false);
    if record.section(Dataset::Encounters).is_none() {
        return said("not open to your role.".into());
    }
    let all = entries(record, Dataset::Encounters);
    let protected = record.location_protected;
    let mut stays: Vec<String> = all.iter().filter_map(|entry| stay(entry, protected)).collect();
    if !stays.is_empty() {
        // Of a visit that one word ends and another does not, both are said.
        stays.extend(all.iter().filter(|entry| differs(entry)).filter_map(|entry| left(entry, protected)));
        return remark(LABEL, format!("{}.", stays.join("; ")), Some(Dataset::Encounters), false);
    }
    let nobody = nobody(record, now);
    match lately_left(all, protected, now) {
        Some(left) => remark(LABEL, format!("{nobody} {left}."), Some(Dataset::Encounters), false),
        None => said(nobody),
    }
}

/// What is said when no stay goes on. Only sources that can know count.
fn nobody(record: &Record, now: Timestamp) -> String {
    let gaps = Gaps::among(record, Dataset::Encounters, |kind| !CANNOT_KNOW.contains(&kind));
    let unanswered = gaps.unanswered();
    if !unanswered.is_empty() {
        let have = if unanswered.len() == 1 { "has" } else { "have" };
        return format!("not known; {} {have} not answered.", list(&unanswered));
    }
    if !gaps.kept_back().is_empty() {
        return format!("not known; {} may not share this.", list(&gaps.kept_back()));
    }
    if gaps.has.is_empty() && gaps.nothing.is_empty() {
        return "not known; no connected hospital has told us.".into();
    }
    let asked: Vec<String> = record.sources.iter().filter_map(|source| knows(source, now)).collect();
    if asked.is_empty() {
        return "no current stay is recorded; no connected hospital knows this person.".into();
    }
    format!("no current stay is recorded at {}.", list(&asked))
}

/// The name of a hospital that knows the person and can say whether they are there, with the time of its word where that
/// is not of this hour.
fn knows(source: &SourceReport, now: Timestamp) -> Option<String> {
    let report = source.datasets.iter().find(|one| one.dataset == Dataset::Encounters)?;
    let can = !CANNOT_KNOW.contains(&source.kind.as_str());
    let answered = matches!(report.state, SourceState::HasData | SourceState::NoData);
    (can && answered).then(|| match report.answered_at.filter(|at| now.duration_since(*at) > FRESH) {
        Some(at) => format!("{} (as of {})", source.name, moment(at)),
        None => source.name.clone(),
    })
}

/// A stay that goes on, in words.
fn stay(entry: &Entry, protected: bool) -> Option<String> {
    let Detail::Encounter { class, place, in_progress: true, .. } = &entry.detail else { return None };
    if !is_in_a_bed(class, entry.stay.as_ref()) {
        return None;
    }
    if protected {
        let since = entry
            .date
            .as_deref()
            .map_or("start not recorded".into(), |date| format!("since {}", sent_day(date)));
        return Some(format!("location details protected, {since}"));
    }
    let place = place.clone().unwrap_or_else(|| "ward not recorded".into());
    let Some(stay) = &entry.stay else {
        let since = entry
            .date
            .as_deref()
            .map_or("start not recorded".into(), |date| format!("since {}", sent_day(date)));
        return Some(format!("{}, {place}, {since}{}", whose(entry), differing(entry)));
    };
    let since = entry.date.as_deref().map_or("start not sent".into(), |date| format!("since {}", sent(date)));
    let attends = if stay.attends { format!("{}: ", class.to_lowercase()) } else { String::new() };
    let leave = if stay.on_leave { ", on leave" } else { "" };
    Some(format!(
        "{attends}{place}, {since}{leave} ({}){}{}",
        word(entry, stay),
        warned(stay),
        differing(entry)
    ))
}

/// In a bed, or in an emergency department: a clinic's appointment is not "in hospital".
fn is_in_a_bed(class: &str, stay: Option<&WardStay>) -> bool {
    let class = class.to_lowercase();
    let in_patient = class.contains("in-patient") || class.contains("inpatient") || class == "imp";
    stay.map_or(in_patient, |stay| !stay.attends || class.contains("emergency"))
}

/// A stay of the ward's messages that ended, in words.
fn left(entry: &Entry, protected: bool) -> Option<String> {
    let (Detail::Encounter { ended: Some(ended), .. }, Some(stay)) = (&entry.detail, &entry.stay) else {
        return None;
    };
    if protected {
        return Some(format!("left {}", sent(ended)));
    }
    let to = stay.destination.as_ref().map(|to| format!(", to: {to}")).unwrap_or_default();
    Some(format!("left {}{to} ({}){}{}", sent(ended), word(entry, stay), warned(stay), differing(entry)))
}

/// The newest stay that ended within 28 days. A death is said in its own place.
fn lately_left(all: &[Entry], protected: bool, now: Timestamp) -> Option<String> {
    let from = now.checked_sub(LATELY).unwrap_or(now).to_string();
    let from = from.get(..10)?;
    let ended = |entry: &Entry| match (&entry.detail, &entry.stay) {
        (Detail::Encounter { class, ended: Some(ended), .. }, Some(stay))
            if !stay.died && is_in_a_bed(class, Some(stay)) =>
        {
            span(ended).map(|(first, _)| first.to_string()).filter(|day| day.as_str() >= from)
        }
        _ => None,
    };
    let latest = all.iter().filter_map(|entry| Some((ended(entry)?, entry))).max_by(|a, b| a.0.cmp(&b.0));
    let words = left(latest?.1, protected)?;
    Some(super::words::capital(&words))
}

/// A death that a hospital reports and the authority does not.
pub fn reported_death(record: &Record) -> Option<Remark> {
    let confirmed = entries(record, Dataset::Demographics).iter().any(|entry| {
        let authority = entry.provenance.iter().any(|source| source.kind == "authority");
        authority && matches!(&entry.detail, Detail::Demographics(one) if one.died.is_some())
    });
    let reported = |entry: &Entry| {
        let stay = entry.stay.as_ref().filter(|stay| stay.died && !confirmed)?;
        let Detail::Encounter { ended, .. } = &entry.detail else { return None };
        let on = ended.as_deref().map(|ended| format!(" on {}", sent(ended))).unwrap_or_default();
        // Which hospital would say where they were.
        let by = if record.location_protected {
            format!("a hospital, last message {}", moment(stay.last_told))
        } else {
            word(entry, stay)
        };
        Some(format!("reported as died{on} by {by}, not confirmed"))
    };
    let said: Vec<String> = entries(record, Dataset::Encounters).iter().filter_map(reported).collect();
    (!said.is_empty())
        .then(|| remark("Death", format!("{}.", said.join("; ")), Some(Dataset::Encounters), true))
}

/// Whose word it is, and from when.
fn word(entry: &Entry, stay: &WardStay) -> String {
    format!("{}, last message {}", whose(entry), moment(stay.last_told))
}

fn warned(stay: &WardStay) -> String {
    let said: Vec<&str> = stay.warnings.iter().map(|words| words.trim_end_matches('.')).collect();
    if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) }
}

fn differs(entry: &Entry) -> bool {
    entry.remark.as_deref().is_some_and(|remark| remark.starts_with(DIFFER))
}

fn differing(entry: &Entry) -> String {
    entry.remark.as_ref().filter(|_| differs(entry)).map(|remark| format!(", {remark}")).unwrap_or_default()
}

#[cfg(test)]
#[path = "whereabouts_tests.rs"]
mod tests;
