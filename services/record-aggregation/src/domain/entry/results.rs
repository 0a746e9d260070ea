//! Reads results and reports: value, unit, ranges, flag and status. A result without a value always gives the reason,
//! and a report without results says what it has instead.

use lcr_contracts::record::Detail;
use lcr_fhir::{display, format_date, read};
use serde_json::Value;

use super::{
    EntryContent,
    text::{status_words, title_or_default},
    values,
};

/// The beginning of the words for a report that only groups results.
const GROUPS: &str = "Report with ";

pub fn read_observation(root: &Value, value: &Value) -> EntryContent {
    let sent = values::read_value(root, value);
    let components = values::components(root, value);
    let absent = values::absent_reason(value);
    let shown = match (sent.words.is_empty(), components.is_empty()) {
        (false, _) => sent.words,
        (true, false) => {
            components.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
        }
        (true, true) => absent.clone().unwrap_or_else(|| text_without_value(value)),
    };
    // A reason for absence beside a value is shown as a warning.
    let warning = absent.filter(|absent| *absent != shown);
    let title = title_or_default(read::concept_at(value, "code"));
    let code = read::code_at(value, "code").unwrap_or(title.as_str());
    EntryContent {
        date: time_of(value),
        status: status_words(value),
        detail: Detail::Result {
            series: format!("{code}|{}", sent.unit.as_deref().unwrap_or("")),
            value: shown,
            number: sent.number,
            unit: sent.unit,
            range: values::ranges_text(value),
            flag: values::flags_text(value),
            reported: read::text(value, "issued"),
            components: if read::at(value, "component").is_some() { components } else { vec![] },
            report: None,
        },
        notes: focus_text(root, value).into_iter().chain(warning).collect(),
        links: ["hasMember", "derivedFrom"]
            .iter()
            .flat_map(|path| read::list(value, path))
            .filter_map(|one| read::text(one, "reference"))
            .map(|to| ("goes with", to))
            .collect(),
        title,
        ..EntryContent::default()
    }
}

/// What the result is about, if it is not about the patient.
fn focus_text(root: &Value, value: &Value) -> Option<String> {
    let focus = read::list(value, "focus");
    let named = focus.iter().filter_map(|one| display::reference(root, one)).collect::<Vec<_>>().join(", ");
    match (focus.is_empty(), named.is_empty()) {
        (true, _) => None,
        (false, true) => Some("About something other than the patient, which the source does not name".to_owned()),
        (false, false) => Some(format!("About: {named}")),
    }
}

fn text_without_value(value: &Value) -> String {
    match read::list(value, "hasMember").len() {
        0 => "No value given".to_owned(),
        1 => "Group with 1 result".to_owned(),
        many => format!("Group with {many} results"),
    }
}

/// The effective time in any FHIR form, or else the time of issue.
fn time_of(value: &Value) -> Option<String> {
    ["effectiveDateTime", "effectiveInstant", "effectivePeriod.start", "effectivePeriod.end", "effectiveTiming.event.0"]
        .iter()
        .find_map(|path| read::text(value, path))
        .or_else(|| read::text(value, "issued"))
}

/// Reads a report. Its results are entries of their own, so only its conclusion and files are read here.
pub fn read_report(value: &Value) -> EntryContent {
    let results = read::list(value, "result").len();
    // Results without a reference are shown nowhere else.
    let words_only = read::list(value, "result").iter().filter(|one| one.get("reference").is_none());
    let words_only: Vec<(String, String)> =
        words_only.filter_map(|one| Some(("Result".to_owned(), display::reference(value, one)?))).collect();
    let files = read::list(value, "presentedForm").iter();
    let files = files.filter(|file| file.get("data").is_some() || file.get("url").is_some()).count();
    let codes = read::list(value, "conclusionCode").iter().filter_map(|code| display::concept(Some(code)));
    let mut conclusion: Vec<String> = read::text(value, "conclusion").into_iter().chain(codes).collect();
    conclusion.dedup();
    let says = match (conclusion.is_empty(), results, files) {
        (false, ..) => conclusion.join("; "),
        (true, 1, _) => format!("{GROUPS}1 result"),
        (true, 2.., _) => format!("{GROUPS}{results} results"),
        (true, 0, 0) if read::at(value, "presentedForm").is_some() => "Report whose file was not sent".to_owned(),
        (true, 0, 0) => "Report without results in it".to_owned(),
        (true, 0, _) => "Report as a file: open it to read it".to_owned(),
    };
    let links = read::list(value, "result").iter().filter_map(|one| read::text(one, "reference"));
    let period = read::at(value, "effectivePeriod.end").and(read::str_at(value, "effectivePeriod.start"));
    EntryContent {
        title: title_or_default(read::concept_at(value, "code")),
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
            .map(|from| ("Covers the time from".to_owned(), format_date(from)))
            .into_iter()
            .chain(words_only)
            .collect(),
        links: links.map(|to| ("reports", to)).collect(),
        ..EntryContent::default()
    }
}
