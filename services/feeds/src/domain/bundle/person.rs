//! The Bundle's Patient. A snapshot: what it leaves out stays as it was, since a Bundle about a stay says little of
//! the person.

use lcr_contracts::spell::Told;
use lcr_fhir::{Item, read};
use lcr_hl7::Fault;
use lcr_model::{LocalId, NhsNumber, SourceIdentity};
use serde_json::Value;

use super::{Coming, fault_at, scoped, updated};
use crate::domain::PatientTold;

const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

fn is_nhs(identifier: &Value) -> bool {
    read::str_at(identifier, "system") == Some(NHS_NUMBER)
}

fn nhs_number(patient: &Value) -> Option<(&Value, NhsNumber)> {
    let mut all = read::list(patient, "identifier").iter().filter(|one| is_nhs(one));
    all.find_map(|one| Some((one, NhsNumber::parse(read::str_at(one, "value")?).ok()?)))
}

/// The source's own number, else the resource's id; an NHS number where there is nothing else.
pub fn identity(coming: &Coming<'_>, patient: &Item) -> Result<SourceIdentity, Fault> {
    let mut others = read::list(patient.value(), "identifier").iter().filter(|one| !is_nhs(one));
    let own = others.find_map(|one| {
        let (value, system) = (read::str_at(one, "value")?, read::str_at(one, "system"));
        Some(scoped(coming.system, value, system))
    });
    let number = || nhs_number(patient.value()).map(|(_, number)| number.as_str().to_owned());
    let id = own.or_else(number).or_else(|| Some(scoped(coming.system, patient.id(), Some("id"))));
    let local_id = id.ok_or_else(|| fault_at("Patient", "the patient has no identifier"))?;
    Ok(SourceIdentity { source: coming.system.id.clone(), local_id: LocalId(local_id) })
}

pub fn told(coming: &Coming<'_>, patient: &Item, identity: &SourceIdentity) -> PatientTold {
    let value = patient.value();
    let set = |text: Option<String>| text.map_or(Told::Unchanged, Told::Set);
    let names = read::list(value, "name");
    let official =
        |name: &&Value| read::str_at(name, "use").is_none_or(|of| matches!(of, "official" | "usual"));
    let name = names.iter().find(official).or_else(|| names.first());
    let of_name = |path: &str| set(name.and_then(|name| read::text(name, path)));
    let number = nhs_number(value);
    let verified = number.as_ref().map(|(one, _)| is_verified(one));
    let address = read::list(value, "address").first();
    let lines = address.map(|one| {
        let lines = read::list(one, "line").iter().filter_map(Value::as_str).map(str::to_owned);
        lines.chain(read::text(one, "city")).collect::<Vec<_>>().join(", ")
    });
    PatientTold {
        nhs_number: set(number.map(|(_, number)| number.as_str().to_owned())),
        verified,
        family: of_name("family"),
        given: of_name("given.0"),
        title: of_name("prefix.0"),
        birth_date: read::str_at(value, "birthDate")
            .and_then(|day| day.parse().ok())
            .map_or(Told::Unchanged, Told::Set),
        gender: set(read::text(value, "gender")),
        address: set(lines.filter(|lines| !lines.is_empty())),
        postcode: set(address.and_then(|one| read::text(one, "postalCode"))),
        died: died(value),
        restricted: restricted(value),
        ..PatientTold::of(identity.clone(), updated(coming, patient))
    }
}

/// UK Core's verification status 01.
fn is_verified(identifier: &Value) -> bool {
    let status = super::extension(identifier, "Extension-UKCore-NHSNumberVerificationStatus");
    status.is_some_and(|one| {
        read::code_at(one, "valueCodeableConcept")
            .is_some_and(|code| matches!(code, "01" | "number-present-and-verified"))
    })
}

fn died(patient: &Value) -> Told<bool> {
    match (
        read::at(patient, "deceasedBoolean").and_then(Value::as_bool),
        read::str_at(patient, "deceasedDateTime"),
    ) {
        (_, Some(_)) => Told::Set(true),
        (Some(died), None) => Told::Set(died),
        (None, None) => Told::Unchanged,
    }
}

/// A confidentiality label of restricted or very restricted.
fn restricted(patient: &Value) -> Told<bool> {
    let labels = read::list(patient, "meta.security");
    let closed =
        labels.iter().any(|label| matches!(read::str_at(label, "code"), Some("R" | "V" | "REDACTED")));
    if closed { Told::Set(true) } else { Told::Unchanged }
}
