//! Who a PID is about: the NHS number among its identifiers, and the sender's own number.
//!
//! The NHS number is the identifier whose authority or type says so and whose check digit holds; two different ones
//! are a contradiction, and then none is told. The local id is the first other repetition of PID-3, one marked as a
//! hospital number before one that is not; an unchecked or lone NHS number is the local id where there is nothing
//! else, as a keyed hash (`assigned`). The source is the namespace of local ids: numbers of another authority in the same feed carry its name
//! (`RXX:40800000`), and in the sandbox, which takes any sender, all do.

pub mod nhs;

use jiff::Timestamp;
use lcr_hl7::{Condition, Fault, Field, Repetition};
use lcr_model::{LocalId, NhsNumber, SourceIdentity};

use super::{Arrival, assigned::AssignedId, groups::Group, times, validity};

/// Types that mean the hospital's own number.
const MRN_TYPES: [&str; 6] = ["MR", "MRN", "MEDREC", "PI", "PT", "HOSP"];
/// The longest number of a person, in characters. It is written into every result.
const LONGEST_ID: usize = 250;

/// A person as one source names them.
#[derive(Debug, Clone)]
pub struct Named {
    pub identity: SourceIdentity,
    /// The local ids that versions before gave to the number, where the identity has a hash of it.
    pub in_clear: Vec<LocalId>,
    pub nhs_number: Option<NhsNumber>,
    /// Whether the number was verified, where its own repetition says so.
    pub verified: Option<bool>,
}

/// One identifier of a list (CX).
pub struct Identifier {
    number: String,
    pub authority: Option<String>,
    /// What its authority or type says of its being an NHS number.
    nhs: nhs::Authority,
    is_mrn: bool,
    /// `NSTS01` in any component: the status of an NHS number.
    status: Option<String>,
    in_force: bool,
}

impl Identifier {
    fn of(one: Repetition<'_>, at: Timestamp) -> Option<Self> {
        let (name, universal, kind) = (one.part(4), one.sub(4, 2), one.part(5));
        let said = [&name, &universal].into_iter().flatten().map(|text| nhs::authority(text));
        let said = said.fold(nhs::Authority::Other, |so_far, next| match so_far {
            nhs::Authority::Other => next,
            known => known,
        });
        let by_type = kind.as_deref().is_some_and(nhs::is_type);
        Some(Self {
            number: one.part(1)?,
            nhs: if by_type && said == nhs::Authority::Other { nhs::Authority::NhsNumber } else { said },
            authority: name.or(universal),
            is_mrn: kind.is_some_and(|kind| MRN_TYPES.iter().any(|one| one.eq_ignore_ascii_case(&kind))),
            status: (2..=10).filter_map(|part| one.part(part)).find(|text| text.starts_with("NSTS")),
            in_force: validity::in_force(one, validity::IDENTIFIER, at),
        })
    }

    pub fn says_nhs(&self) -> bool {
        self.nhs != nhs::Authority::Other
    }

    fn nhs_number(&self) -> Option<NhsNumber> {
        if self.says_nhs() && self.in_force { NhsNumber::parse(&self.number).ok() } else { None }
    }

    fn verified(&self) -> Option<bool> {
        let unverified = (self.nhs == nhs::Authority::Unverified).then_some(false);
        unverified.or_else(|| self.status.as_deref().map(|status| status == "NSTS01"))
    }

    pub fn local_id(&self, arrival: &Arrival<'_>) -> AssignedId {
        self.in_scope(arrival, scope(arrival, self.authority.as_deref()).as_deref())
    }

    /// As a number of that scope, whatever authority it names.
    pub fn in_scope(&self, arrival: &Arrival<'_>, scope: Option<&str>) -> AssignedId {
        let (key, source) = (arrival.local_ids, &arrival.system.id);
        if self.says_nhs() {
            AssignedId::of_nhs_number(key, source, scope, &self.number)
        } else {
            AssignedId::of(key, source, scope, &self.number)
        }
    }
}

/// Names the person of a group; a PID without any identifier is the sender's to correct.
pub fn named(arrival: &Arrival<'_>, group: &Group<'_>) -> Result<Named, Fault> {
    let ids = of_person(arrival, group);
    let local = || ids.iter().filter(|id| !id.says_nhs());
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
        (None, Some((number, _)), _) => {
            AssignedId::of(arrival.local_ids, &arrival.system.id, None, number.as_str())
        }
        (None, None, Some(unchecked)) => unchecked.local_id(arrival),
        (None, None, None) => {
            return Err(fault(Condition::RequiredField, "the patient has no identifier"));
        }
    };
    if assigned.id.0.chars().count() > LONGEST_ID {
        return Err(fault(Condition::DataType, "the patient's identifier is too long"));
    }
    let identity = SourceIdentity { source: arrival.system.id.clone(), local_id: assigned.id };
    let verified = number.as_ref().and_then(|(_, verified)| *verified);
    let nhs_number = number.map(|(number, _)| number);
    Ok(Named { identity, in_clear: assigned.in_clear, nhs_number, verified })
}

/// The one NHS number in force among `ids`, else in PID-2 or PID-4.
fn nhs_number(
    arrival: &Arrival<'_>,
    group: &Group<'_>,
    ids: &[Identifier],
) -> Option<(NhsNumber, Option<bool>)> {
    let others = || [2, 4].into_iter().flat_map(|field| list(arrival, group.field("PID", field)));
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

/// PID-3; where a sender may know only the older fields, PID-2 and PID-4.
pub fn of_person(arrival: &Arrival<'_>, group: &Group<'_>) -> Vec<Identifier> {
    let lists = [3, 2, 4].into_iter().map(|field| list(arrival, group.field("PID", field)));
    lists.into_iter().find(|ids| !ids.is_empty()).unwrap_or_default()
}

/// The identifiers of a field.
pub fn list(arrival: &Arrival<'_>, field: Field<'_>) -> Vec<Identifier> {
    let at = times::told_at(arrival);
    field.repetitions().filter_map(|one| Identifier::of(one, at)).collect()
}

/// The name that numbers of an authority carry: none for the sender's own. A number without an authority is the
/// sender's own.
pub fn scope(arrival: &Arrival<'_>, authority: Option<&str>) -> Option<String> {
    let anybody = arrival.system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty());
    let header = arrival.header;
    let facility = || [&header.facility, &header.application].into_iter().find(|name| !name.is_empty());
    let scope = match authority {
        None if anybody => facility().map(String::as_str),
        Some(name)
            if !anybody && (name == header.facility || name == arrival.system.organisation.as_str()) =>
        {
            None
        }
        authority => authority,
    };
    scope.map(str::to_owned)
}

/// The sender, within a source that takes any sender; empty for the others.
pub fn space(arrival: &Arrival<'_>) -> String {
    let anybody = arrival.system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty());
    if anybody { scope(arrival, None).unwrap_or_default() } else { String::new() }
}

/// A slash would end the id in a FHIR reference.
pub fn with_scope(number: &str, scope: Option<&str>) -> String {
    let number = number.replace('/', "%2F");
    scope.map_or(number.clone(), |scope| format!("{}:{number}", scope.replace('/', "%2F")))
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
