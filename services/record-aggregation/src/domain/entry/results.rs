//! Results and reports: value, unit, ranges, flag and status. A result without a value says why; a report without
//! results of its own says what it has instead.

use lcr_contracts::record::Detail;
use lcr_fhir::{date_words, read, words};
use serde_json::Value;

use super::{Said, named, status_words, values};

/// How a report is told that adds nothing to the results it groups.
const GROUPS: &str = "Report with ";

pub fn observation(root: &Value, value: &Value) -> Said {
    let read = values::reading(root, value);
    let components = values::components(root, value);
    let absent = values::absent(value);
    let shown = match (read.words.is_empty(), components.is_empty()) {
        (false, _) => read.words,
        (true, false) => {
            components.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
        }
        (true, true) => absent.clone().unwrap_or_else(|| without_value(value)),
    };
    // A reason for no value beside a value or its parts is a warning about them.
    let doubt = absent.filter(|absent| *absent != shown);
    let title = named(read::concept_at(value, "code"));
    let code = read::code_at(value, "code").unwrap_or(title.as_str());
    Said {
        date: time_of(value),
        status: status_words(value),
        detail: Detail::Result {
            series: format!("{code}|{}", read.unit.as_deref().unwrap_or("")),
            value: shown,
            number: read.number,
            unit: read.unit,
            range: values::ranges(value),
            flag: values::flags(value),
            reported: read::text(value, "issued"),
            components: if read::at(value, "component").is_some() { components } else { vec![] },
            report: None,
        },
        notes: focus(root, value).into_iter().chain(doubt).collect(),
        links: ["hasMember", "derivedFrom"]
            .iter()
            .flat_map(|path| read::list(value, path))
            .filter_map(|one| read::text(one, "reference"))
            .map(|to| ("goes with", to))
            .collect(),
        title,
        ..Said::default()
    }
}

/// A result about something other than the patient says so before anything else.
fn focus(root: &Value, value: &Value) -> Option<String> {
    let focus = read::list(value, "focus");
    let named = focus.iter().filter_map(|one| words::reference(root, one)).collect::<Vec<_>>().join(", ");
    match (focus.is_empty(), named.is_empty()) {
        (true, _) => None,
        (false, true) => {
            Some("About something other than the patient, which the source does not name".to_owned())
        }
        (false, false) => Some(format!("About: {named}")),
    }
}

fn without_value(value: &Value) -> String {
    match read::list(value, "hasMember").len() {
        0 => "No value given".to_owned(),
        1 => "Group with 1 result".to_owned(),
        many => format!("Group with {many} results"),
    }
}

/// When it was found, of every type FHIR allows; else when it was issued.
fn time_of(value: &Value) -> Option<String> {
    [
        "effectiveDateTime",
        "effectiveInstant",
        "effectivePeriod.start",
        "effectivePeriod.end",
        "effectiveTiming.event.0",
    ]
    .iter()
    .find_map(|path| read::text(value, path))
    .or_else(|| read::text(value, "issued"))
}

/// A report. Its results are entries of their own; its conclusion and files are what it adds.
pub fn report(value: &Value) -> Said {
    let results = read::list(value, "result").len();
    // Results that are only words in the report stand nowhere else.
    let words_only = read::list(value, "result").iter().filter(|one| one.get("reference").is_none());
    let words_only: Vec<(String, String)> =
        words_only.filter_map(|one| Some(("Result".to_owned(), words::reference(value, one)?))).collect();
    let files = read::list(value, "presentedForm").iter();
    let files = files.filter(|file| file.get("data").is_some() || file.get("url").is_some()).count();
    let codes = read::list(value, "conclusionCode").iter().filter_map(|code| words::concept(Some(code)));
    let mut conclusion: Vec<String> = read::text(value, "conclusion").into_iter().chain(codes).collect();
    conclusion.dedup();
    let says = match (conclusion.is_empty(), results, files) {
        (false, ..) => conclusion.join("; "),
        (true, 1, _) => format!("{GROUPS}1 result"),
        (true, 2.., _) => format!("{GROUPS}{results} results"),
        (true, 0, 0) if read::at(value, "presentedForm").is_some() => {
            "Report whose file was not sent".to_owned()
        }
        (true, 0, 0) => "Report without results in it".to_owned(),
        (true, 0, _) => "Report as a file: open it to read it".to_owned(),
    };
    let links = read::list(value, "result").iter().filter_map(|one| read::text(one, "reference"));
    let period = read::at(value, "effectivePeriod.end").and(read::str_at(value, "effectivePeriod.start"));
    Said {
        title: named(read::concept_at(value, "code")),
        date: time_of(value),
        status: status_words(value),
        detail: Detail::Result {
            series: String::new(),
            value: says,
            number: None,
            unit: None,
            range: None,
            flag: None,
            reported: read::text(value, "issued"),
            components: vec![],
            report: Some("Report".to_owned()),
        },
        more: period
            .map(|from| ("Covers the time from".to_owned(), date_words(from)))
            .into_iter()
            .chain(words_only)
            .collect(),
        links: links.map(|to| ("reports", to)).collect(),
        ..Said::default()
    }
}
