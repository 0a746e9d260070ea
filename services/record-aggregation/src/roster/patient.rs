//! A source's FHIR Patient as linking needs it. The authority alone is believed on practice, restriction and
//! death; a GP system on its own registrations; nobody else on any of these.

use jiff::Timestamp;
use lcr_contracts::{
    events::{PatientLink, PatientLinkKind, SourcePatient},
    identity::System,
};
use lcr_fhir::{read, words};
use lcr_model::{LocalId, OdsCode};
use serde_json::Value;

use crate::domain::{entry::demographics::is_restricted, person};

/// The most links of one record that are followed.
const LINKS: usize = 50;

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
        active: read::at(value, "active") != Some(&Value::Bool(false)),
        links: links(system, value),
    }
}

/// The other Patients of the same source that this one links to. A link to another server's record is not known here.
fn links(system: &System, value: &Value) -> Vec<PatientLink> {
    let base = format!("{}/", system.base_url.trim_end_matches('/'));
    let link = |link: &Value| {
        let kind = match read::str_at(link, "type")? {
            "replaced-by" => PatientLinkKind::ReplacedBy,
            "replaces" => PatientLinkKind::Replaces,
            "refer" => PatientLinkKind::Refer,
            "seealso" => PatientLinkKind::Seealso,
            _ => return None,
        };
        let reference = read::str_at(link, "other.reference")?;
        let local = reference.strip_prefix(&base).unwrap_or(reference).strip_prefix("Patient/")?;
        let id = local
            .split('/')
            .next()
            .filter(|id| !id.is_empty() && *id != read::str_at(value, "id").unwrap_or(""))?;
        Some(PatientLink { kind, other: LocalId(id.to_owned()) })
    };
    read::list(value, "link").iter().filter_map(link).take(LINKS).collect()
}

/// The ODS code of the registered practice: the general practitioner, or for restricted people, whose answer
/// leaves it out, the managing organisation.
fn practice(value: &Value) -> Option<OdsCode> {
    let paths = ["generalPractitioner.0.identifier.value", "managingOrganization.identifier.value"];
    paths.iter().find_map(|path| read::text(value, path)).map(OdsCode)
}
