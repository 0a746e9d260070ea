//! Identifies the patient of a PID: the NHS number and the local id.
//!
//! An identifier is an NHS number if its authority or type says so and its check digit is right. Two different ones
//! contradict each other, so neither is used. The local id is the first other identifier, preferably a hospital number.
//! An NHS number must never become a local id in clear: it is hashed (`assigned_id`). Numbers of another authority
//! carry its name (`RXX:40800000`); in the sandbox, which accepts any sender, all numbers do.

pub mod nhs;

use jiff::Timestamp;
use lcr_hl7::{Condition, Fault, Field, Repetition};
use lcr_model::{LocalId, NhsNumber, SourceIdentity};

use super::{Arrival, assigned_id::AssignedId, segment_groups::SegmentGroup, times, validity};

/// Identifier types of the hospital's own number.
const MRN_TYPES: [&str; 6] = ["MR", "MRN", "MEDREC", "PI", "PT", "HOSP"];
/// The longest patient number, in characters. Every result contains it.
pub const MAX_ID_CHARS: usize = 250;

/// A patient as one source identifies them.
#[derive(Debug, Clone)]
pub struct IdentifiedPatient {
    pub identity: SourceIdentity,
    /// The ids in clear that older versions used, if the identity is a hash.
    pub in_clear: Vec<LocalId>,
    pub nhs_number: Option<NhsNumber>,
    /// Whether the NHS number was verified. `None` if the message does not say.
    pub verified: Option<bool>,
}

/// One identifier (CX).
pub struct Identifier {
    number: String,
    pub authority: Option<String>,
    /// Whether its authority or type marks it as an NHS number.
    nhs: nhs::Authority,
    is_mrn: bool,
    /// The NHS number status, such as `NSTS01`, in any component.
    status: Option<String>,
    in_force: bool,
}

impl Identifier {
    fn of(one: Repetition<'_>, at: Timestamp) -> Option<Self> {
        let (name, universal, kind) = (one.component(4), one.subcomponent(4, 2), one.component(5));
        let authority = [&name, &universal].into_iter().flatten().map(|text| nhs::authority(text));
        let authority = authority.fold(nhs::Authority::Other, |so_far, next| match so_far {
            nhs::Authority::Other => next,
            known => known,
        });
        let by_type = kind.as_deref().is_some_and(nhs::is_type);
        Some(Self {
            number: one.component(1)?,
            nhs: if by_type && authority == nhs::Authority::Other { nhs::Authority::NhsNumber } else { authority },
            authority: name.or(universal),
            is_mrn: kind.is_some_and(|kind| MRN_TYPES.iter().any(|one| one.eq_ignore_ascii_case(&kind))),
            status: (2..=10).filter_map(|part| one.component(part)).find(|text| text.starts_with("NSTS")),
            in_force: validity::is_in_force(one, validity::IDENTIFIER, at),
        })
    }

    pub fn is_nhs_number(&self) -> bool {
        self.nhs != nhs::Authority::Other
    }

    fn nhs_number(&self) -> Option<NhsNumber> {
        if self.is_nhs_number() && self.in_force { NhsNumber::parse(&self.number).ok() } else { None }
    }

    fn verified(&self) -> Option<bool> {
        let unverified = (self.nhs == nhs::Authority::Unverified).then_some(false);
        unverified.or_else(|| self.status.as_deref().map(|status| status == "NSTS01"))
    }

    pub fn local_id(&self, arrival: &Arrival<'_>) -> AssignedId {
        self.in_scope(arrival, authority_scope(arrival, self.authority.as_deref()).as_deref())
    }

    /// The local id in this scope, regardless of the authority that the identifier names.
    pub fn in_scope(&self, arrival: &Arrival<'_>, scope: Option<&str>) -> AssignedId {
        let (key, source) = (arrival.local_id_key, &arrival.system.id);
        if self.is_nhs_number() {
            AssignedId::of_nhs_number(key, source, scope, &self.number)
        } else {
            AssignedId::of(key, source, scope, &self.number)
        }
    }
}

