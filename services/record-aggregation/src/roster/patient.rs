//! A source's FHIR Patient as linking needs it. The authority alone is believed on practice, restriction and
//! death; a GP system on its own registrations; nobody else on any of these.

use lcr_contracts::{events::SourcePatient, identity::System};
use lcr_fhir::read;
use lcr_model::OdsCode;
use serde_json::Value;

use crate::domain::entry::demographics::{
    NHS_NUMBER, address_words, current_address, current_name, given_names, is_restricted, nhs_number,
};

pub fn of(system: &System, value: &Value) -> SourcePatient {
    let name = current_name(value);
    let address = current_address(value);
    let gp_registration = system.kind == "gp" && system.default_practice.is_none();
    let own_word = system.authority || gp_registration;
    let practice = if own_word { practice(value) } else { system.default_practice.clone() };
    SourcePatient {
        source: system.id.clone(),
        nhs_number: nhs_number(value),
        nhs_number_verified: number_verified(value),
        family: name.and_then(|name| read::text(name, "family")).unwrap_or_default(),
        given: name.map(given_names).unwrap_or_default(),
        title: name.and_then(|name| read::text(name, "prefix.0")),
        birth_date: read::str_at(value, "birthDate").and_then(|text| text.parse().ok()),
        gender: read::text(value, "gender").unwrap_or_else(|| "unknown".to_owned()),
        address: address.and_then(address_words),
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

/// Whether the source says the number was verified (status 01); one that says nothing is believed.
fn number_verified(value: &Value) -> bool {
    let identifiers = read::list(value, "identifier").iter();
    let mut ours = identifiers.filter(|one| read::str_at(one, "system") == Some(NHS_NUMBER));
    ours.all(|one| {
        let status = read::list(one, "extension").iter().find_map(|extension| {
            let url = read::str_at(extension, "url").unwrap_or_default();
            url.ends_with("NHSNumberVerificationStatus")
                .then(|| read::code_at(extension, "valueCodeableConcept"))
        });
        matches!(status.flatten(), None | Some("01" | "number-present-and-verified"))
    })
}
