//! The record of a view: as it stands, or complete at the deadline. It must always be computed from the view's newest grant.
//! `stream.rs` sends it as it fills.

use lcr_contracts::{
    Failure,
    record::{Record, SourceReport},
};

use super::{completion::CompletionPublisher, confirmation::compute_and_record, open::OpenView};
use crate::domain::{
    assemble::{self, RecordInput},
    source_answer::SourceAnswer,
};

/// The record as the view stands, under its newest grant. It may leave only after that grant is confirmed.
pub fn record(view: &OpenView) -> Result<Record, Failure> {
    record_from(view, &view.all_answers())
}

/// The same from the view's answers, for outputs that are made from them too.
pub fn record_from(view: &OpenView, answers: &[SourceAnswer]) -> Result<Record, Failure> {
    Ok(assemble::assemble(&record_input(view, answers)?))
}

fn record_input<'a>(view: &'a OpenView, answers: &'a [SourceAnswer]) -> Result<RecordInput<'a>, Failure> {
    let list_input = view.listing(answers)?;
    let known_at = view.known_at(list_input.grant);
    Ok(RecordInput { doubts: &view.doubts, known_at, ..RecordInput::new(view.view, list_input) })
}

/// Every source's report, for the audit log: it names sources even if the reader may not see their names.
pub fn reports(view: &OpenView) -> Vec<SourceReport> {
    let answers = view.all_answers();
    record_input(view, &answers).map_or_else(|_| vec![], |input| assemble::source_reports(&input))
}

/// The record when every source has answered or the deadline has passed.
pub async fn complete_record(view: &mut OpenView, publisher: &CompletionPublisher) -> Result<Record, Failure> {
    compute_and_record(publisher, view, record, |record| record).await
}
