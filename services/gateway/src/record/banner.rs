//! The patient banner, by the NHS Common User Interface rules. The name must never leave the screen or be cut, an
//! unknown value reads "Not known", and a protected location must never be shown.

use jiff::{Timestamp, civil::Date};
use lcr_contracts::{
    patient_index::PatientSummary,
    record::{Demographics, Detail, Record},
    vocabulary::SystemKind,
};
use lcr_model::Dataset;

use crate::{
    layout::format::{format_age, format_day, format_nhs_number, format_sent_date, format_sex, in_london},
    record::coverage::Coverage,
};

pub const PROTECTED: &str = "Location details protected.";

/// The first line of the banner, and the details that unfold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    pub name: String,
    pub initials: String,
    pub born: String,
    pub age: Option<String>,
    pub gender: &'static str,
    pub nhs_number: String,
    pub died: Option<Death>,
    pub contact: Contact,
}

/// How to reach the person, and their practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub address: String,
    pub phones: String,
    pub practice: String,
}

/// A death, and whether it is formally confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    pub date: String,
    pub age: String,
    pub confirmed: &'static str,
}

/// The banner from the patient summary, with details from the record if there is one.
pub fn banner(patient: &PatientSummary, record: Option<&Record>, now: Timestamp) -> Banner {
    let details: Vec<(&Demographics, bool)> = record.map(demographics).unwrap_or_default();
    let died = patient.died.then(|| died(patient.birth_date, &details));
    let today = in_london(now).date();
    let age = patient.birth_date.filter(|_| died.is_none()).and_then(|born| format_age(born, today));
    let contact = contact(record, patient.address.as_deref(), patient.location_protected);
    Banner {
        name: full_name(&patient.family, &patient.given, patient.title.as_deref()),
        initials: initials(patient),
        born: patient.birth_date.map_or_else(|| "Not known".into(), format_day),
        age,
        gender: format_sex(&patient.sex),
        nhs_number: format_nhs_number(patient.nhs_number.as_ref()),
        died,
        contact,
    }
}

/// The details of the record, else the address that the patient index knows.
pub fn contact(record: Option<&Record>, known_address: Option<&str>, location_protected: bool) -> Contact {
    let details: Vec<(&Demographics, bool)> = record.map(demographics).unwrap_or_default();
    // The authority may know of a restriction before the index does.
    let restricted = details.iter().any(|(one, authority)| *authority && one.restricted);
    let protected = location_protected || restricted || record.is_some_and(|record| record.location_protected);
    // A source that has not answered may still tell.
    let is_asking = record.is_some_and(|record| !Coverage::of(record, Dataset::Demographics).asking.is_empty());
    let unknown = if is_asking { "Not known yet: still asking" } else { "Not known" };
    let unless_protected = |text: Option<String>| match (protected, text) {
        (true, _) => PROTECTED.to_owned(),
        (false, text) => text.unwrap_or_else(|| unknown.into()),
    };
    let first = |pick: fn(&Demographics) -> Option<String>| details.iter().find_map(|(one, _)| pick(one));
    Contact {
        address: unless_protected(first(|one| one.address.clone()).or_else(|| known_address.map(str::to_owned))),
        phones: unless_protected(first(|one| (!one.phones.is_empty()).then(|| one.phones.join(", ")))),
        practice: unless_protected(first(|one| one.practice.clone())),
    }
}

/// `SMITH, Fredrica (Mrs)`.
pub fn full_name(family: &str, given: &str, title: Option<&str>) -> String {
    let title = title.map(|title| format!(" ({title})")).unwrap_or_default();
    let family = if family.is_empty() { "FAMILY NAME NOT KNOWN".into() } else { family.to_uppercase() };
    let given = if given.is_empty() { "given name not known" } else { given };
    format!("{family}, {given}{title}")
}

fn initials(patient: &PatientSummary) -> String {
    let first = |text: &str| text.chars().next().map(|letter| letter.to_uppercase().to_string());
    [first(&patient.given), first(&patient.family)].into_iter().flatten().collect()
}

/// Each source's demographics, those of the demographics authority first.
fn demographics(record: &Record) -> Vec<(&Demographics, bool)> {
    let entries = record.section(Dataset::Demographics).map_or(&[][..], |section| &section.entries);
    let mut details: Vec<(&Demographics, bool)> = entries
        .iter()
        .filter_map(|entry| match &entry.detail {
            Detail::Demographics(one) => {
                Some((one.as_ref(), entry.provenance.iter().any(|source| source.kind == SystemKind::Authority)))
            }
            _ => None,
        })
        .collect();
    details.sort_by_key(|(_, authority)| !authority);
    details
}

/// The death that a source of the record reports.
pub fn reported_death(record: &Record) -> Option<Death> {
    let details = demographics(record);
    let birth_date = details.iter().find_map(|(one, _)| one.birth_date);
    details.iter().any(|(one, _)| one.died.is_some()).then(|| died(birth_date, &details))
}

fn died(birth_date: Option<Date>, details: &[(&Demographics, bool)]) -> Death {
    let reported = details.iter().find_map(|(one, authority)| one.died.as_deref().map(|died| (died, *authority)));
    let on = reported.and_then(|(died, _)| died.get(..10)?.parse().ok());
    let age = birth_date.zip(on).and_then(|(born, on)| format_age(born, on));
    Death {
        date: reported.map_or_else(|| "date not known".into(), |(died, _)| format_sent_date(died)),
        age: age.unwrap_or_else(|| "Not known".into()),
        confirmed: match reported {
            Some((_, true)) => "formally confirmed",
            Some((_, false)) => "not formally confirmed",
            None => "whether formally confirmed is not known",
        },
    }
}

#[cfg(test)]
#[path = "banner_tests.rs"]
mod tests;
