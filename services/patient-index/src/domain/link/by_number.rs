//! Matches an update by its NHS number with the people who have that number. A known number with another first name and
//! another sex or birth date is a doubt, and must never be a link.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, btree_map::Entry},
};

use jiff::civil::Date;
use lcr_contracts::events::SourcePatient;
use lcr_model::{PersonId, SourceIdentity};

use super::IdentityUpdate;
use crate::domain::first_name::{FullName, clearly_differ};

/// An identity that has the number.
#[derive(Debug, Clone)]
pub struct Holder {
    pub identity: SourceIdentity,
    pub person: PersonId,
    pub birth_date: Option<Date>,
    pub given: String,
    pub family: String,
    pub sex: String,
    /// The source's precedence: 0 the authority, 1 a GP system's own registration, 2 any other.
    pub rank: u8,
}

/// How two identities of one number differ besides the first name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Differences {
    pub sex: bool,
    pub birth_date: bool,
}

/// The match of an update by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberMatch {
    /// The update is about this person.
    Person(PersonId),
    /// This person has the number and is clearly another person.
    Doubt(PersonId, Differences),
    /// This person has the number and is clearly another person, but the update's source takes precedence.
    TakesOver(PersonId, Differences),
    NoMatch,
}

impl Holder {
    pub fn from_update(update: &IdentityUpdate, person: PersonId) -> Self {
        let patient = &update.patient;
        Self {
            identity: update.identity.clone(),
            person,
            birth_date: patient.birth_date,
            given: patient.given.clone(),
            family: patient.family.clone(),
            sex: patient.gender.clone(),
            rank: rank(patient.authority, patient.gp_registration),
        }
    }

    /// The differences. `None` if both may be one person.
    fn differences(&self, patient: &SourcePatient) -> Option<Differences> {
        let known = |sex: &str| matches!(sex, "female" | "male" | "other");
        let sex = known(&self.sex) && known(&patient.gender) && self.sex != patient.gender;
        let birth_date = self.birth_date.zip(patient.birth_date).is_some_and(|(known, new)| known != new);
        let first_name = clearly_differ(
            FullName { given: &self.given, family: &self.family },
            FullName { given: &patient.given, family: &patient.family },
        );
        (first_name && (sex || birth_date)).then_some(Differences { sex, birth_date })
    }
}

pub fn rank(authority: bool, gp_registration: bool) -> u8 {
    match (authority, gp_registration) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    }
}

/// The combined evidence of one person's identities with the number.
#[derive(Clone, Copy)]
struct PersonEvidence {
    rank: u8,
    /// How the update differs from every identity of this rank. `None` if it fits one of them.
    differences: Option<Differences>,
    same_birth_date: bool,
}

/// Matches the update with the holders of its number. A person matches by birth date, unless all their identities of the
/// highest precedence differ.
pub fn match_number(holders: &[Holder], update: &IdentityUpdate) -> NumberMatch {
    let patient = &update.patient;
    let mut people: BTreeMap<PersonId, PersonEvidence> = BTreeMap::new();
    for holder in holders.iter().filter(|holder| holder.identity != update.identity) {
        let differences = holder.differences(patient);
        let same_birth_date = holder.birth_date.is_some() && holder.birth_date == patient.birth_date;
        let evidence = PersonEvidence { rank: holder.rank, differences, same_birth_date };
        match people.entry(holder.person) {
            Entry::Vacant(entry) => drop(entry.insert(evidence)),
            Entry::Occupied(mut entry) => entry.get_mut().add(evidence),
        }
    }
    let fits = people.iter().find(|(_, evidence)| evidence.differences.is_none() && evidence.same_birth_date);
    if let Some((person, _)) = fits {
        return NumberMatch::Person(*person);
    }
    let mut doubts =
        people.iter().filter_map(|(person, evidence)| Some((*person, evidence.differences?, evidence.rank)));
    let rank = rank(patient.authority, patient.gp_registration);
    match doubts.next() {
        None => NumberMatch::NoMatch,
        Some((person, differences, holder_rank)) if rank < holder_rank => NumberMatch::TakesOver(person, differences),
        Some((person, differences, _)) => NumberMatch::Doubt(person, differences),
    }
}

impl PersonEvidence {
    fn add(&mut self, other: Self) {
        self.same_birth_date |= other.same_birth_date;
        match other.rank.cmp(&self.rank) {
            Ordering::Less => (self.rank, self.differences) = (other.rank, other.differences),
            Ordering::Equal => self.differences = self.differences.and(other.differences),
            Ordering::Greater => {}
        }
    }
}
