//! Who is linked to whom, deterministically: the same valid NHS number and the same birth date. Anything less
//! makes a new person; a wrong merge is worse than a missed one. A known identity stays with its
//! person.

use std::collections::HashMap;

use jiff::civil::Date;
use lcr_contracts::events::SourcePatient;
use lcr_model::{NhsNumber, OdsCode, PersonId, SourceIdentity};

/// What a source says now.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub identity: SourceIdentity,
    pub version: i64,
    pub patient: SourcePatient,
}

/// What is already held, as far as the incoming touch it.
#[derive(Debug, Default)]
pub struct Held {
    /// Known identities: whose, the version held, and the NHS number they had.
    pub identities: HashMap<SourceIdentity, (PersonId, i64, Option<NhsNumber>)>,
    /// People by NHS number and birth date.
    pub by_number: HashMap<(NhsNumber, Date), PersonId>,
    /// The numbers of people one of whose identities has none yet.
    pub numbers: HashMap<PersonId, Vec<NhsNumber>>,
}

/// Why an identity joined a person it was not with: its source learned the number.
pub const LEARNED: &str = "its source learned the NHS number";

/// Where an incoming identity goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub person: PersonId,
    pub new_person: bool,
    /// The person it was with until now, where the source gave the id to somebody else.
    pub left: Option<PersonId>,
    pub because: &'static str,
}

/// The NHS number, if its check digit holds.
pub fn valid_number(patient: &SourcePatient) -> Option<NhsNumber> {
    patient.nhs_number.as_deref().and_then(|text| NhsNumber::parse(text).ok())
}

/// Places each in order; `None` for one that is older than what is held. `mint` makes ids.
pub fn place(
    incoming: &[Incoming],
    held: &mut Held,
    mut mint: impl FnMut() -> PersonId,
) -> Vec<Option<Placed>> {
    let mut one = |arrival: &Incoming| {
        let number = valid_number(&arrival.patient);
        let key = number.clone().zip(arrival.patient.birth_date);
        let known = held.identities.get(&arrival.identity).cloned();
        let by_number = key.as_ref().and_then(|key| held.by_number.get(key)).copied();
        let fresh = |left: Option<PersonId>, mint: &mut dyn FnMut() -> PersonId| match by_number {
            Some(person) => {
                Placed { person, new_person: false, left, because: "same NHS number and date of birth" }
            }
            None => Placed { person: mint(), new_person: true, left, because: "first seen" },
        };
        let placed = match known {
            Some((_, version, _)) if version >= arrival.version => return None,
            // Another number under a known id: the source gave the id to somebody else, or took somebody for
            // somebody else. Their data must not go on pouring into one record.
            Some((person, _, had)) if had.is_some() && number.is_some() && had != number => {
                fresh(Some(person), &mut mint)
            }
            // A number learned late: it is the person's who has it, unless the one it was with has another.
            Some((person, _, None)) if by_number.is_some_and(|other| other != person) => {
                Placed { because: LEARNED, ..fresh(Some(person), &mut mint) }
            }
            Some((person, _, None)) if number.as_ref().is_some_and(|new| has_another(held, person, new)) => {
                fresh(Some(person), &mut mint)
            }
            Some((person, ..)) => Placed { person, new_person: false, left: None, because: "known identity" },
            None => fresh(None, &mut mint),
        };
        held.identities.insert(arrival.identity.clone(), (placed.person, arrival.version, number));
        if let Some(key) = key {
            held.by_number.entry(key).or_insert(placed.person);
        }
        Some(placed)
    };
    incoming.iter().map(&mut one).collect()
}

/// Whether the person is known by another number than this.
fn has_another(held: &Held, person: PersonId, new: &NhsNumber) -> bool {
    held.numbers.get(&person).is_some_and(|known| !known.is_empty() && !known.contains(new))
}

/// What a person's identities say together, by whose word counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    pub practice: Option<OdsCode>,
    pub restricted: bool,
    pub died: bool,
}

impl Standing {
    pub fn marks(&self) -> Vec<String> {
        let marks = [(self.restricted, "restricted"), (self.died, "died")];
        marks.into_iter().filter(|(set, _)| *set).map(|(_, mark)| mark.to_owned()).collect()
    }
}

/// The authority alone says restriction and death; the practice is the authority's word, else the GP system's
/// own registration, else where the source was told to place people no one else knows.
pub fn standing(patients: &[&SourcePatient]) -> Standing {
    let authority = || patients.iter().filter(|patient| patient.authority);
    let practice_of = |want: fn(&SourcePatient) -> bool| {
        patients.iter().filter(|patient| want(patient)).find_map(|patient| patient.practice.clone())
    };
    Standing {
        practice: practice_of(|p| p.authority)
            .or_else(|| practice_of(|p| p.gp_registration))
            .or_else(|| practice_of(|p| !p.authority && !p.gp_registration)),
        restricted: authority().any(|patient| patient.restricted),
        died: authority().any(|patient| patient.died),
    }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
