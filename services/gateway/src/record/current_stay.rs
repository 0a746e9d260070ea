//! Where the person is now, by the hospitals' answers and their ward messages, with source and time. It must say "not
//! in hospital" only for hospitals that know the person and have answered.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::record::{Detail, Entry, Record, SourceReport, WardStay};
use lcr_model::{Dataset, SourceState};

use crate::{
    layout::format::{capitalise, date_range, format_moment, format_sent_date, format_sent_day, join_with_and},
    record::{
        coverage::Coverage,
        remark::{Remark, entries, remark, source_names},
    },
};

const LABEL: &str = "In hospital";
/// Kinds of sources without beds.
const KINDS_WITHOUT_BEDS: [&str; 4] = ["gp", "social-care", "authority", "discreet"];
/// A discharge within this time is mentioned.
const RECENT_DISCHARGE: SignedDuration = SignedDuration::from_hours(28 * 24);
/// An older answer is shown with its time.
const CURRENT_ANSWER: SignedDuration = SignedDuration::from_hours(1);
/// The start of record-aggregation's remark on a disagreement.
const DIFFER_PREFIX: &str = "sources differ";

/// Where the person is, or why that is not known.
pub fn current_stay(record: &Record, now: Timestamp) -> Remark {
    let plain = |text: String| remark(LABEL, text, None, false);
    if record.section(Dataset::Encounters).is_none() {
        return plain("not open to your role.".into());
    }
    let all = entries(record, Dataset::Encounters);
    let protected = record.location_protected;
    let mut stays: Vec<String> = all.iter().filter_map(|entry| stay_text(entry, protected)).collect();
    if !stays.is_empty() {
        // If sources disagree whether a visit has ended, both are shown.
        stays.extend(all.iter().filter(|entry| differs(entry)).filter_map(|entry| discharge_text(entry, protected)));
        return remark(LABEL, format!("{}.", stays.join("; ")), Some(Dataset::Encounters), false);
    }
    let no_stay = no_stay_text(record, now);
    match recent_discharge_text(all, protected, now) {
        Some(left) => remark(LABEL, format!("{no_stay} {left}."), Some(Dataset::Encounters), false),
        None => plain(no_stay),
    }
}

/// The text if no stay is in progress. Only sources with beds count.
fn no_stay_text(record: &Record, now: Timestamp) -> String {
    let coverage = Coverage::by_kind(record, Dataset::Encounters, |kind| !KINDS_WITHOUT_BEDS.contains(&kind));
    let unanswered = coverage.unanswered();
    if !unanswered.is_empty() {
        let have = if unanswered.len() == 1 { "has" } else { "have" };
        return format!("not known; {} {have} not answered.", join_with_and(&unanswered));
    }
    if !coverage.may_not_share().is_empty() {
        return format!("not known; {} may not share this.", join_with_and(&coverage.may_not_share()));
    }
    if coverage.has_data.is_empty() && coverage.no_data.is_empty() {
        return "not known; no connected hospital has sent anything.".into();
    }
    let hospitals: Vec<String> = record.sources.iter().filter_map(|source| answered_hospital(source, now)).collect();
    if hospitals.is_empty() {
        return "no current stay is recorded; no connected hospital knows this person.".into();
    }
    format!("no current stay is recorded at {}.", join_with_and(&hospitals))
}

/// The name of a hospital that knows the person and has answered, with the time of an answer older than an hour.
fn answered_hospital(source: &SourceReport, now: Timestamp) -> Option<String> {
    let report = source.datasets.iter().find(|one| one.dataset == Dataset::Encounters)?;
    let has_beds = !KINDS_WITHOUT_BEDS.contains(&source.kind.as_str());
    let answered = matches!(report.state, SourceState::HasData | SourceState::NoData);
    (has_beds && answered).then(|| match report.answered_at.filter(|at| now.duration_since(*at) > CURRENT_ANSWER) {
        Some(at) => format!("{} (as of {})", source.name, format_moment(at)),
        None => source.name.clone(),
    })
}

/// The text of a stay in progress.
fn stay_text(entry: &Entry, protected: bool) -> Option<String> {
    let Detail::Encounter { class, place, in_progress: true, .. } = &entry.detail else { return None };
    if !is_in_a_bed(class, entry.stay.as_ref()) {
        return None;
    }
    if protected {
        let since = entry
            .date
            .as_deref()
            .map_or("start not recorded".into(), |date| format!("since {}", format_sent_day(date)));
        return Some(format!("location details protected, {since}"));
    }
    let place = place.clone().unwrap_or_else(|| "ward not recorded".into());
    let Some(stay) = &entry.stay else {
        let since = entry
            .date
            .as_deref()
            .map_or("start not recorded".into(), |date| format!("since {}", format_sent_day(date)));
        return Some(format!("{}, {place}, {since}{}", source_names(entry), disagreement(entry)));
    };
    let since =
        entry.date.as_deref().map_or("start not sent".into(), |date| format!("since {}", format_sent_date(date)));
    let attends = if stay.attends { format!("{}: ", class.to_lowercase()) } else { String::new() };
    let leave = if stay.on_leave { ", on leave" } else { "" };
    Some(format!(
        "{attends}{place}, {since}{leave} ({}){}{}",
        stay_source(entry, stay),
        warnings_text(stay),
        disagreement(entry)
    ))
}

