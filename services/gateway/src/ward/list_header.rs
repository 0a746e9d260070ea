//! The lines around a ward list: which list it is, when each hospital last reported, and the text of an empty list. An
//! empty list must never read as "nobody is in hospital": it names the hospitals, their last report, and what is not
//! known.

use jiff::Timestamp;
use lcr_contracts::ward::{HospitalActivity, ListOf};

use crate::{
    layout::format::{encode_query_value, format_ago, format_time_with_seconds},
    ward::{CHOICES_NOTE, list_links::ward_words},
};

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
/// one that is not yet switched on for the reader.
pub fn completeness_line(as_of: Timestamp, hospitals: &[HospitalActivity]) -> String {
    let silent = hospitals.iter().filter(|one| one.last.is_none());
    let silent = silent.map(|one| format!("{} has not reported yet", one.hospital));
    let exceptions: Vec<String> = silent.chain(hospitals.iter().filter_map(not_yet_on_text)).collect();
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

/// The words for a hospital whose patients, all or some, are not yet switched on for the reader.
fn not_yet_on_text(one: &HospitalActivity) -> Option<String> {
    one.not_yet_on.then(|| format!("{} is, at least in part, not yet switched on for you", one.hospital))
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
    let later = hospitals.iter().filter_map(not_yet_on_text).map(|words| format!("; {words}"));
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
mod tests {
    use jiff::ToSpan;
    use lcr_model::{OdsCode, SourceId};

    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T14:05:02Z".parse().unwrap()
    }

    fn report(hospital: &str, minutes: Option<i64>) -> HospitalActivity {
        HospitalActivity {
            source: SourceId::new(hospital),
            hospital: hospital.into(),
            last: minutes.map(|minutes| now() - minutes.minutes()),
            not_yet_on: false,
        }
    }

    #[test]
    fn a_hospital_that_is_not_yet_switched_on_is_named_and_the_list_never_seems_complete_without_it() {
        let hospitals = [HospitalActivity { not_yet_on: true, ..report("St Hilda's", Some(1)) }];
        let words = "St Hilda's is, at least in part, not yet switched on for you";
        assert_eq!(
            completeness_line(now(), &hospitals),
            format!("Complete as of 14:05:02, except: {words}. St Hilda's last reported 1 minute ago.")
        );
        let empty = empty_list_text(&ListOf::Practice(OdsCode::new("B86000")), &hospitals, None, now());
        assert!(empty.contains(&format!("(checked just now; {words})")), "{empty}");
    }

    #[test]
    fn an_empty_list_names_the_hospitals_and_what_is_not_known() {
        let hospitals = [report("St Hilda's", Some(0)), report("Wharfe Valley", Some(40))];
        let of = ListOf::Practice(OdsCode::new("B86000"));
        assert_eq!(
            empty_list_text(&of, &hospitals, None, now()),
            "No patients of yours are shown as in-patients at St Hilda's or Wharfe Valley (checked just now; Wharfe \
             Valley last reported 40 minutes ago). Other hospitals are not connected. Some patients may not be shown \
             because of a choice they made."
        );
        let left = empty_list_text(&ListOf::Ward("J27".into()), &[report("St Hilda's", None)], Some(28), now());
        assert!(left.starts_with(
            "No patients of ward J27 are shown as having left St Hilda's in the last 28 days (checked just now; St \
             Hilda's has not reported yet)."
        ));
        assert!(empty_list_text(&of, &[], None, now()).contains("This does not mean there is nobody."));
    }

    #[test]
    fn a_silent_hospital_is_an_exception_to_completeness() {
        let hospitals = [report("St Hilda's", Some(1)), report("Wharfe Valley", None)];
        assert_eq!(
            completeness_line(now(), &hospitals),
            "Complete as of 14:05:02, except: Wharfe Valley has not reported yet. St Hilda's last reported 1 minute ago."
        );
    }

    #[test]
    fn a_list_name_is_escaped_in_a_query() {
        assert_eq!(list_query(&ListOf::Ward("J27 & more".into())), "ward=J27%20%26%20more");
        assert_eq!(list_query(&ListOf::Team(OdsCode::new("T01"))), "team=T01");
    }
}
