//! The lines around a ward list: which list it is, when each hospital last reported, and the text of an empty list. An
//! empty list must never read as "nobody is in hospital": it names the hospitals, their last report, and what is not
//! known.

use jiff::Timestamp;
use lcr_contracts::ward::{HospitalActivity, ListOf};

use crate::{
    layout::format::{encode_query_value, format_ago, format_time_with_seconds},
    ward::{CHOICES_NOTE, list_links::ward_words},
};

/// Why a hospital's patients may not be shown.
const NOT_SHOWN_REASONS: &str = "not yet switched on, or not in your organisation's agreement";
/// A report within this many minutes counts as current in the text of an empty list.
const RECENT_MINUTES: i64 = 5;

/// The query field that names the list, and its value.
pub fn list_field(of: &ListOf) -> (&'static str, &str) {
    match of {
        ListOf::Practice(ods) => ("practice", ods.as_str()),
        ListOf::Team(ods) => ("team", ods.as_str()),
        ListOf::Ward(name) => ("ward", name.as_str()),
        ListOf::Consultant(name) => ("consultant", name.as_str()),
        ListOf::Specialty(name) => ("specialty", name.as_str()),
        ListOf::Emergency => ("emergency", "true"),
        ListOf::Watched => ("watched", "true"),
    }
}

pub fn list_query(of: &ListOf) -> String {
    let (by, name) = list_field(of);
    format!("{by}={}", encode_query_value(name))
}

/// "Complete as of 14:05:02.", with the last report of each hospital. A hospital that never reported is an exception, and so is
/// one whose patients are not shown to the reader.
pub fn completeness_line(as_of: Timestamp, hospitals: &[HospitalActivity]) -> String {
    let silent = hospitals.iter().filter(|one| one.last.is_none());
    let silent = silent.map(|one| format!("{} has not reported yet", one.hospital));
    let exceptions: Vec<String> = silent.chain(hospitals.iter().filter_map(not_shown_text)).collect();
    let reported: Vec<String> = hospitals
        .iter()
        .filter_map(|one| Some(format!("{} last reported {}", one.hospital, format_ago(one.last?, as_of))))
        .collect();
    let mut out = format!("Complete as of {}", format_time_with_seconds(as_of));
    if !exceptions.is_empty() {
        out += &format!(", except: {}", exceptions.join("; "));
    }
    out.push('.');
    if !reported.is_empty() {
        out += &format!(" {}.", reported.join("; "));
    }
    out
}

/// The words for a hospital whose patients, all or some, are not shown to the reader. virtual-ward does not say for which of the two
/// reasons.
fn not_shown_text(one: &HospitalActivity) -> Option<String> {
    one.not_yet_on.then(|| format!("{} is, at least in part, not shown to you: {NOT_SHOWN_REASONS}", one.hospital))
}

/// The text of an empty list. `left_within_days` is set on the list of discharges.
pub fn empty_list_text(
    of: &ListOf,
    hospitals: &[HospitalActivity],
    left_within_days: Option<u8>,
    as_of: Timestamp,
) -> String {
    if hospitals.is_empty() {
        return format!("No hospital is connected. This does not mean there is nobody. {CHOICES_NOTE}");
    }
    let subject = match of {
        ListOf::Practice(_) | ListOf::Team(_) => "No patients of yours are shown".to_owned(),
        ListOf::Ward(ward) => format!("No patients of {} are shown", ward_words(ward)),
        ListOf::Consultant(name) | ListOf::Specialty(name) => format!("No patients of {name} are shown"),
        ListOf::Emergency => "No patients in the emergency department are shown".to_owned(),
        ListOf::Watched => "No patients that you watch are shown".to_owned(),
    };
    let names = join_with_or(hospitals);
    let status = match left_within_days {
        None if *of == ListOf::Emergency => format!("at {names}"),
        None => format!("as in-patients at {names}"),
        Some(days) => format!("as having left {names} in the last {days} days"),
    };
    let late = hospitals.iter().filter_map(|one| match one.last {
        Some(at) if as_of.duration_since(at).as_mins() < RECENT_MINUTES => None,
        Some(at) => Some(format!("; {} last reported {}", one.hospital, format_ago(at, as_of))),
        None => Some(format!("; {} has not reported yet", one.hospital)),
    });
    let later = hospitals.iter().filter_map(not_shown_text).map(|words| format!("; {words}"));
    let late: String = late.chain(later).collect();
    format!("{subject} {status} (checked just now{late}). Other hospitals are not connected. {CHOICES_NOTE}")
}

/// `a`, `a or b`, `a, b or c`.
fn join_with_or(hospitals: &[HospitalActivity]) -> String {
    let names: Vec<&str> = hospitals.iter().map(|one| one.hospital.as_str()).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} or {last}", all.join(", ")),
    }
}

#[cfg(test)]
#[path = "list_header_tests.rs"]
mod tests;
