//! The Bundle's Patient. A snapshot: what it leaves out stays as it was, since a Bundle about a stay says little of
//! the person.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::spell::Told;
use lcr_fhir::{Item, read};
use lcr_model::{LocalId, NhsNumber, SourceIdentity};
use serde_json::Value;

use super::{Coming, assigned, instant, updated};
use crate::domain::{
    PatientTold,
    assigned::AssignedId,
    identity::nhs::{self, Authority},
};

fn authority(identifier: &Value) -> Authority {
    read::str_at(identifier, "system").map_or(Authority::Other, nhs::authority)
}

pub(super) fn is_nhs(identifier: &Value) -> bool {
    authority(identifier) != Authority::Other
}

/// The one NHS number in force; two different ones are a contradiction, and then none is told.
pub(super) fn nhs_number(patient: &Value, at: Timestamp) -> Option<(&Value, NhsNumber)> {
    let all = read::list(patient, "identifier").iter().filter(|one| is_nhs(one) && in_force(one, at));
    let mut all = all.filter_map(|one| Some((one, NhsNumber::parse(read::str_at(one, "value")?).ok()?)));
    let first = all.next()?;
    all.all(|(_, number)| number == first.1).then_some(first)
}

/// Whether a name, address or identifier counts at `at`: not an old one, and within its period.
fn in_force(one: &Value, at: Timestamp) -> bool {
    let end = read::str_at(one, "period.end").and_then(|text| {
        let last = instant(Some(text))?;
        // A last day is in force until it ends.
        if text.contains('T') { Some(last) } else { last.checked_add(SignedDuration::from_hours(24)).ok() }
    });
    let begun = instant(read::str_at(one, "period.start")).is_none_or(|start| start <= at);
    begun && end.is_none_or(|end| at < end) && !matches!(read::str_at(one, "use"), Some("old" | "maiden"))
}

/// Of those in force the first of the best use.
fn chosen<'v>(all: &'v [Value], at: Timestamp, uses: &[&str]) -> Option<&'v Value> {
    let rank = |one: &&Value| {
        let of = read::str_at(one, "use").unwrap_or_default();
        uses.iter().position(|known| *known == of).unwrap_or(uses.len())
    };
    all.iter().filter(|one| in_force(one, at)).min_by_key(rank)
}

/// Who the Patient is, with the local ids in clear that versions before gave them.
pub struct Identified {
    pub identity: SourceIdentity,
    pub in_clear: Vec<LocalId>,
}

/// The source's own number, else the NHS number, else the resource's id.
pub fn identity(coming: &Coming<'_>, patient: &Item) -> Identified {
    let at = updated(coming, patient);
    let others = read::list(patient.value(), "identifier").iter().filter(|one| !is_nhs(one));
    let scoped_value = |one: &Value| {
        let (value, system) = (read::str_at(one, "value")?, read::str_at(one, "system"));
        Some(assigned(coming, value, system))
    };
    let own = others.clone().filter(|one| in_force(one, at)).find_map(scoped_value);
    let own = own.or_else(|| others.clone().find_map(scoped_value));
    let number =
        || nhs_number(patient.value(), at).map(|(_, number)| assigned(coming, number.as_str(), None));
    let AssignedId { id, in_clear } =
        own.or_else(number).unwrap_or_else(|| assigned(coming, patient.id(), Some("id")));
    Identified { identity: SourceIdentity { source: coming.system.id.clone(), local_id: id }, in_clear }
}

pub fn told(coming: &Coming<'_>, patient: &Item, identity: &SourceIdentity) -> PatientTold {
    let value = patient.value();
    let at = updated(coming, patient);
    let set = |text: Option<String>| text.map_or(Told::Unchanged, Told::Set);
    let name = chosen(read::list(value, "name"), at, &["official", "usual", "", "temp"]);
    let of_name = |path: &str| set(name.and_then(|name| read::text(name, path)));
    let (family, given) = match (of_name("family"), of_name("given.0")) {
        (Told::Unchanged, Told::Unchanged) => from_text(name.and_then(|name| read::str_at(name, "text"))),
        told => told,
    };
    let number = nhs_number(value, at);
    let verified = number.as_ref().and_then(|(one, _)| verified(one));
    let address = chosen(read::list(value, "address"), at, &["home", "", "temp"]);
    let lines = address.map(|one| {
        let lines = read::list(one, "line").iter().filter_map(Value::as_str).map(str::to_owned);
        lines.chain(read::text(one, "city")).collect::<Vec<_>>().join(", ")
    });
    let lines = lines.filter(|lines| !lines.is_empty()).or_else(|| read::text(address?, "text"));
    PatientTold {
        nhs_number: set(number.map(|(_, number)| number.as_str().to_owned())),
        verified,
        family,
        given,
        title: of_name("prefix.0"),
        birth_date: read::str_at(value, "birthDate")
            .and_then(|day| day.parse().ok())
            .map_or(Told::Unchanged, Told::Set),
        gender: set(read::text(value, "gender")),
        address: set(lines),
        postcode: set(address.and_then(|one| read::text(one, "postalCode"))),
        died: died(value),
        restricted: restricted(value),
        ..PatientTold::of(identity.clone(), updated(coming, patient))
    }
}

/// A name as text alone: `Family, Given`, else all of it in one.
fn from_text(text: Option<&str>) -> (Told<String>, Told<String>) {
    match text.map(|text| text.split_once(',').ok_or(text)) {
        Some(Ok((family, given))) => {
            (Told::Set(family.trim().to_owned()), Told::Set(given.trim().to_owned()))
        }
        Some(Err(whole)) => (Told::Set(whole.to_owned()), Told::Deleted),
        None => (Told::Unchanged, Told::Unchanged),
    }
}

/// UK Core's verification status 01, and the system of unverified numbers; `None` where neither was sent.
fn verified(identifier: &Value) -> Option<bool> {
    if authority(identifier) == Authority::Unverified {
        return Some(false);
    }
    let status = super::extension(identifier, "Extension-UKCore-NHSNumberVerificationStatus")?;
    let traced = ["01", "number-present-and-verified"];
    Some(traced.iter().any(|code| read::has_code(status, "valueCodeableConcept", code)))
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