/// Identifies the patient of a group. A PID without any identifier is a fault.
pub fn identify(arrival: &Arrival<'_>, group: &SegmentGroup<'_>) -> Result<IdentifiedPatient, Fault> {
    let ids = patient_identifiers(arrival, group);
    let local = || ids.iter().filter(|id| !id.is_nhs_number());
    let current = || local().filter(|id| id.in_force);
    let own = current().find(|id| id.is_mrn).or_else(|| current().next());
    let own = own.or_else(|| local().find(|id| id.is_mrn)).or_else(|| local().next());
    let number = nhs_number(arrival, group, &ids);
    let fault = |condition, words: &str| {
        let fault = Fault::at(condition, "PID", 3, words);
        Fault { occurrence: group.occurrence(), ..fault }
    };
    let assigned = match (own, &number, ids.first()) {
        (Some(id), ..) => id.local_id(arrival),
        (None, Some((number, _)), _) => AssignedId::of(arrival.local_id_key, &arrival.system.id, None, number.as_str()),
        (None, None, Some(unchecked)) => unchecked.local_id(arrival),
        (None, None, None) => {
            return Err(fault(Condition::RequiredField, "the patient has no identifier"));
        }
    };
    if assigned.id.0.chars().count() > MAX_ID_CHARS {
        return Err(fault(Condition::DataType, "the patient's identifier is too long"));
    }
    let identity = SourceIdentity { source: arrival.system.id.clone(), local_id: assigned.id };
    let verified = number.as_ref().and_then(|(_, verified)| *verified);
    let nhs_number = number.map(|(number, _)| number);
    Ok(IdentifiedPatient { identity, in_clear: assigned.in_clear, nhs_number, verified })
}

/// The only NHS number in force in `ids`, else in PID-2 or PID-4.
fn nhs_number(
    arrival: &Arrival<'_>,
    group: &SegmentGroup<'_>,
    ids: &[Identifier],
) -> Option<(NhsNumber, Option<bool>)> {
    let others = || [2, 4].into_iter().flat_map(|field| identifiers(arrival, group.field("PID", field)));
    let of = |id: &Identifier| Some((id.nhs_number()?, id.verified()));
    let mut found: Vec<_> = ids.iter().filter_map(of).collect();
    if found.is_empty() {
        found = others().filter_map(|id| of(&id)).collect();
    }
    let (first, verified) = found.first()?.clone();
    if found.iter().any(|(number, _)| *number != first) {
        return None;
    }
    Some((first, found.into_iter().find_map(|(_, verified)| verified).or(verified)))
}

/// The identifiers in PID-3, else in the older fields PID-2 or PID-4.
pub fn patient_identifiers(arrival: &Arrival<'_>, group: &SegmentGroup<'_>) -> Vec<Identifier> {
    let lists = [3, 2, 4].into_iter().map(|field| identifiers(arrival, group.field("PID", field)));
    lists.into_iter().find(|ids| !ids.is_empty()).unwrap_or_default()
}

/// The identifiers of a field.
pub fn identifiers(arrival: &Arrival<'_>, field: Field<'_>) -> Vec<Identifier> {
    let at = times::reported_at(arrival);
    field.repetitions().filter_map(|one| Identifier::of(one, at)).collect()
}

/// The scope name for numbers of an authority. `None` for the sender's own numbers and numbers without an authority.
pub fn authority_scope(arrival: &Arrival<'_>, authority: Option<&str>) -> Option<String> {
    let accepts_any = arrival.system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty());
    let header = arrival.header;
    let facility = || [&header.facility, &header.application].into_iter().find(|name| !name.is_empty());
    let scope = match authority {
        None if accepts_any => facility().map(String::as_str),
        Some(name) if !accepts_any && (name == header.facility || name == arrival.system.organisation.as_str()) => None,
        authority => authority,
    };
    scope.map(str::to_owned)
}

/// The sender's name in a source that accepts any sender. Empty in all other sources.
pub fn sender_scope(arrival: &Arrival<'_>) -> String {
    let accepts_any = arrival.system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty());
    if accepts_any { authority_scope(arrival, None).unwrap_or_default() } else { String::new() }
}

/// Prefixes the number with its scope. Slashes are escaped, because a slash ends the id in a FHIR reference.
pub fn with_scope(number: &str, scope: Option<&str>) -> String {
    let number = number.replace('/', "%2F");
    scope.map_or(number.clone(), |scope| format!("{}:{number}", scope.replace('/', "%2F")))
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
