//! Reads the Bundle's Patient. A missing field must never delete a known one, because a Bundle about a stay contains
//! little about the person.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::spell::FieldUpdate;
use lcr_fhir::{Item, read};
use lcr_model::{LocalId, NhsNumber, SourceIdentity};
use serde_json::Value;

use super::{BundleArrival, assigned_id, last_updated, parse_instant};
use crate::domain::{
    PatientUpdate,
    assigned_id::AssignedId,
    identity::nhs::{self, Authority},
};

fn authority(identifier: &Value) -> Authority {
    read::str_at(identifier, "system").map_or(Authority::Other, nhs::authority)
}

pub(super) fn is_nhs(identifier: &Value) -> bool {
    authority(identifier) != Authority::Other
}

/// The only NHS number in force. `None` if two numbers contradict each other.
pub(super) fn nhs_number(patient: &Value, at: Timestamp) -> Option<(&Value, NhsNumber)> {
    let all = read::list(patient, "identifier").iter().filter(|one| is_nhs(one) && is_in_force(one, at));
    let mut all = all.filter_map(|one| Some((one, NhsNumber::parse(read::str_at(one, "value")?).ok()?)));
    let first = all.next()?;
    all.all(|(_, number)| number == first.1).then_some(first)
}

/// Whether a name, address or identifier is valid at `at`: not an old one, and within its period.
fn is_in_force(one: &Value, at: Timestamp) -> bool {
    let end = read::str_at(one, "period.end").and_then(|text| {
        let last = parse_instant(Some(text))?;
        // A date without a time includes that whole day.
        if text.contains('T') { Some(last) } else { last.checked_add(SignedDuration::from_hours(24)).ok() }
    });
    let begun = parse_instant(read::str_at(one, "period.start")).is_none_or(|start| start <= at);
    begun && end.is_none_or(|end| at < end) && !matches!(read::str_at(one, "use"), Some("old" | "maiden"))
}

/// The first value in force whose use comes first in `uses`.
fn choose<'v>(all: &'v [Value], at: Timestamp, uses: &[&str]) -> Option<&'v Value> {
    let rank = |one: &&Value| {
        let of = read::str_at(one, "use").unwrap_or_default();
        uses.iter().position(|known| *known == of).unwrap_or(uses.len())
    };
    all.iter().filter(|one| is_in_force(one, at)).min_by_key(rank)
}

/// The patient's identity, with the ids in clear that older versions used.
pub struct PatientIdentity {
    pub identity: SourceIdentity,
    pub in_clear: Vec<LocalId>,
}

/// The identity by the source's own number, else the NHS number, else the resource's id.
pub fn identity(arrival: &BundleArrival<'_>, patient: &Item) -> PatientIdentity {
    let at = last_updated(arrival, patient);
    let others = read::list(patient.value(), "identifier").iter().filter(|one| !is_nhs(one));
    let scoped_value = |one: &Value| {
        let (value, system) = (read::str_at(one, "value")?, read::str_at(one, "system"));
        Some(assigned_id(arrival, value, system))
    };
    let own = others.clone().filter(|one| is_in_force(one, at)).find_map(scoped_value);
    let own = own.or_else(|| others.clone().find_map(scoped_value));
    let number = || nhs_number(patient.value(), at).map(|(_, number)| assigned_id(arrival, number.as_str(), None));
    let AssignedId { id, in_clear } =
        own.or_else(number).unwrap_or_else(|| assigned_id(arrival, patient.id(), Some("id")));
    PatientIdentity { identity: SourceIdentity { source: arrival.system.id.clone(), local_id: id }, in_clear }
}

pub fn read(arrival: &BundleArrival<'_>, patient: &Item, identity: &SourceIdentity) -> PatientUpdate {
    let value = patient.value();
    let at = last_updated(arrival, patient);
    let set = |text: Option<String>| text.map_or(FieldUpdate::Unchanged, FieldUpdate::Set);
    let name = choose(read::list(value, "name"), at, &["official", "usual", "", "temp"]);
    let of_name = |path: &str| set(name.and_then(|name| read::text(name, path)));
    let (family, given) = match (of_name("family"), of_name("given.0")) {
        (FieldUpdate::Unchanged, FieldUpdate::Unchanged) => {
            parse_name(name.and_then(|name| read::str_at(name, "text")))
        }
        parts => parts,
    };
    let number = nhs_number(value, at);
    let verified = number.as_ref().and_then(|(one, _)| verified(one));
    let address = choose(read::list(value, "address"), at, &["home", "", "temp"]);
    let lines = address.map(|one| {
        let lines = read::list(one, "line").iter().filter_map(Value::as_str).map(str::to_owned);
        lines.chain(read::text(one, "city")).collect::<Vec<_>>().join(", ")
    });
    let lines = lines.filter(|lines| !lines.is_empty()).or_else(|| read::text(address?, "text"));
    PatientUpdate {
        nhs_number: set(number.map(|(_, number)| number.as_str().to_owned())),
        verified,
        family,
        given,
        title: of_name("prefix.0"),
        birth_date: read::str_at(value, "birthDate")
            .and_then(|day| day.parse().ok())
            .map_or(FieldUpdate::Unchanged, FieldUpdate::Set),
        gender: set(read::text(value, "gender")),
        address: set(lines),
        postcode: set(address.and_then(|one| read::text(one, "postalCode"))),
        died: died(value),
        restricted: restricted(value),
        ..PatientUpdate::unchanged(identity.clone(), last_updated(arrival, patient))
    }
}

/// Splits a name in text form, `Family, Given`. Without a comma the whole text is the family name.
fn parse_name(text: Option<&str>) -> (FieldUpdate<String>, FieldUpdate<String>) {
    match text.map(|text| text.split_once(',').ok_or(text)) {
        Some(Ok((family, given))) => {
            (FieldUpdate::Set(family.trim().to_owned()), FieldUpdate::Set(given.trim().to_owned()))
        }
        Some(Err(text)) => (FieldUpdate::Set(text.to_owned()), FieldUpdate::Deleted),
        None => (FieldUpdate::Unchanged, FieldUpdate::Unchanged),
    }
}

/// Whether UK Core's verification status is 01. `None` without a status and without the system of unverified numbers.
fn verified(identifier: &Value) -> Option<bool> {
    if authority(identifier) == Authority::Unverified {
        return Some(false);
    }
    let status = super::extension(identifier, "Extension-UKCore-NHSNumberVerificationStatus")?;
    let traced = ["01", "number-present-and-verified"];
    Some(traced.iter().any(|code| read::has_code(status, "valueCodeableConcept", code)))
}

fn died(patient: &Value) -> FieldUpdate<bool> {
    match (read::at(patient, "deceasedBoolean").and_then(Value::as_bool), read::str_at(patient, "deceasedDateTime")) {
        (_, Some(_)) => FieldUpdate::Set(true),
        (Some(died), None) => FieldUpdate::Set(died),
        (None, None) => FieldUpdate::Unchanged,
    }
}

/// Restricted if a confidentiality label is restricted or very restricted. Nothing else lifts a restriction.
fn restricted(patient: &Value) -> FieldUpdate<bool> {
    let labels = read::list(patient, "meta.security");
    let closed = labels.iter().any(|label| matches!(read::str_at(label, "code"), Some("R" | "V" | "REDACTED")));
    if closed { FieldUpdate::Set(true) } else { FieldUpdate::Unchanged }
}
