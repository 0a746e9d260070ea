//! What one source calls the person now: names, addresses and telecoms in force. Former ones are never shown as present.

use jiff::Timestamp;
use lcr_contracts::record::{Demographics, Detail};
use lcr_fhir::{read, words};
use serde_json::Value;

use super::Said;
use crate::domain::person;

pub fn patient(value: &Value, now: Timestamp) -> Said {
    let demographics = demographics(value, now);
    Said {
        title: demographics.family.clone(),
        says: demographics.address.clone(),
        detail: Detail::Demographics(Box::new(demographics)),
        ..Said::default()
    }
}

/// Marked restricted or very restricted (PDS, standards.md section 5.4). Only the authority's mark is believed.
pub fn is_restricted(value: &Value) -> bool {
    let marks = read::list(value, "meta.security").iter();
    marks.filter_map(|one| read::str_at(one, "code")).any(|code| matches!(code, "R" | "V"))
}

fn demographics(value: &Value, now: Timestamp) -> Demographics {
    let name = person::name_in_force(value, now);
    let (family, given) = name.map(person::name_words).unwrap_or_default();
    let died = match (read::text(value, "deceasedDateTime"), read::at(value, "deceasedBoolean")) {
        (Some(when), _) => Some(when),
        (None, Some(Value::Bool(true))) => Some("date not recorded".to_owned()),
        _ => None,
    };
    let phones = person::telecoms_in_force(value, now);
    let practice =
        read::list(value, "generalPractitioner").iter().find_map(|one| words::reference(value, one));
    Demographics {
        family: if family.is_empty() { "Not recorded".to_owned() } else { family },
        given,
        title: name.and_then(|name| read::text(name, "prefix.0")),
        birth_date: read::str_at(value, "birthDate").and_then(|text| text.parse().ok()),
        gender: read::text(value, "gender").unwrap_or_else(|| "unknown".to_owned()),
        nhs_number: person::nhs_number(value, now),
        died,
        address: person::address_in_force(value, now).and_then(words::address),
        phones: phones.into_iter().filter_map(|one| read::text(one, "value")).collect(),
        practice,
        restricted: is_restricted(value),
    }
}
