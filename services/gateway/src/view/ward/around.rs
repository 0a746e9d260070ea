//! Whose list it is, when its hospitals were last heard, and what an empty one says. An empty list never reads
//! as "nobody is in hospital": it names who was asked, from when, and what it cannot know.

use jiff::Timestamp;
use lcr_contracts::ward::{Heard, ListOf};

use super::CHOICES;
use crate::view::words::{clock_seconds, count, in_query};

/// Heard within this many minutes is told as the present in an empty list.
const LATELY: i64 = 5;

/// The list as a query names it: the field and its value.
pub fn named(of: &ListOf) -> (&'static str, &str) {
    match of {
        ListOf::Practice(ods) => ("practice", ods.as_str()),
        ListOf::Team(ods) => ("team", ods.as_str()),
        ListOf::Ward(name) => ("ward", name.as_str()),
        ListOf::Consultant(name) => ("consultant", name.as_str()),
        ListOf::Watched => ("watched", "true"),
    }
}

/// The part of a query that names the list.
pub fn query(of: &ListOf) -> String {
    let (by, name) = named(of);
    format!("{by}={}", in_query(name))
}

/// "40 minutes ago".
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(at).as_mins().max(0);
    match minutes {
        0 => "just now".to_owned(),
        1..60 => format!("{} ago", counted(minutes, "minute", "minutes")),
        60..1440 => format!("{} ago", counted(minutes / 60, "hour", "hours")),
        _ => format!("{} ago", counted(minutes / 1440, "day", "days")),
    }
}

fn counted(number: i64, one: &str, more: &str) -> String {
    count(usize::try_from(number).unwrap_or(0), one, more)
}

/// "Complete as of 14:05:02.", with each hospital's last report; one never heard is an exception to it.
pub fn complete(as_of: Timestamp, hospitals: &[Heard]) -> String {
    let silent: Vec<String> = hospitals
        .iter()
        .filter(|one| one.last.is_none())
        .map(|one| format!("{} has not reported yet", one.hospital))
        .collect();
    let heard: Vec<String> = hospitals
        .iter()
        .filter_map(|one| Some(format!("{} last reported {}", one.hospital, ago(one.last?, as_of))))
        .collect();
    let mut out = format!("Complete as of {}", clock_seconds(as_of));
    if !silent.is_empty() {
        out += &format!(", except: {}", silent.join("; "));
    }
    out.push('.');
    if !heard.is_empty() {
        out += &format!(" {}.", heard.join("; "));
    }
    out
}

/// The whole sentence of an empty list. `left`: of those who left within so many days.
pub fn empty(of: &ListOf, hospitals: &[Heard], left: Option<u8>, as_of: Timestamp) -> String {
    if hospitals.is_empty() {
        return format!("No hospital is connected. This does not mean there is nobody. {CHOICES}");
    }
    let whose = match of {
        ListOf::Practice(_) | ListOf::Team(_) => "No patients of yours are shown".to_owned(),
        ListOf::Ward(ward) => format!("No patients of ward {ward} are shown"),
        ListOf::Consultant(name) => format!("No patients of {name} are shown"),
        ListOf::Watched => "No patients that you watch are shown".to_owned(),
    };
    let names = either(hospitals);
    let state = match left {
        None => format!("as in-patients at {names}"),
        Some(days) => format!("as having left {names} in the last {days} days"),
    };
    let late = hospitals.iter().filter_map(|one| match one.last {
        Some(at) if as_of.duration_since(at).as_mins() < LATELY => None,
        Some(at) => Some(format!("; {} last reported {}", one.hospital, ago(at, as_of))),
        None => Some(format!("; {} has not reported yet", one.hospital)),
    });
    let late: String = late.collect();
    format!("{whose} {state} (checked just now{late}). Other hospitals are not connected. {CHOICES}")
}

/// `a`, `a or b`, `a, b or c`.
fn either(hospitals: &[Heard]) -> String {
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

    fn heard(hospital: &str, minutes: Option<i64>) -> Heard {
        Heard {
            source: SourceId::new(hospital),
            hospital: hospital.into(),
            last: minutes.map(|minutes| now() - minutes.minutes()),
        }
    }

    #[test]
    fn an_empty_list_says_who_was_asked_and_what_it_cannot_know() {
        let hospitals = [heard("St Hilda's", Some(0)), heard("Wharfe Valley", Some(40))];
        let of = ListOf::Practice(OdsCode::new("B86000"));
        assert_eq!(
            empty(&of, &hospitals, None, now()),
            "No patients of yours are shown as in-patients at St Hilda's or Wharfe Valley (checked just now; Wharfe \
             Valley last reported 40 minutes ago). Other hospitals are not connected. Some patients may not be shown \
             because of a choice they made."
        );
        let left = empty(&ListOf::Ward("J27".into()), &[heard("St Hilda's", None)], Some(28), now());
        assert!(left.starts_with(
            "No patients of ward J27 are shown as having left St Hilda's in the last 28 days (checked just now; St \
             Hilda's has not reported yet)."
        ));
        assert!(empty(&of, &[], None, now()).contains("This does not mean there is nobody."));
    }

    #[test]
    fn a_silent_hospital_is_an_exception_to_completeness() {
        let hospitals = [heard("St Hilda's", Some(1)), heard("Wharfe Valley", None)];
        assert_eq!(
            complete(now(), &hospitals),
            "Complete as of 14:05:02, except: Wharfe Valley has not reported yet. St Hilda's last reported 1 minute ago."
        );
    }

    #[test]
    fn times_ago_are_in_words() {
        for (minutes, words) in [
            (0, "just now"),
            (59, "59 minutes ago"),
            (60, "1 hour ago"),
            (1439, "23 hours ago"),
            (2880, "2 days ago"),
        ] {
            assert_eq!(ago(now() - i64::from(minutes).minutes(), now()), words);
        }
        assert_eq!(ago(now() + 3.minutes(), now()), "just now", "clocks differ a little");
    }

    #[test]
    fn a_list_is_named_in_a_query_without_breaking_it() {
        assert_eq!(query(&ListOf::Ward("J27 & more".into())), "ward=J27%20%26%20more");
        assert_eq!(query(&ListOf::Team(OdsCode::new("T01"))), "team=T01");
    }
}
