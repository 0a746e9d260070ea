//! Reads a source's FHIR Patient into the form that linking needs. Only the authority counts for practice, restriction and death,
//! and a GP system for its own registrations; no other source may set these.

use jiff::Timestamp;
use lcr_contracts::{
    events::{PatientLink, PatientLinkKind, SourcePatient},
    registry::System,
    vocabulary::SystemKind,
};
use lcr_fhir::{display, read};
use lcr_model::{LocalId, OdsCode};
use serde_json::Value;

use crate::domain::{entry::demographics::is_restricted, person};

/// Links read of one record.
const MAX_LINKS: usize = 50;

/// `now` decides which of several names, addresses and numbers is in force.
pub fn read_patient(system: &System, value: &Value, now: Timestamp) -> SourcePatient {
    let name = person::current_name(value, now);
    let address = person::current_address(value, now);
    let (family, given) = name.map(person::family_and_given).unwrap_or_default();
    let gp_registration = system.kind == SystemKind::Gp && system.default_practice.is_none();
    let is_trusted = system.authority || gp_registration;
    let practice = if is_trusted { practice(value) } else { system.default_practice.clone() };
    SourcePatient {
        source: system.id.clone(),
        nhs_number: person::nhs_number(value, now),
        nhs_number_verified: person::is_nhs_number_verified(value, now),
        family,
        given,
        title: name.and_then(|name| read::text(name, "prefix.0")),
        birth_date: read::str_at(value, "birthDate").and_then(|text| text.parse().ok()),
        gender: read::text(value, "gender").unwrap_or_else(|| "unknown".to_owned()),
        address: address.and_then(display::address),
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

/// The source's other Patients that this one links to. Links to other servers are ignored.
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
        let id =
            local.split('/').next().filter(|id| !id.is_empty() && *id != read::str_at(value, "id").unwrap_or(""))?;
        Some(PatientLink { kind, other: LocalId(id.to_owned()) })
    };
    read::list(value, "link").iter().filter_map(link).take(MAX_LINKS).collect()
}

/// The ODS code of the registered practice: the general practitioner, or the managing organisation for restricted people, whose
/// answer has no general practitioner.
fn practice(value: &Value) -> Option<OdsCode> {
    let paths = ["generalPractitioner.0.identifier.value", "managingOrganization.identifier.value"];
    paths.iter().find_map(|path| read::text(value, path)).map(OdsCode)
}
