//! Where the person is now, by the hospitals' answers and their ward messages, with source and time. It must say "not
//! in hospital" only for hospitals that know the person and have answered.

mod stay_text;

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    record::{Detail, Entry, Record, SourceReport},
    vocabulary::SystemKind,
    whereabouts::{Visit, VisitKind, Whereabouts},
};
use lcr_model::{Dataset, SourceId, SourceState};

use crate::{
    layout::format::{capitalise, format_moment, format_sent_date, join_with_and},
    record::{
        coverage::Coverage,
        remark::{Remark, entries, remark, source_names},
    },
};
use stay_text::{discharge_text, expected_text, recent_discharge_text, since_text, stay_source, stay_text};

const LABEL: &str = "In hospital";
const EMERGENCY_LABEL: &str = "In the emergency department";
/// Kinds of sources without beds.
const KINDS_WITHOUT_BEDS: [SystemKind; 4] =
    [SystemKind::Gp, SystemKind::SocialCare, SystemKind::Authority, SystemKind::Discreet];
/// An older answer is shown with its time.
const CURRENT_ANSWER: SignedDuration = SignedDuration::from_hours(1);
/// record-aggregation's word for a class that was not sent.
const NO_CLASS: &str = "Contact";
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
    let present: Vec<(&Entry, Whereabouts)> = all.iter().filter_map(|entry| present_stay(record, entry, now)).collect();
    if !present.is_empty() {
        let in_bed = present.iter().any(|(_, at)| *at != Whereabouts::InEmergency);
        // The department would tell where a protected person is.
        let label = if in_bed || protected { LABEL } else { EMERGENCY_LABEL };
        let mut stays: Vec<String> =
            present.iter().map(|(entry, at)| stay_text(entry, *at, label, protected)).collect();
        // If sources disagree whether a visit has ended, both are shown.
        stays.extend(all.iter().filter(|entry| differs(entry)).filter_map(|entry| discharge_text(entry, protected)));
        return remark(label, format!("{}.", stays.join("; ")), Some(Dataset::Encounters), false);
    }
    let open_visits = open_visits_text(record, now);
    let no_stay = no_stay_text(record, open_visits.is_some(), now);
    let more = [open_visits, recent_discharge_text(record, now), expected_text(record, now)];
    let more: Vec<String> = more.into_iter().flatten().map(|words| format!("{words}.")).collect();
    if more.is_empty() {
        return plain(no_stay);
    }
    remark(LABEL, format!("{no_stay} {}", more.join(" ")), Some(Dataset::Encounters), false)
}

/// The visit of an entry, for the rules that the ward list and the FHIR answers use too. `None` for sources without beds.
fn visit(record: &Record, entry: &Entry) -> Option<Visit> {
    let Detail::Encounter { class, ended, in_progress, .. } = &entry.detail else { return None };
    let has_beds = entry.provenance.iter().any(|source| !KINDS_WITHOUT_BEDS.contains(&source.kind));
    let time = |sent: &Option<String>| sent.as_deref().and_then(|sent| sent.parse().ok());
    (has_beds || entry.stay.is_some()).then(|| Visit {
        kind: VisitKind::of_class(class),
        attends: entry.stay.as_ref().map(|stay| stay.attends),
        // Beside its messages, the hospital's own answer is a second source of the entry.
        answered: (entry.stay.is_none() || entry.provenance.len() > 1) && has_current_answer(record, entry),
        in_progress: *in_progress,
        planned: entry.status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("planned")),
        started: time(&entry.date),
        last_movement: entry.stay.as_ref().and_then(|stay| stay.last_movement),
        ended: time(ended),
    })
}

/// Whether a source of the entry gave more than an older copy, which cannot say that a visit still goes on.
fn has_current_answer(record: &Record, entry: &Entry) -> bool {
    let is_stale = |source: &SourceReport| {
        let of_encounters = source.datasets.iter().find(|report| report.dataset == Dataset::Encounters);
        of_encounters.is_some_and(|report| matches!(report.state, SourceState::Stale { .. }))
    };
    let stale = |id: &SourceId| record.sources.iter().any(|source| source.source == *id && is_stale(source));
    entry.provenance.iter().any(|one| !stale(&one.source))
}

/// The entry, if by it the person is in hospital or in an emergency department.
fn present_stay<'a>(record: &Record, entry: &'a Entry, now: Timestamp) -> Option<(&'a Entry, Whereabouts)> {
    let at = visit(record, entry)?.whereabouts(now);
    matches!(at, Whereabouts::InHospital(_) | Whereabouts::InEmergency).then_some((entry, at))
}

