//! A source's FHIR Patient as linking needs it. The authority alone is believed on practice, restriction and
//! death; a GP system on its own registrations; nobody else on any of these.

use jiff::Timestamp;
use lcr_contracts::{events::SourcePatient, identity::System};
use lcr_fhir::{read, words};
use lcr_model::OdsCode;
use serde_json::Value;

use crate::domain::{entry::demographics::is_restricted, person};

/// `now` decides which of several names, addresses and numbers is in force.
pub fn of(system: &System, value: &Value, now: Timestamp) -> SourcePatient {
    let name = person::name_in_force(value, now);
    let address = person::address_in_force(value, now);
    let (family, given) = name.map(person::name_words).unwrap_or_default();
    let gp_registration = system.kind == "gp" && system.default_practice.is_none();
    let own_word = system.authority || gp_registration;
    let practice = if own_word { practice(value) } else { system.default_practice.clone() };
    SourcePatient {
        source: system.id.clone(),
        nhs_number: person::nhs_number(value, now),
        nhs_number_verified: person::nhs_number_verified(value, now),
        family,
        given,
        title: name.and_then(|name| read::text(name, "prefix.0")),
        birth_date: read::str_at(value, "birthDate").and_then(|text| text.parse().ok()),
        gender: read::text(value, "gender").unwrap_or_else(|| "unknown".to_owned()),
        address: address.and_then(words::address),
        postcode: address.and_then(|address| read::text(address, "postalCode")),
        practice,
        died: read::at(value, "deceasedDateTime").is_some()
            || read::at(value, "deceasedBoolean") == Some(&Value::Bool(true)),
        restricted: is_restricted(value),
        authority: system.authority,
        gp_registration,
        replaces: vec![],
    }
}

/// The ODS code of the registered practice: the general practitioner, or for restricted people, whose answer
/// leaves it out, the managing organisation.
fn practice(value: &Value) -> Option<OdsCode> {
    let paths = ["generalPractitioner.0.identifier.value", "managingOrganization.identifier.value"];
    paths.iter().find_map(|path| read::text(value, path)).map(OdsCode)
}
