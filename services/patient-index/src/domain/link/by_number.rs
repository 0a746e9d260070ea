//! Who has an NHS number, and whether an arriving identity with that number is the same person. A known number with
//! another first name and another sex or birth date is a doubt, never a link.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, btree_map::Entry},
};

use jiff::civil::Date;
use lcr_contracts::events::SourcePatient;
use lcr_model::{PersonId, SourceIdentity};

use super::Incoming;
use crate::domain::first_name::{Named, clearly_differ};

/// An identity that has the number.
#[derive(Debug, Clone)]
pub struct Holder {
    pub identity: SourceIdentity,
    pub person: PersonId,
    pub birth_date: Option<Date>,
    pub given: String,
    pub family: String,
    pub sex: String,
    /// Whose word counts first: 0 the authority, 1 a GP system's own registration, 2 any other.
    pub rank: u8,
}

/// How two identities of one number differ beside the first name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Differs {
    pub sex: bool,
    pub birth_date: bool,
}

/// What a number says of an arriving identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It is this person.
    Person(PersonId),
    /// This person has the number and is clearly somebody else.
    Doubt(PersonId, Differs),
    /// The same, but the arriving source's word counts before that of everybody who has the number.
    Believed(PersonId, Differs),
    Nobody,
}

impl Holder {
    pub fn of(arrival: &Incoming, person: PersonId) -> Self {
        let patient = &arrival.patient;
        Self {
            identity: arrival.identity.clone(),
            person,
            birth_date: patient.birth_date,
            given: patient.given.clone(),
            family: patient.family.clone(),
            sex: patient.gender.clone(),
            rank: rank(patient.authority, patient.gp_registration),
        }
    }

    /// `None` where both may be one person.
    fn differs(&self, patient: &SourcePatient) -> Option<Differs> {
        let known = |sex: &str| matches!(sex, "female" | "male" | "other");
        let sex = known(&self.sex) && known(&patient.gender) && self.sex != patient.gender;
        let birth_date = self.birth_date.zip(patient.birth_date).is_some_and(|(one, other)| one != other);
        let first_name = clearly_differ(
            Named { given: &self.given, family: &self.family },
            Named { given: &patient.given, family: &patient.family },
        );
        (first_name && (sex || birth_date)).then_some(Differs { sex, birth_date })
    }
}

pub fn rank(authority: bool, gp_registration: bool) -> u8 {
    match (authority, gp_registration) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    }
}

/// What those of one person's identities say together that have the number.
#[derive(Clone, Copy)]
struct Together {
    rank: u8,
    /// How the arrival differs from every identity of this rank; `None` where it fits one.
    differs: Option<Differs>,
    same_birth_date: bool,
}

/// What `holders` of the arrival's number say of it. A person is matched by a birth date, unless those of their
/// identities whose word counts most all differ.
pub fn find(holders: &[Holder], arrival: &Incoming) -> Match {
    let patient = &arrival.patient;
    let mut people: BTreeMap<PersonId, Together> = BTreeMap::new();
    for holder in holders.iter().filter(|holder| holder.identity != arrival.identity) {
        let differs = holder.differs(patient);
        let same_birth_date = holder.birth_date.is_some() && holder.birth_date == patient.birth_date;
        let one = Together { rank: holder.rank, differs, same_birth_date };
        match people.entry(holder.person) {
            Entry::Vacant(place) => drop(place.insert(one)),
            Entry::Occupied(mut place) => place.get_mut().add(one),
        }
    }
    let fits = people.iter().find(|(_, one)| one.differs.is_none() && one.same_birth_date);
    if let Some((person, _)) = fits {
        return Match::Person(*person);
    }
    let mut doubts = people.iter().filter_map(|(person, one)| Some((*person, one.differs?, one.rank)));
    let rank = rank(patient.authority, patient.gp_registration);
    match doubts.next() {
        None => Match::Nobody,
        Some((person, differs, held)) if rank < held => Match::Believed(person, differs),
        Some((person, differs, _)) => Match::Doubt(person, differs),
    }
}

impl Together {
    fn add(&mut self, other: Self) {
        self.same_birth_date |= other.same_birth_date;
        match other.rank.cmp(&self.rank) {
            Ordering::Less => (self.rank, self.differs) = (other.rank, other.differs),
            Ordering::Equal => self.differs = self.differs.and(other.differs),
            Ordering::Greater => {}
        }
    }
}
