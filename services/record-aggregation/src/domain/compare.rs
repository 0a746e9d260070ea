//! Compares the merged entries of one dataset and reports where sources contradict each other. It marks and reports,
//! and never decides which source is right.

mod allergies;
mod demographics;
pub mod medications;
pub mod stays;

use lcr_contracts::record::{Discrepancy, Entry};
use lcr_model::Dataset;

/// A source whose list may lack entries, so that an absence in it proves nothing.
#[derive(Debug, Clone)]
pub struct IncompleteSource {
    pub kind: String,
    /// The source has not answered yet, so a comparison may still follow.
    pub still_asking: bool,
}

/// Reports the contradictions of a dataset. It also sets the remarks of medications.
pub fn find_discrepancies(
    dataset: Dataset,
    entries: &mut [Entry],
    incomplete: &[IncompleteSource],
) -> Vec<Discrepancy> {
    match dataset {
        Dataset::Medications => medications::find_dose_differences(entries, incomplete),
        Dataset::Allergies => allergies::find_contradictions(entries),
        Dataset::Demographics => demographics::find_differences(entries),
        _ => vec![],
    }
}
