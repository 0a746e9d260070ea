//! Decides from an item's status whether a list may show it, and which warnings it carries. It never lets a list show
//! an item that is withdrawn, denied, or changed by an unknown modifier.

use lcr_contracts::record::{Mark, Omission};
use lcr_fhir::{has_unknown_modifier, read};
use serde_json::Value;

use crate::domain::resource_type::ResourceType;

/// Why no list may show the item. `None` if a list may.
pub fn omission_reason(resource_type: ResourceType, value: &Value) -> Option<Omission> {
    let entered_in_error =
        ["status", "docStatus"].iter().any(|path| read::str_at(value, path) == Some("entered-in-error"))
            || read::known_code(value, "verificationStatus", &["entered-in-error"]).is_some();
    if entered_in_error {
        let is_document = resource_type == ResourceType::DocumentReference;
        return Some(if is_document { Omission::Withdrawn } else { Omission::EnteredInError });
    }
    // `doNotPerform` was sent without a value, so the request may be a prohibition.
    let unknown_prohibition = value.get("_doNotPerform").is_some() && read::at(value, "doNotPerform").is_none();
    if has_unknown_modifier(value) || unknown_prohibition {
        return Some(Omission::UnknownModifier);
    }
    let status = read::str_at(value, "status");
    match resource_type {
        ResourceType::Condition if verification_status(value) == Some("refuted") => Some(Omission::RuledOut),
        ResourceType::Condition if read::has_code(value, "category", "family-history") => Some(Omission::FamilyHistory),
        ResourceType::DocumentReference if status == Some("superseded") => Some(Omission::Replaced),
        ResourceType::Encounter if status == Some("cancelled") => Some(Omission::Cancelled),
        ResourceType::Procedure if status == Some("not-done") || is_true(value, "notDone") => Some(Omission::NotDone),
        ResourceType::RelatedPerson | ResourceType::Patient
            if read::at(value, "active") == Some(&Value::Bool(false)) =>
        {
            Some(Omission::Inactive)
        }
        _ => None,
    }
}

/// The verification status of an allergy or a diagnosis, from any of its codings.
pub fn verification_status(value: &Value) -> Option<&'static str> {
    const KNOWN: [&str; 7] =
        ["refuted", "confirmed", "unconfirmed", "presumed", "provisional", "differential", "entered-in-error"];
    read::known_code(value, "verificationStatus", &KNOWN)
}

/// The clinical status of an allergy or a diagnosis, from any of its codings.
pub fn clinical_status(value: &Value) -> Option<&'static str> {
    const KNOWN: [&str; 6] = ["active", "inactive", "resolved", "recurrence", "relapse", "remission"];
    read::known_code(value, "clinicalStatus", &KNOWN)
}

fn is_true(value: &Value, field: &str) -> bool {
    read::at(value, field) == Some(&Value::Bool(true))
}

/// Whether the medication was not taken, in the terms of FHIR R4 or older versions.
pub fn is_not_taken(value: &Value) -> bool {
    read::str_at(value, "status") == Some("not-taken")
        || is_true(value, "wasNotTaken")
        || matches!(read::str_at(value, "taken"), Some("n" | "na"))
}

/// The warnings that a reader must see first.
pub fn marks(resource_type: ResourceType, value: &Value) -> Vec<Mark> {
    let not_given = resource_type == ResourceType::Immunization
        && (read::str_at(value, "status") == Some("not-done")
            || is_true(value, "notGiven")
            || is_true(value, "wasNotGiven"));
    let mut marks: Vec<Mark> = vec![];
    marks.extend(is_true(value, "doNotPerform").then_some(Mark::DoNotPerform));
    marks.extend(not_given.then_some(Mark::NotDone));
    marks.extend(is_true(value, "isSubpotent").then_some(Mark::LessThanFullDose));
    // Only the demographics authority restricts a person, so a Patient has no such marks.
    if resource_type != ResourceType::Patient {
        marks.extend(privacy_marks(value));
    }
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// The marks for privacy labels on the item or the document.
fn privacy_marks(value: &Value) -> Vec<Mark> {
    let own = read::list(value, "meta.security").iter();
    let document = read::list(value, "securityLabel").iter().flat_map(|label| read::list(label, "coding"));
    own.chain(document).filter_map(privacy_mark).collect()
}

/// The mark for one label (HL7 v3 Confidentiality and `ActCode`). An unknown label counts as sensitive.
fn privacy_mark(coding: &Value) -> Option<Mark> {
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
#[path = "status_tests.rs"]
mod tests;
