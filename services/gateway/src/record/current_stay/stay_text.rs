//! The words about one stay: since when, where, expected or ended. They must name the source and the time.

use jiff::Timestamp;
use lcr_contracts::{
    record::{Detail, Entry, Record, WardStay},
    whereabouts::{Visit, VisitKind, Whereabouts},
};
use lcr_model::{
    Dataset,
    discharge_window::{self, WINDOW_DAYS},
};

use super::{EMERGENCY_LABEL, disagreement, visit};
use crate::{
    layout::format::{capitalise, date_range, date_sort_key, format_moment, format_sent_date},
    record::remark::{entries, source_names},
};

/// The earliest stay that a hospital has planned.
pub(super) fn expected_text(record: &Record, now: Timestamp) -> Option<String> {
    let has_bed = |visit: &Visit| visit.kind.is_some_and(|kind| kind.list_category().is_some());
    let is_expected = |entry: &&Entry| {
        let visit = visit(record, entry).filter(has_bed);
        visit.is_some_and(|visit| {
            visit.whereabouts(now) == Whereabouts::Expected && visit.started.is_some_and(|at| at.last() >= now)
        })
    };
    let all = entries(record, Dataset::Encounters);
    let next = all.iter().filter(is_expected).min_by_key(|entry| entry.date.as_deref().map(date_sort_key))?;
    let from = format_sent_date(next.date.as_deref()?);
    let by = if record.location_protected { "location details protected".to_owned() } else { source_names(next) };
    Some(format!("Expected {from} ({by})"))
}

pub(super) fn since_text(entry: &Entry) -> String {
    entry.date.as_deref().map_or("start not sent".into(), |date| format!("since {}", format_sent_date(date)))
}

/// The text of a stay in progress, after its label.
pub(super) fn stay_text(entry: &Entry, at: Whereabouts, label: &str, protected: bool) -> String {
    let since = since_text(entry);
    if protected {
        return format!("location details protected, {since}");
    }
    let place = match &entry.detail {
        Detail::Encounter { place: Some(place), .. } => place.clone(),
        _ => "ward not sent".to_owned(),
    };
    let kind = match at {
        Whereabouts::InEmergency if label != EMERGENCY_LABEL => "emergency department: ".to_owned(),
        Whereabouts::InHospital(kind) if kind != VisitKind::InPatient => format!("{}: ", kind.words().to_lowercase()),
        _ => String::new(),
    };
    let Some(stay) = &entry.stay else {
        return format!("{kind}{}, {place}, {since}{}", source_names(entry), disagreement(entry));
    };
    let leave = if stay.on_leave { ", on leave" } else { "" };
    let (source, warnings) = (stay_source(entry, stay), warnings_text(stay));
    format!("{kind}{place}, {since}{leave} ({source}){warnings}{}", disagreement(entry))
}

/// The text of an ended stay that ward messages reported.
pub(super) fn discharge_text(entry: &Entry, protected: bool) -> Option<String> {
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
pub(super) fn recent_discharge_text(record: &Record, now: Timestamp) -> Option<String> {
    let from = discharge_window::first_day(now, WINDOW_DAYS);
    let ended = |entry: &Entry| match (&entry.detail, &entry.stay) {
        (Detail::Encounter { ended: Some(ended), .. }, Some(stay))
            if !stay.died && visit(record, entry).is_some_and(|visit| visit.is_of_hospital()) =>
        {
            date_range(ended).map(|(first, _)| first).filter(|day| *day >= from)
        }
        _ => None,
    };
    let all = entries(record, Dataset::Encounters);
    let latest = all.iter().filter_map(|entry| Some((ended(entry)?, entry))).max_by_key(|(day, _)| *day);
    let words = discharge_text(latest?.1, record.location_protected)?;
    Some(capitalise(&words))
}

/// The source of a stay, with the time of its last message.
pub(super) fn stay_source(entry: &Entry, stay: &WardStay) -> String {
    format!("{}, last message {}", source_names(entry), format_moment(stay.last_message_at))
}

fn warnings_text(stay: &WardStay) -> String {
    let warnings: Vec<&str> = stay.warnings.iter().map(|words| words.trim_end_matches('.')).collect();
    if warnings.is_empty() { String::new() } else { format!(": {}", warnings.join(", ")) }
}
