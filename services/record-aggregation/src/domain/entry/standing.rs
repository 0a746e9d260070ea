//! Whether an item stands as a fact, and what its source forbids. What is withdrawn, denied, or changed by a rule we do
//! not know is never listed as if it stood; it is counted with its reason instead.

use lcr_contracts::record::{Mark, Omission};
use lcr_fhir::{has_unknown_modifier, read};
use serde_json::Value;

use crate::domain::kind::Kind;

/// Why no list may show the item; `None` where it stands.
pub fn omission(kind: Kind, value: &Value) -> Option<Omission> {
    let entered_in_error =
        ["status", "docStatus"].iter().any(|path| read::str_at(value, path) == Some("entered-in-error"))
            || read::known_code(value, "verificationStatus", &["entered-in-error"]).is_some();
    if entered_in_error {
        let document = kind == Kind::DocumentReference;
        return Some(if document { Omission::Withdrawn } else { Omission::EnteredInError });
    }
    // Whether it must not be given is not known: that is no order to give it.
    let unsaid = value.get("_doNotPerform").is_some() && read::at(value, "doNotPerform").is_none();
    if has_unknown_modifier(value) || unsaid {
        return Some(Omission::UnknownModifier);
    }
    let status = read::str_at(value, "status");
    match kind {
        Kind::Condition if verification(value) == Some("refuted") => Some(Omission::RuledOut),
        Kind::Condition if read::has_code(value, "category", "family-history") => {
            Some(Omission::FamilyHistory)
        }
        Kind::DocumentReference if status == Some("superseded") => Some(Omission::Replaced),
        Kind::Encounter if status == Some("cancelled") => Some(Omission::Cancelled),
        Kind::Procedure if status == Some("not-done") || says(value, "notDone") => Some(Omission::NotDone),
        Kind::RelatedPerson | Kind::Patient if read::at(value, "active") == Some(&Value::Bool(false)) => {
            Some(Omission::Inactive)
        }
        _ => None,
    }
}

/// The verification status of an allergy or a diagnosis, whichever of its codings has it.
pub fn verification(value: &Value) -> Option<&'static str> {
    const KNOWN: [&str; 7] = [
        "refuted",
        "confirmed",
        "unconfirmed",
        "presumed",
        "provisional",
        "differential",
        "entered-in-error",
    ];
    read::known_code(value, "verificationStatus", &KNOWN)
}

/// The clinical status of an allergy or a diagnosis, whichever of its codings has it.
pub fn clinical(value: &Value) -> Option<&'static str> {
    const KNOWN: [&str; 6] = ["active", "inactive", "resolved", "recurrence", "relapse", "remission"];
    read::known_code(value, "clinicalStatus", &KNOWN)
}

fn says(value: &Value, field: &str) -> bool {
    read::at(value, field) == Some(&Value::Bool(true))
}

/// Whether a medicine's source says that it was not taken, in R4's words or in those of older versions.
pub fn not_taken(value: &Value) -> bool {
    read::str_at(value, "status") == Some("not-taken")
        || says(value, "wasNotTaken")
        || matches!(read::str_at(value, "taken"), Some("n" | "na"))
}

/// What a reader must heed before anything else of the item.
pub fn marks(kind: Kind, value: &Value) -> Vec<Mark> {
    let not_given = kind == Kind::Immunization
        && (read::str_at(value, "status") == Some("not-done")
            || says(value, "notGiven")
            || says(value, "wasNotGiven"));
    let mut marks: Vec<Mark> = vec![];
    marks.extend(says(value, "doNotPerform").then_some(Mark::DoNotPerform));
    marks.extend(not_given.then_some(Mark::NotDone));
    marks.extend(says(value, "isSubpotent").then_some(Mark::LessThanFullDose));
    // The person's own restriction is decided by the authority alone, and is no mark of an item.
    if kind != Kind::Patient {
        marks.extend(labels(value));
    }
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// Labels of privacy on the item or on the document.
fn labels(value: &Value) -> Vec<Mark> {
    let own = read::list(value, "meta.security").iter();
    let document = read::list(value, "securityLabel").iter().flat_map(|label| read::list(label, "coding"));
    own.chain(document).filter_map(label).collect()
}

/// A label's meaning (HL7 v3 Confidentiality and `ActCode`). Normal and lower confidentiality say nothing to heed; a label
/// that we do not know is heeded as one of privacy.
fn label(coding: &Value) -> Option<Mark> {
    const HARMLESS: [&str; 5] = ["N", "U", "L", "M", "HTEST"];
    match read::str_at(coding, "code")? {
        "NOPAT" => Some(Mark::NotForThePatient),
        "R" => Some(Mark::Restricted),
        "V" => Some(Mark::VeryRestricted),
        code if HARMLESS.contains(&code) => None,
        _ => Some(Mark::Sensitive),
    }
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
