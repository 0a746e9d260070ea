//! Who the page is about, by the Common User Interface rules (`standards.md` 9.1). The name never leaves the
//! screen and is never cut; unknown values read "Not known"; a protected location is never shown.

use jiff::Timestamp;
use lcr_contracts::{
    patient_index::Stub,
    record::{Demographics, Detail, Record},
};
use lcr_model::Dataset;

use super::words::{age, day, in_london, nhs_number, sent, sex};

pub const PROTECTED: &str = "Location details protected.";

/// The banner's first zone, and what its fold-out says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    pub name: String,
    pub initials: String,
    pub born: String,
    pub age: Option<String>,
    pub gender: &'static str,
    pub nhs_number: String,
    pub died: Option<Died>,
    pub address: String,
    pub phones: String,
    pub practice: String,
}

/// A death, and on whose word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Died {
    pub date: String,
    pub age: String,
    pub confirmed: &'static str,
}

/// The banner from the identity stub, with what the record adds.
pub fn banner(stub: &Stub, record: Option<&Record>, now: Timestamp) -> Banner {
    let told: Vec<(&Demographics, bool)> = record.map(demographics).unwrap_or_default();
    let died = stub.died.then(|| died(stub, &told));
    let today = in_london(now).date();
    let age = stub.birth_date.filter(|_| died.is_none()).and_then(|born| age(born, today));
    let protected = stub.location_protected || record.is_some_and(|record| record.location_protected);
    let shown = |text: Option<String>| match (protected, text) {
        (true, _) => PROTECTED.to_owned(),
        (false, text) => text.unwrap_or_else(|| "Not known".into()),
    };
    let first = |pick: fn(&Demographics) -> Option<String>| told.iter().find_map(|(one, _)| pick(one));
    Banner {
        name: full_name(&stub.family, &stub.given, stub.title.as_deref()),
        initials: initials(stub),
        born: stub.birth_date.map_or_else(|| "Not known".into(), day),
        age,
        gender: sex(&stub.sex),
        nhs_number: nhs_number(stub.nhs_number.as_ref()),
        died,
        address: shown(first(|one| one.address.clone()).or_else(|| stub.address.clone())),
        phones: shown(first(|one| (!one.phones.is_empty()).then(|| one.phones.join(", ")))),
        practice: shown(first(|one| one.practice.clone())),
    }
}

/// `SMITH, Fredrica (Mrs)`.
pub fn full_name(family: &str, given: &str, title: Option<&str>) -> String {
    let title = title.map(|title| format!(" ({title})")).unwrap_or_default();
    let family = if family.is_empty() { "FAMILY NAME NOT KNOWN".into() } else { family.to_uppercase() };
    let given = if given.is_empty() { "given name not known" } else { given };
    format!("{family}, {given}{title}")
}

fn initials(stub: &Stub) -> String {
    let first = |text: &str| text.chars().next().map(|letter| letter.to_uppercase().to_string());
    [first(&stub.given), first(&stub.family)].into_iter().flatten().collect()
}

/// What each source calls the person, the authority's word first.
fn demographics(record: &Record) -> Vec<(&Demographics, bool)> {
    let entries = record.section(Dataset::Demographics).map_or(&[][..], |section| &section.entries);
    let mut told: Vec<(&Demographics, bool)> = entries
        .iter()
        .filter_map(|entry| match &entry.detail {
            Detail::Demographics(one) => {
                Some((one.as_ref(), entry.provenance.iter().any(|source| source.kind == "authority")))
            }
            _ => None,
        })
        .collect();
    told.sort_by_key(|(_, authority)| !authority);
    told
}

fn died(stub: &Stub, told: &[(&Demographics, bool)]) -> Died {
    let said = told.iter().find_map(|(one, authority)| one.died.as_deref().map(|died| (died, *authority)));
    let on = said.and_then(|(died, _)| died.get(..10)?.parse().ok());
    let age = stub.birth_date.zip(on).and_then(|(born, on)| age(born, on));
    Died {
        date: said.map_or_else(|| "date not known".into(), |(died, _)| sent(died)),
        age: age.unwrap_or_else(|| "Not known".into()),
        confirmed: match said {
            Some((_, true)) => "formally confirmed",
            Some((_, false)) => "not formally confirmed",
            None => "whether formally confirmed is not known",
        },
    }
}

#[cfg(test)]
#[path = "banner_tests.rs"]
mod tests;
