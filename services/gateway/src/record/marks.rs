//! Warnings from a source on how an item may be used, in words that a reader takes in at once.

use lcr_contracts::record::{Entry, Mark};

pub fn mark_text(mark: Mark) -> &'static str {
    match mark {
        Mark::DoNotPerform => "Do not give or do",
        Mark::NotDone => "Not given",
        Mark::NotForThePatient => "Do not tell the patient",
        Mark::Restricted => "Confidential",
        Mark::VeryRestricted => "Very confidential",
        Mark::Sensitive => "Sensitive",
        Mark::LessThanFullDose => "Less than the full dose",
        Mark::Unknown => "Marked by its source: see the item as sent",
    }
}

/// Whether the mark says who may know of the item. Such a mark warns of no harm to the patient.
pub fn is_confidentiality(mark: Mark) -> bool {
    matches!(mark, Mark::Restricted | Mark::VeryRestricted | Mark::Sensitive)
}

pub fn entry_marks(entry: &Entry) -> Vec<&'static str> {
    entry.marks.iter().map(|mark| mark_text(*mark)).collect()
}
