//! Why a source's answer is missing or partial, as text. No other module may word these reasons, and nothing here
//! decides what is shown.

use lcr_contracts::record::{DatasetReport, MissingReason, Partial};
use lcr_model::SourceState;

use crate::layout::format::{format_count, join_with_and};

/// The text after the names of one or more sources: "did not answer in time".
pub fn reason_text(reason: MissingReason) -> &'static str {
    match reason {
        MissingReason::DidNotAnswer => "did not answer",
        MissingReason::TooSlow => "did not answer in time",
        MissingReason::AnswerNotReadable => "answered, but its answer could not be read",
        MissingReason::Busy => "did not answer: it asks us to slow down",
        MissingReason::Refused(401 | 403) => "did not answer: it refused",
        MissingReason::Refused(_) | MissingReason::ReportsError => "did not answer: it reported an error",
        MissingReason::OtherPatient => {
            "did not answer about this person: it sent another person's data, which is not shown"
        }
        MissingReason::LinkElsewhere => "linked to a next page at an address of another system",
        MissingReason::PageRepeated => "sent the same page again",
        MissingReason::TotalNotReached => "said that it holds more than it sent",
        MissingReason::TooLarge => "did not answer in a size that can be read",
        MissingReason::Paused => "did not answer earlier and is not being asked right now",
        MissingReason::ListNotRead => "did not send its whole list of people",
        MissingReason::AddressRefused => "could not be called at its address",
        MissingReason::Unknown => "did not answer, or not in full",
    }
}

/// "5 of 12 results came".
pub fn partial_text(report: &DatasetReport) -> Option<String> {
    let Partial { came, total } = report.partial?;
    let title = report.dataset.title().to_lowercase();
    Some(match total {
        Some(total) => format!("{came} of {total} {title} came"),
        None => format!("only part of {title} came: {}", format_count(came as usize, "item", "items")),
    })
}

/// What is missing of one dataset and why, to follow the source's name. `None` if nothing is missing.
pub fn missing_text(report: &DatasetReport) -> Option<String> {
    let why = report.reason.map(reason_text);
    match (report.state, partial_text(report)) {
        (_, Some(part)) => Some(why.map_or_else(|| part.clone(), |why| format!("{why}: {part}"))),
        (SourceState::TimedOut | SourceState::Failed, None) => Some(why.unwrap_or("did not answer").to_owned()),
        _ => None,
    }
}

/// What is missing over all datasets of a source, to follow its name.
pub fn source_text(reports: &[DatasetReport]) -> String {
    let parts: Vec<String> = reports.iter().filter_map(partial_text).collect();
    if let [first, rest @ ..] = parts.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(", and {} more", rest.len()) };
        return format!("answered in part: {first}{more}");
    }
    let mut reasons: Vec<String> = reports.iter().filter_map(missing_text).collect();
    reasons.sort();
    reasons.dedup();
    let words = join_with_and(&reasons);
    match reports.iter().any(|one| one.state == SourceState::HasData) {
        true if words.starts_with("did not answer") => "did not answer in part".into(),
        true => format!("{words}, in part"),
        false => words,
    }
}

#[cfg(test)]
#[path = "missing_tests.rs"]
mod tests;
