//! Decides whether an item is about the requested person. It never takes an item without a subject for that person's.

use std::collections::BTreeSet;

use lcr_contracts::registry::System;
use lcr_fhir::{Item, read};
use lcr_model::NhsNumber;
use serde_json::Value;

use super::person::is_nhs_number_system;

/// The ids by which a source may name the person.
#[derive(Debug, Clone, Default)]
pub struct PersonIds {
    /// The id in the request.
    pub local_id: String,
    /// All ids of the person at the source.
    pub local_ids: BTreeSet<String>,
    pub nhs_numbers: BTreeSet<NhsNumber>,
}

/// The subject of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Person,
    /// Another Patient of the source, with this id.
    OtherPatient(String),
    /// A person with another NHS number.
    OtherNumber,
    /// No readable patient is named.
    NotNamed,
}

/// Finds the subject of an item from its own id, its subject or patient, or an appointment's participants.
pub fn subject_of(item: &Item, ids: &PersonIds) -> Subject {
    let value = item.value();
    if item.resource_type() == "Patient" {
        return subject_of_id(item.id(), ids);
    }
    let named = ["subject", "patient"].iter().find_map(|path| read::at(value, path));
    if let Some(reference) = named {
        return subject_of_reference(value, reference, ids);
    }
    // An appointment names its patient among other participants.
    let actors = read::list(value, "participant").iter().filter_map(|one| read::at(one, "actor"));
    let subjects: Vec<Subject> = actors.map(|actor| subject_of_reference(value, actor, ids)).collect();
    if subjects.contains(&Subject::Person) {
        return Subject::Person;
    }
    let other = subjects.into_iter().find(|subject| *subject != Subject::NotNamed);
    other.unwrap_or(Subject::NotNamed)
}

/// Finds the subject of a reference from its id, a contained Patient, or an NHS number.
fn subject_of_reference(item: &Value, reference: &Value, ids: &PersonIds) -> Subject {
    let link = read::str_at(reference, "reference").unwrap_or_default();
    if let Some(id) = patient_id(link) {
        // An id of the person with another person's NHS number is ambiguous.
        let number = read::at(reference, "identifier").and_then(nhs_number_of);
        let contradicts =
            number.is_some_and(|number| !ids.nhs_numbers.is_empty() && !ids.nhs_numbers.contains(&number));
        return if contradicts { Subject::NotNamed } else { subject_of_id(id, ids) };
    }
    let contained = link.strip_prefix('#').and_then(|id| {
        read::list(item, "contained")
            .iter()
            .find(|one| read::str_at(one, "id") == Some(id) && read::str_at(one, "resourceType") == Some("Patient"))
    });
    let identifiers = contained.map(|patient| read::list(patient, "identifier")).unwrap_or_default();
    let own = read::at(reference, "identifier");
    let numbers: Vec<NhsNumber> = own.into_iter().chain(identifiers).filter_map(nhs_number_of).collect();
    match numbers.as_slice() {
        [] => Subject::NotNamed,
        numbers if numbers.iter().any(|number| ids.nhs_numbers.contains(number)) => Subject::Person,
        // The person has no NHS number to compare with.
        _ if ids.nhs_numbers.is_empty() => Subject::NotNamed,
        _ => Subject::OtherNumber,
    }
}

/// The id in a `Patient/id` reference, relative or absolute, with or without a version.
pub fn patient_id(reference: &str) -> Option<&str> {
    let mut segments = reference.split('/').rev().peekable();
    while let Some(id) = segments.next() {
        if segments.peek() == Some(&"Patient") {
            return Some(id).filter(|id| !id.is_empty());
        }
    }
    None
}

/// The id in a reference to a Patient of the source itself: relative, or at the source's own base.
pub fn own_patient_id<'r>(system: &System, reference: &'r str) -> Option<&'r str> {
    let base = system.base_url.trim_end_matches('/');
    let relative = reference.strip_prefix(base).and_then(|rest| rest.strip_prefix('/')).unwrap_or(reference);
    match relative.split('/').collect::<Vec<_>>().as_slice() {
        ["Patient", id] | ["Patient", id, "_history", _] => Some(*id).filter(|id| !id.is_empty()),
        _ => None,
    }
}

fn subject_of_id(id: &str, ids: &PersonIds) -> Subject {
    if ids.local_ids.contains(id) || ids.local_id == id {
        Subject::Person
    } else {
        Subject::OtherPatient(id.to_owned())
    }
}

pub fn nhs_number_of(identifier: &Value) -> Option<NhsNumber> {
    let is_nhs_number = read::str_at(identifier, "system").is_some_and(is_nhs_number_system);
    is_nhs_number.then(|| NhsNumber::parse(read::str_at(identifier, "value")?).ok()).flatten()
}

/// Whether a Patient with another id is the requested person: it links to the old id, has it as an identifier, or has
/// the same NHS number.
pub fn is_same_person(patient: &Value, ids: &PersonIds) -> bool {
    let is_own_id = |id: &str| ids.local_id == id || ids.local_ids.contains(id);
    let links = read::list(patient, "link").iter();
    let linked = links.filter_map(|link| read::str_at(link, "other.reference")).filter_map(patient_id).any(is_own_id);
    let identifiers = || read::list(patient, "identifier").iter();
    let has_identifier =
        identifiers().filter_map(|one| read::str_at(one, "value")).any(|value| is_own_id(value.trim()));
    linked || has_identifier || identifiers().filter_map(nhs_number_of).any(|number| ids.nhs_numbers.contains(&number))
}

#[cfg(test)]
#[path = "subject_tests.rs"]
mod tests;
