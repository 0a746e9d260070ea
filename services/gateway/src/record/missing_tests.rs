//! Tests of `missing.rs`.

use lcr_model::Dataset;

use super::*;

#[test]
fn a_partial_answer_says_how_much_came_and_why() {
    let part = |came, total, reason| DatasetReport {
        partial: Some(Partial { came, total }),
        reason,
        ..DatasetReport::new(Dataset::Results, SourceState::HasData)
    };
    let words = |report: &DatasetReport| missing_text(report).unwrap();
    assert_eq!(words(&part(5, Some(12), None)), "5 of 12 results came");
    assert_eq!(
        words(&part(5, Some(12), Some(MissingReason::TotalNotReached))),
        "said that it holds more than it sent: 5 of 12 results came"
    );
    assert_eq!(words(&part(5, None, None)), "only part of results came: 5 items");
    let reports = [part(5, Some(12), None), part(1, None, None)];
    assert_eq!(source_text(&reports), "answered in part: 5 of 12 results came, and 1 more");
}

#[test]
fn an_unreadable_answer_reads_differently_from_no_answer() {
    let failed =
        |reason| DatasetReport { reason: Some(reason), ..DatasetReport::new(Dataset::Results, SourceState::Failed) };
    let (unread, none) = (failed(MissingReason::AnswerNotReadable), failed(MissingReason::DidNotAnswer));
    assert_eq!(source_text(std::slice::from_ref(&unread)), "answered, but its answer could not be read");
    assert_eq!(source_text(std::slice::from_ref(&none)), "did not answer");
    let has = DatasetReport::new(Dataset::Allergies, SourceState::HasData);
    assert_eq!(source_text(&[has.clone(), none]), "did not answer in part");
    assert_eq!(source_text(&[has, unread]), "answered, but its answer could not be read, in part");
}
