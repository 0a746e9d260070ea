//! What was done in an access, in closed kinds. A refused try, a list, a search, a document and a look at a record must each
//! read differently. Printing is not among them: without a script the portal cannot know that a page is printed.

use lcr_contracts::audit::{AccessKind, Outcome};
use lcr_model::Dataset;

use crate::record::page_datasets::BANNER_DATASETS;

/// The kinds in the order in which a line names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    LookedAtRecord,
    /// The page was opened, and its end was not recorded.
    MayHaveLooked,
    OpenedDocument,
    MayHaveOpenedDocument,
    ReadName,
    FoundInSearch,
    SeenOnList,
    MayHaveBeenOnList,
    /// A list of the people for whom the reader's organisation cares.
    SeenOnCareList,
    UsedChoices,
    /// The reader said why they are involved or overrode a refusal, or an officer checked that.
    StatedReason,
    ReadLog,
    /// An officer opened, shared or closed an incident, or read the log through it.
    WorkedOnIncident,
    ReviewedLink,
    AskedWhetherAllowed,
    SearchedOften,
    Unknown,
    /// A list that did not show the person, because the reader may not see them.
    LeftOffList,
    LeftOffCareList,
    Refused,
}

/// The action of an access that showed, or may have shown, these datasets.
pub fn action(what: AccessKind, outcome: Outcome, datasets: &[Dataset], presumed: bool) -> Action {
    if outcome == Outcome::Refused {
        return match what {
            AccessKind::WardList => Action::LeftOffList,
            AccessKind::CareList => Action::LeftOffCareList,
            _ => Action::Refused,
        };
    }
    match (what, presumed) {
        (AccessKind::Record | AccessKind::Fhir, _) if datasets.is_empty() => Action::ReadName,
        // Every page about a person asks for their name too, so this was one file and no page.
        (AccessKind::Record, false) if datasets == [Dataset::Documents] => Action::OpenedDocument,
        (AccessKind::Record, true) if datasets == [Dataset::Documents] => Action::MayHaveOpenedDocument,
        (AccessKind::Record | AccessKind::Fhir, false) => Action::LookedAtRecord,
        (AccessKind::Record | AccessKind::Fhir, true) => Action::MayHaveLooked,
        (AccessKind::Search, _) => Action::FoundInSearch,
        (AccessKind::Identity, _) => Action::ReadName,
        (AccessKind::AuditLog, _) => Action::ReadLog,
        (AccessKind::WardList, false) => Action::SeenOnList,
        (AccessKind::WardList, true) => Action::MayHaveBeenOnList,
        (AccessKind::CareList, _) => Action::SeenOnCareList,
        (AccessKind::Choices, _) => Action::UsedChoices,
        (AccessKind::Claim, _) => Action::StatedReason,
        (AccessKind::Incident, _) => Action::WorkedOnIncident,
        (AccessKind::Review, _) => Action::ReviewedLink,
        (AccessKind::Explanation, _) => Action::AskedWhetherAllowed,
        (AccessKind::UnusualSearch, _) => Action::SearchedOften,
        (AccessKind::Unknown, _) => Action::Unknown,
    }
}

/// What a reader came for: the banner of every page shows some datasets, so they are left out beside others.
pub fn main_datasets(datasets: &[Dataset]) -> Vec<Dataset> {
    let beside = |left_out: &[Dataset]| -> Vec<Dataset> {
        datasets.iter().filter(|dataset| !left_out.contains(dataset)).copied().collect()
    };
    let rest = [beside(&BANNER_DATASETS), beside(&[Dataset::Demographics])];
    rest.into_iter().find(|rest| !rest.is_empty()).unwrap_or_else(|| datasets.to_vec())
}

#[cfg(test)]
#[path = "actions_tests.rs"]
mod tests;
