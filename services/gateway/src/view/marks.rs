//! What a source says of how an item may be used, in words a reader takes in at once.

use lcr_contracts::record::{Entry, Mark};

/// One mark in words. What is forbidden is in the entry's title already, and is said here again for lists by mark.
pub fn words(mark: Mark) -> &'static str {
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

/// All marks of an entry.
pub fn of(entry: &Entry) -> Vec<&'static str> {
    entry.marks.iter().map(|mark| words(*mark)).collect()
}
