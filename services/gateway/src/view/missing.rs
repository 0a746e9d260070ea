//! Why a source's answer is missing or partial, in words. The one place that makes them; nothing here decides what
//! is shown.

use lcr_contracts::record::{DatasetReport, MissingReason, Partial};
use lcr_model::SourceState;

use super::words::{count, list};

/// What follows the names of one or more sources: "did not answer in time".
pub fn reason_words(reason: MissingReason) -> &'static str {
    match reason {
        MissingReason::DidNotAnswer => "did not answer",
        MissingReason::TooSlow => "did not answer in time",
        MissingReason::AnswerNotReadable => "answered, but its answer could not be read",
        MissingReason::Busy => "did not answer: it asks us to slow down",
        MissingReason::Refused(401 | 403) => "did not answer: it refused",
        MissingReason::Refused(_) | MissingReason::ReportsError => "did not answer: it reported an error",
        MissingReason::OtherPatient => {
            "did not answer about this person: what it sent is somebody else's and is not shown"
        }
        MissingReason::LinkElsewhere => "named a next page at an address that is not its own",
        MissingReason::PageRepeated => "sent the same page again",
        MissingReason::TotalNotReached => "said that it holds more than it sent",
        MissingReason::TooLarge => "did not answer in a size that can be read",
        MissingReason::Paused => "did not answer before and is not asked for a moment",
        MissingReason::ListNotRead => "did not give its list of people to the end",
        MissingReason::AddressRefused => "could not be called at its address",
        MissingReason::Unknown => "did not answer, or not in full",
    }
}

/// "5 of 12 results came", "5 results came".
pub fn partial_words(report: &DatasetReport) -> Option<String> {
    let Partial { came, total } = report.partial?;
    let title = report.dataset.title().to_lowercase();
    Some(match total {
        Some(total) => format!("{came} of {total} {title} came"),
        None => format!("only part of {title} came: {}", count(came as usize, "item", "items")),
    })
}

/// What is missing of one dataset and why, to follow the source's name; `None` where nothing is missing.
pub fn missing_words(report: &DatasetReport) -> Option<String> {
    let why = report.reason.map(reason_words);
    match (report.state, partial_words(report)) {
        (_, Some(part)) => Some(why.map_or_else(|| part.clone(), |why| format!("{why}: {part}"))),
        (SourceState::TimedOut | SourceState::Failed, None) => {
            Some(why.unwrap_or("did not answer").to_owned())
        }
        _ => None,
    }
}

/// What is missing of a source over all its datasets, in one phrase to follow its name.
pub fn source_words(reports: &[DatasetReport]) -> String {
    let parts: Vec<String> = reports.iter().filter_map(partial_words).collect();
    if let [first, rest @ ..] = parts.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(", and {} more", rest.len()) };
        return format!("answered in part: {first}{more}");
    }
    let mut reasons: Vec<String> = reports.iter().filter_map(missing_words).collect();
    reasons.sort();
    reasons.dedup();
    let words = list(&reasons);
    match reports.iter().any(|one| one.state == SourceState::HasData) {
        true if words.starts_with("did not answer") => "did not answer in part".into(),
        true => format!("{words}, in part"),
        false => words,
    }
}

#[cfg(test)]
mod tests {
    use lcr_model::Dataset;

    use super::*;

    #[test]
    fn a_part_is_told_with_how_much_came_and_why() {
        let part = |came, total, reason| DatasetReport {
            partial: Some(Partial { came, total }),
            reason,
            ..DatasetReport::new(Dataset::Results, SourceState::HasData)
        };
        let words = |report: &DatasetReport| missing_words(report).unwrap();
        assert_eq!(words(&part(5, Some(12), None)), "5 of 12 results came");
        assert_eq!(
            words(&part(5, Some(12), Some(MissingReason::TotalNotReached))),
            "said that it holds more than it sent: 5 of 12 results came"
        );
        assert_eq!(words(&part(5, None, None)), "only part of results came: 5 items");
        let reports = [part(5, Some(12), None), part(1, None, None)];
        assert_eq!(source_words(&reports), "answered in part: 5 of 12 results came, and 1 more");
    }

    #[test]
    fn an_answer_that_could_not_be_read_is_told_from_no_answer() {
        let failed = |reason| DatasetReport {
            reason: Some(reason),
            ..DatasetReport::new(Dataset::Results, SourceState::Failed)
        };
        let (unread, none) = (failed(MissingReason::AnswerNotReadable), failed(MissingReason::DidNotAnswer));
        assert_eq!(source_words(std::slice::from_ref(&unread)), "answered, but its answer could not be read");
        assert_eq!(source_words(std::slice::from_ref(&none)), "did not answer");
        let has = DatasetReport::new(Dataset::Allergies, SourceState::HasData);
        assert_eq!(source_words(&[has.clone(), none]), "did not answer in part");
        assert_eq!(source_words(&[has, unread]), "answered, but its answer could not be read, in part");
    }
}