/// Whether the visit is in a bed or an emergency department. A clinic appointment is not "in hospital".
fn is_in_a_bed(class: &str, stay: Option<&WardStay>) -> bool {
    let class = class.to_lowercase();
    let in_patient = class.contains("in-patient") || class.contains("inpatient") || class == "imp";
    stay.map_or(in_patient, |stay| !stay.attends || class.contains("emergency"))
}

/// The text of an ended stay that ward messages reported.
fn discharge_text(entry: &Entry, protected: bool) -> Option<String> {
    let (Detail::Encounter { ended: Some(ended), .. }, Some(stay)) = (&entry.detail, &entry.stay) else {
        return None;
    };
    if protected {
        return Some(format!("left {}", format_sent_date(ended)));
    }
    let to = stay.destination.as_ref().map(|to| format!(", to: {to}")).unwrap_or_default();
    Some(format!(
        "left {}{to} ({}){}{}",
        format_sent_date(ended),
        stay_source(entry, stay),
        warnings_text(stay),
        disagreement(entry)
    ))
}

/// The newest discharge within 28 days. Deaths have a remark of their own.
fn recent_discharge_text(all: &[Entry], protected: bool, now: Timestamp) -> Option<String> {
    let from = now.checked_sub(RECENT_DISCHARGE).unwrap_or(now).to_string();
    let from = from.get(..10)?;
    let ended = |entry: &Entry| match (&entry.detail, &entry.stay) {
        (Detail::Encounter { class, ended: Some(ended), .. }, Some(stay))
            if !stay.died && is_in_a_bed(class, Some(stay)) =>
        {
            date_range(ended).map(|(first, _)| first.to_string()).filter(|day| day.as_str() >= from)
        }
        _ => None,
    };
    let latest = all.iter().filter_map(|entry| Some((ended(entry)?, entry))).max_by(|a, b| a.0.cmp(&b.0));
    let words = discharge_text(latest?.1, protected)?;
    Some(capitalise(&words))
}

/// A death that a hospital reports and the demographics authority does not confirm.
pub fn unconfirmed_death(record: &Record) -> Option<Remark> {
    let confirmed = entries(record, Dataset::Demographics).iter().any(|entry| {
        let authority = entry.provenance.iter().any(|source| source.kind == "authority");
        authority && matches!(&entry.detail, Detail::Demographics(one) if one.died.is_some())
    });
    let reported = |entry: &Entry| {
        let stay = entry.stay.as_ref().filter(|stay| stay.died && !confirmed)?;
        let Detail::Encounter { ended, .. } = &entry.detail else { return None };
        let on = ended.as_deref().map(|ended| format!(" on {}", format_sent_date(ended))).unwrap_or_default();
        // The hospital's name would reveal a protected location.
        let by = if record.location_protected {
            format!("a hospital, last message {}", format_moment(stay.last_told))
        } else {
            stay_source(entry, stay)
        };
        Some(format!("reported as died{on} by {by}, not confirmed"))
    };
    let deaths: Vec<String> = entries(record, Dataset::Encounters).iter().filter_map(reported).collect();
    (!deaths.is_empty()).then(|| remark("Death", format!("{}.", deaths.join("; ")), Some(Dataset::Encounters), true))
}

/// The source of a stay, with the time of its last message.
fn stay_source(entry: &Entry, stay: &WardStay) -> String {
    format!("{}, last message {}", source_names(entry), format_moment(stay.last_told))
}

fn warnings_text(stay: &WardStay) -> String {
    let warnings: Vec<&str> = stay.warnings.iter().map(|words| words.trim_end_matches('.')).collect();
    if warnings.is_empty() { String::new() } else { format!(": {}", warnings.join(", ")) }
}

fn differs(entry: &Entry) -> bool {
    entry.remark.as_deref().is_some_and(|remark| remark.starts_with(DIFFER_PREFIX))
}

fn disagreement(entry: &Entry) -> String {
    entry.remark.as_ref().filter(|_| differs(entry)).map(|remark| format!(", {remark}")).unwrap_or_default()
}

#[cfg(test)]
#[path = "current_stay_tests.rs"]
mod tests;
