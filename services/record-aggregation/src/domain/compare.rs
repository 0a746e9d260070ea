//! Compares the merged entries of one dataset and reports where sources contradict each other. It marks and reports,
//! and never decides which source is right.

mod allergies;
mod demographics;
pub mod denied;
mod diagnoses;
pub mod medications;
mod statement;
pub mod stays;

use lcr_contracts::{
    record::{Detail, Discrepancy, Entry},
    vocabulary::SystemKind,
};
use lcr_model::Dataset;

/// A source whose list may lack entries, so that an absence in it proves nothing.
#[derive(Debug, Clone)]
pub struct IncompleteSource {
    pub kind: SystemKind,
    /// The source has not answered yet, so a comparison may still follow.
    pub still_asking: bool,
}

/// Reports what one source asserts and another denies. The entries are not merged yet, so that each statement is of one
/// source. `denied` are entries that no list shows.
pub fn find_contradictions(dataset: Dataset, entries: &[Entry], denied: &[Entry]) -> Vec<Discrepancy> {
    match dataset {
        Dataset::Allergies => allergies::find_contradictions(entries, denied),
        Dataset::Diagnoses => diagnoses::find_contradictions(entries, denied),
        _ => vec![],
    }
}

/// Reports where the values of merged entries differ. It also sets the remarks of medications.
pub fn find_differences(dataset: Dataset, entries: &mut [Entry], incomplete: &[IncompleteSource]) -> Vec<Discrepancy> {
    match dataset {
        Dataset::Medications => medications::find_dose_differences(entries, incomplete),
        Dataset::Demographics => demographics::find_differences(entries),
        _ => vec![],
    }
}

/// The place of an entry in its list: what holds now stands above what has ended, and that above what is refuted. A
/// severe allergy stands above others.
pub fn reading_rank(entry: &Entry) -> (u8, bool) {
    match &entry.detail {
        Detail::Allergy { severe, .. } => match allergies::stance(entry) {
            allergies::Stance::Known => (0, !severe),
            allergies::Stance::NoneKnown => (1, true),
            allergies::Stance::Ended => (2, !severe),
            allergies::Stance::Refuted => (3, !severe),
        },
        Detail::Diagnosis { .. } => (u8::from(diagnoses::is_past(entry)), false),
        _ => (0, false),
    }
}
