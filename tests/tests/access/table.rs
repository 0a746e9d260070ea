//! Writes the table of access, and compares it with the agreed one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use lcr_tests::{Actor, Answer, record_json};
use serde_json::Value;

use super::subjects::Subject;

/// A cell of the table: the status, with the number of people found or the reason.
pub(super) fn cell(path: &str, answer: &Answer) -> String {
    let body = answer.json();
    let detail = match (answer.status, path) {
        (200, "/v1/people/search" | "/v1/people") => {
            format!(" found {}", record_json::list(&body, "people").count())
        }
        (200, "/v1/decisions") => format!(" {}", body["reason"].as_str().unwrap_or_default()),
        (200, path) if path.starts_with("/fhir/R4/Patient?") => format!(" found {}", body["total"]),
        _ => String::new(),
    };
    format!("{}{detail}", answer.status)
}

/// Writes the personas grouped by their answer, such as `200: gp, receptionist`.
pub(super) fn write_rows(text: &mut String, heading: &str, cells: &[(String, String)]) {
    let mut by_answer: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (who, answer) in cells {
        by_answer.entry(answer).or_default().push(who);
    }
    let _ = write!(text, "\n{heading}\n");
    for (answer, who) in by_answer {
        let _ = writeln!(
            text,
            "  {answer}: {}",
            if who.len() == cells.len() { "everybody".into() } else { who.join(", ") }
        );
    }
}

pub(super) fn heading(what: &str, selected: &[Subject], subject: &Subject) -> String {
    if selected.len() == 1 { what.to_owned() } else { format!("{what}  [{}]", subject.0) }
}

/// For every record that opens: its datasets, those shown in part, and whether the location is withheld.
pub(super) async fn describe_granted(actors: &[Actor], subjects: &[Subject]) -> String {
    let mut text = String::from("\nWhat an opened record holds\n");
    for subject in subjects {
        for actor in actors {
            let answer = actor.record(&subject.2).await;
            if answer.status == 200 {
                let record: Value = answer.json();
                let _ =
                    writeln!(text, "  {} of {}: {}", actor.name, subject.0, record_json::datasets(&record).join(", "));
                let limited =
                    record_json::list(&record, "not_shown").filter(|one| one["reason"] == "not shown to your role");
                let limited: BTreeSet<&str> = limited.filter_map(|one| one["dataset"].as_str()).collect();
                if !limited.is_empty() {
                    let _ = writeln!(text, "    in part: {}", limited.into_iter().collect::<Vec<_>>().join(", "));
                }
                if record["location_protected"] == true {
                    let _ = writeln!(text, "    without what tells where");
                }
            }
        }
    }
    text
}
