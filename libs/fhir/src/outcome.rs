//! `OperationOutcome`: the ones the facade answers with, and the words of those that sources send.

use serde_json::{Value, json};

use crate::read;

/// The most issues of one outcome that are read, and the most characters of each.
const ISSUES: usize = 10;
const CHARACTERS: usize = 300;

/// One issue, in words.
pub fn outcome(severity: &str, code: &str, words: &str) -> Value {
    json!({ "resourceType": "OperationOutcome", "issue": [{ "severity": severity, "code": code, "details": { "text": words } }] })
}

/// What an outcome says: of each issue the details, else the diagnostics, else the code.
pub fn words_of(outcome: &Value) -> Vec<String> {
    let words = |issue: &Value| {
        read::concept_at(issue, "details")
            .or_else(|| read::text(issue, "diagnostics"))
            .or_else(|| read::text(issue, "code"))
    };
    let issues = read::list(outcome, "issue").iter().take(ISSUES);
    issues.filter_map(words).map(|text| bounded(&text)).filter(|text| !text.is_empty()).collect()
}

/// Whether an issue of the outcome is an error.
pub fn is_error(outcome: &Value) -> bool {
    let severities = read::list(outcome, "issue").iter().filter_map(|issue| read::str_at(issue, "severity"));
    severities.into_iter().any(|severity| matches!(severity, "error" | "fatal"))
}

/// Without control characters and repeated spaces, cut to a length a page can show.
fn bounded(text: &str) -> String {
    let start: String = text.chars().take(4 * CHARACTERS).collect();
    let words = start.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let plain = words.collect::<Vec<_>>().join(" ");
    match plain.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    }
}