/// The open visits of unknown kind. Each may be a stay, or a referral that nobody closed.
fn open_visits_text(record: &Record, now: Timestamp) -> Option<String> {
    let is_open = |entry: &&Entry| {
        visit(record, entry).is_some_and(|visit| visit.whereabouts(now) == Whereabouts::InVisitOfUnknownKind)
    };
    let text = |entry: &Entry| {
        let Detail::Encounter { class, .. } = &entry.detail else { return None };
        let kind = if ["", NO_CLASS].contains(&class.trim()) { "not sent" } else { "not known" };
        let by = if record.location_protected {
            "location details protected".to_owned()
        } else {
            format!("{}{}", source_names(entry), disagreement(entry))
        };
        Some(format!("open visit, kind {kind}: {}, {by}", since_text(entry)))
    };
    let visits: Vec<String> = entries(record, Dataset::Encounters).iter().filter(is_open).filter_map(text).collect();
    (!visits.is_empty()).then(|| capitalise(&visits.join("; ")))
}

/// The text if no stay is in progress. Only sources with beds count. An open visit of unknown kind may be a stay.
fn no_stay_text(record: &Record, has_open_visit: bool, now: Timestamp) -> String {
    let coverage = Coverage::by_kind(record, Dataset::Encounters, |kind| !KINDS_WITHOUT_BEDS.contains(kind));
    let unanswered = coverage.unanswered();
    if !unanswered.is_empty() {
        let have = if unanswered.len() == 1 { "has" } else { "have" };
        return format!("not known; {} {have} not answered.", join_with_and(&unanswered));
    }
    let closed = closed_text(&coverage);
    if !closed.is_empty() {
        return format!("not known; {closed}.");
    }
    if has_open_visit {
        return "not known.".into();
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

/// Why hospitals that may know of a stay do not show it: each reason with their names. Empty if there is none.
fn closed_text(coverage: &Coverage) -> String {
    let reasons = [
        ("", coverage.may_not_share(), " may not share this"),
        ("your organisation's agreement does not include this from ", coverage.not_received.clone(), ""),
        ("not yet switched on for you: ", coverage.not_yet_on.clone(), ""),
    ];
    let named = reasons.into_iter().filter(|(_, names, _)| !names.is_empty());
    let words = named.map(|(before, names, after)| format!("{before}{}{after}", join_with_and(&names)));
    words.collect::<Vec<_>>().join("; ")
}

/// The name of a hospital that knows the person and has answered, with the time of an answer older than an hour.
fn answered_hospital(source: &SourceReport, now: Timestamp) -> Option<String> {
    let report = source.datasets.iter().find(|one| one.dataset == Dataset::Encounters)?;
    let has_beds = !KINDS_WITHOUT_BEDS.contains(&source.kind);
    let answered = matches!(report.state, SourceState::HasData | SourceState::NoData);
    (has_beds && answered).then(|| match report.answered_at.filter(|at| now.duration_since(*at) > CURRENT_ANSWER) {
        Some(at) => format!("{} (as of {})", source.shown_name(), format_moment(at)),
        None => source.shown_name().to_owned(),
    })
}

/// A death that a hospital reports and the demographics authority does not confirm.
pub fn unconfirmed_death(record: &Record) -> Option<Remark> {
    let confirmed = entries(record, Dataset::Demographics).iter().any(|entry| {
        let authority = entry.provenance.iter().any(|source| source.kind == SystemKind::Authority);
        authority && matches!(&entry.detail, Detail::Demographics(one) if one.died.is_some())
    });
    let reported = |entry: &Entry| {
        let stay = entry.stay.as_ref().filter(|stay| stay.died && !confirmed)?;
        let Detail::Encounter { ended, .. } = &entry.detail else { return None };
        let on = ended.as_deref().map(|ended| format!(" on {}", format_sent_date(ended))).unwrap_or_default();
        // The hospital's name would reveal a protected location.
        let by = if record.location_protected {
            format!("a hospital, last message {}", format_moment(stay.last_message_at))
        } else {
            stay_source(entry, stay)
        };
        Some(format!("reported as died{on} by {by}, not confirmed"))
    };
    let deaths: Vec<String> = entries(record, Dataset::Encounters).iter().filter_map(reported).collect();
    (!deaths.is_empty()).then(|| remark("Death", format!("{}.", deaths.join("; ")), Some(Dataset::Encounters), true))
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
