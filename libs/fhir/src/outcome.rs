//! `OperationOutcome`: builds our own, and reads the texts of those that sources send. Source text must be bounded.

use serde_json::{Value, json};

use crate::read;

/// Issues read of one outcome.
const MAX_ISSUES: usize = 10;
/// Characters of one issue's text.
const MAX_CHARACTERS: usize = 300;

/// An outcome with one issue.
pub fn outcome(severity: &str, code: &str, text: &str) -> Value {
    json!({ "resourceType": "OperationOutcome", "issue": [{ "severity": severity, "code": code, "details": { "text": text } }] })
}

/// The text of each issue: the details, else the diagnostics, else the code.
pub fn issue_texts(outcome: &Value) -> Vec<String> {
    let text = |issue: &Value| {
        read::concept_at(issue, "details")
            .or_else(|| read::text(issue, "diagnostics"))
            .or_else(|| read::text(issue, "code"))
    };
    let issues = read::list(outcome, "issue").iter().take(MAX_ISSUES);
    issues.filter_map(text).map(|text| bounded(&text)).filter(|text| !text.is_empty()).collect()
}

/// Whether an issue of the outcome is an error.
pub fn is_error(outcome: &Value) -> bool {
    let severities = read::list(outcome, "issue").iter().filter_map(|issue| read::str_at(issue, "severity"));
    severities.into_iter().any(|severity| matches!(severity, "error" | "fatal"))
}

/// Removes control characters and repeated spaces, and cuts the text to a length that a page can show.
fn bounded(text: &str) -> String {
    let start: String = text.chars().take(4 * MAX_CHARACTERS).collect();
    let words = start.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let plain = words.collect::<Vec<_>>().join(" ");
    match plain.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    }
}
