//! Reads a Patient into demographics. It never shows a former name, address or telephone number as current.

use jiff::Timestamp;
use lcr_contracts::record::{Demographics, Detail};
use lcr_fhir::{display, read};
use serde_json::Value;

use super::EntryContent;
use crate::domain::person;

pub fn read_patient(value: &Value, now: Timestamp) -> EntryContent {
    let demographics = read_demographics(value, now);
    EntryContent {
        title: demographics.family.clone(),
        says: demographics.address.clone(),
        detail: Detail::Demographics(Box::new(demographics)),
        ..EntryContent::default()
    }
}

/// Whether the patient is marked restricted or very restricted (PDS codes R and V). Only the demographics authority's
/// mark counts.
pub fn is_restricted(value: &Value) -> bool {
    let marks = read::list(value, "meta.security").iter();
    marks.filter_map(|one| read::str_at(one, "code")).any(|code| matches!(code, "R" | "V"))
}

fn read_demographics(value: &Value, now: Timestamp) -> Demographics {
    let name = person::current_name(value, now);
    let (family, given) = name.map(person::family_and_given).unwrap_or_default();
    let died = match (read::text(value, "deceasedDateTime"), read::at(value, "deceasedBoolean")) {
        (Some(when), _) => Some(when),
        (None, Some(Value::Bool(true))) => Some("date not recorded".to_owned()),
        _ => None,
    };
    let phones = person::current_telecoms(value, now);
    let practice = read::list(value, "generalPractitioner").iter().find_map(|one| display::reference(value, one));
    Demographics {
        family: if family.is_empty() { "Not recorded".to_owned() } else { family },
        given,
        title: name.and_then(|name| read::text(name, "prefix.0")),
        birth_date: read::str_at(value, "birthDate").and_then(|text| text.parse().ok()),
        gender: read::text(value, "gender").unwrap_or_else(|| "unknown".to_owned()),
        nhs_number: person::nhs_number(value, now),
        died,
        address: person::current_address(value, now).and_then(display::address),
        phones: phones.into_iter().filter_map(|one| read::text(one, "value")).collect(),
        practice,
        restricted: is_restricted(value),
    }
}
