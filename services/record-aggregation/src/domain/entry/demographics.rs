//! What one source calls the person.

use lcr_contracts::record::{Demographics, Detail};
use lcr_fhir::{Item, read};
use serde_json::Value;

use super::Said;

/// The system of NHS numbers (standards.md section 2.2).
pub const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

pub fn patient(item: &Item) -> Said {
    let value = item.value();
    let demographics = demographics(value);
    Said {
        title: demographics.family.clone(),
        date: None,
        status: None,
        says: demographics.address.clone(),
        detail: Detail::Demographics(Box::new(demographics)),
        links: vec![],
    }
}

/// The name in use now: official, else usual, else the first.
pub fn current_name(value: &Value) -> Option<&Value> {
    let names = read::list(value, "name");
    let used = |word: &str| names.iter().find(|name| read::str_at(name, "use") == Some(word));
    let former = |name: &&Value| matches!(read::str_at(name, "use"), Some("old" | "maiden"));
    used("official").or_else(|| used("usual")).or_else(|| names.iter().find(|name| !former(name)))
}

/// The address in use now; never an old one.
pub fn current_address(value: &Value) -> Option<&Value> {
    let addresses = read::list(value, "address");
    let home = addresses.iter().find(|one| read::str_at(one, "use") == Some("home"));
    home.or_else(|| addresses.iter().find(|one| read::str_at(one, "use") != Some("old")))
}

pub fn given_names(name: &Value) -> String {
    let given = read::list(name, "given").iter().filter_map(Value::as_str);
    given.collect::<Vec<_>>().join(" ")
}

pub fn address_words(address: &Value) -> Option<String> {
    if let Some(text) = read::text(address, "text") {
        return Some(text);
    }
    let lines = read::list(address, "line").iter().filter_map(Value::as_str).map(str::to_owned);
    let rest = ["city", "district", "postalCode"].iter().filter_map(|path| read::text(address, path));
    let mut parts: Vec<String> = lines.chain(rest).filter(|part| !part.trim().is_empty()).collect();
    parts.dedup();
    (!parts.is_empty()).then(|| parts.join(", "))
}

pub fn nhs_number(value: &Value) -> Option<String> {
    let identifiers = read::list(value, "identifier").iter();
    let mut ours = identifiers.filter(|one| {
        read::str_at(one, "system") == Some(NHS_NUMBER) && read::str_at(one, "use") != Some("old")
    });
    ours.find_map(|one| read::text(one, "value"))
}

/// Marked restricted or very restricted (PDS, standards.md section 5.4). Only the authority's mark is believed.
pub fn is_restricted(value: &Value) -> bool {
    let marks = read::list(value, "meta.security").iter();
    marks.filter_map(|one| read::str_at(one, "code")).any(|code| matches!(code, "R" | "V"))
}

fn demographics(value: &Value) -> Demographics {
    let name = current_name(value);
    let phones = read::list(value, "telecom").iter().filter(|one| read::str_at(one, "use") != Some("old"));
    let died = match (read::text(value, "deceasedDateTime"), read::at(value, "deceasedBoolean")) {
        (Some(when), _) => Some(when),
        (None, Some(Value::Bool(true))) => Some("date not recorded".to_owned()),
        _ => None,
    };
    Demographics {
        family: name.and_then(|name| read::text(name, "family")).unwrap_or_else(|| "Not recorded".to_owned()),
        given: name.map(given_names).unwrap_or_default(),
        title: name.and_then(|name| read::text(name, "prefix.0")),
        birth_date: read::str_at(value, "birthDate").and_then(|text| text.parse().ok()),
        gender: read::text(value, "gender").unwrap_or_else(|| "unknown".to_owned()),
        nhs_number: nhs_number(value),
        died,
        address: current_address(value).and_then(address_words),
        phones: phones.filter_map(|one| read::text(one, "value")).collect(),
        practice: read::reference_words(value, "generalPractitioner.0"),
        restricted: is_restricted(value),
    }
}
