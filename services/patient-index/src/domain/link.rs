//! Who is linked to whom, deterministically: the same valid NHS number, the same birth date, and no clear sign that
//! it is somebody else. Anything less makes a new person; a wrong merge is worse than a missed one. A
//! known identity stays with its person.

mod by_number;

use std::collections::{HashMap, HashSet};

use lcr_contracts::events::SourcePatient;
use lcr_model::{NhsNumber, OdsCode, PersonId, SourceIdentity, local_id_key::holds_nhs_number};

use by_number::Match;
pub use by_number::{Differs, Holder, rank};

/// What a source says now.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub identity: SourceIdentity,
    pub version: i64,
    pub patient: SourcePatient,
}

/// An identity the index has already.
#[derive(Debug, Clone)]
pub struct Known {
    pub person: PersonId,
    pub version: i64,
    pub number: Option<NhsNumber>,
    /// Its number may be somebody else's: it makes nobody the same person.
    pub number_doubted: bool,
}

/// What is already held, as far as the incoming touch it.
#[derive(Debug, Default)]
pub struct Held {
    pub identities: HashMap<SourceIdentity, Known>,
    /// Who has each NHS number undoubted.
    pub by_number: HashMap<NhsNumber, Vec<Holder>>,
    /// The numbers of people one of whose identities has none yet.
    pub numbers: HashMap<PersonId, Vec<NhsNumber>>,
    /// Identities a data steward has kept apart from the person who has their number.
    pub kept_apart: HashSet<SourceIdentity>,
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
    pub number_doubted: bool,
    /// The person who has the number, where this identity has it and is clearly somebody else.
    pub doubt: Option<(PersonId, Differs)>,
    /// The person who had the number until now, where this identity's source is to be believed before theirs.
    pub puts_in_doubt: Option<(PersonId, Differs)>,
}

impl Placed {
    fn new(person: PersonId, because: &'static str) -> Self {
        Self {
            person,
            new_person: false,
            left: None,
            because,
            number_doubted: false,
            doubt: None,
            puts_in_doubt: None,
        }
    }
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
    incoming.iter().map(|arrival| place_one(arrival, held, &mut mint)).collect()
}

fn place_one(arrival: &Incoming, held: &mut Held, mint: &mut dyn FnMut() -> PersonId) -> Option<Placed> {
    let number = valid_number(&arrival.patient);
    let known = held.identities.get(&arrival.identity).cloned();
    if known.as_ref().is_some_and(|known| known.version >= arrival.version) {
        return None;
    }
    let found = match &number {
        Some(number) => by_number::find(held.by_number.get(number).map_or(&[][..], Vec::as_slice), arrival),
        None => Match::Nobody,
    };
    let placed = match known {
        None => by_match(found, None, mint),
        Some(known) => place_known(arrival, &known, number.as_ref(), found, held, mint),
    };
    let doubted = placed.number_doubted;
    let known = Known {
        person: placed.person,
        version: arrival.version,
        number: number.clone(),
        number_doubted: doubted,
    };
    held.identities.insert(arrival.identity.clone(), known);
    if let Some((person, _)) = placed.puts_in_doubt {
        for known in held.identities.values_mut().filter(|one| one.person == person && one.number == number) {
            known.number_doubted = true;
        }
    }
    if let Some(number) = number {
        let holders = held.by_number.entry(number).or_default();
        holders.retain(|holder| {
            holder.identity != arrival.identity
                && placed.puts_in_doubt.is_none_or(|(person, _)| holder.person != person)
        });
        if !doubted {
            holders.push(Holder::of(arrival, placed.person));
        }
    }
    Some(placed)
}

/// Where an identity with this match goes that is not with its person any more, or never was with anybody.
fn by_match(found: Match, left: Option<PersonId>, mint: &mut dyn FnMut() -> PersonId) -> Placed {
    let new = |mint: &mut dyn FnMut() -> PersonId| Placed {
        new_person: true,
        left,
        ..Placed::new(mint(), "first seen")
    };
    match found {
        Match::Person(person) => Placed { left, ..Placed::new(person, "same NHS number and date of birth") },
        Match::Nobody => new(mint),
        Match::Doubt(person, differs) => {
            Placed { number_doubted: true, doubt: Some((person, differs)), ..new(mint) }
        }
        Match::Believed(person, differs) => Placed { puts_in_doubt: Some((person, differs)), ..new(mint) },
    }
}

fn place_known(
    arrival: &Incoming,
    known: &Known,
    number: Option<&NhsNumber>,
    found: Match,
    held: &Held,
    mint: &mut dyn FnMut() -> PersonId,
) -> Placed {
    let stays = Placed::new(known.person, "known identity");
    match (&known.number, number) {
        // Another number under a known id: the source gave the id to somebody else, or took somebody for
        // somebody else. Their data must not go on pouring into one record.
        (Some(had), Some(new)) if had != new => by_match(found, Some(known.person), mint),
        (Some(_), Some(_)) if !known.number_doubted => stays,
        // In doubt until now: its source may have corrected what made it differ.
        (Some(_), Some(_)) => match found {
            Match::Person(person)
                if person != known.person && !held.kept_apart.contains(&arrival.identity) =>
            {
                by_match(Match::Person(person), Some(known.person), mint)
            }
            Match::Doubt(person, differs) => {
                Placed { number_doubted: true, doubt: Some((person, differs)), ..stays }
            }
            Match::Nobody if !held.kept_apart.contains(&arrival.identity) => stays,
            _ => Placed { number_doubted: true, ..stays },
        },
        // A number learned late: it is the person's who has it, unless the one it was with has another.
        (None, Some(new)) => match found {
            Match::Person(person) if person != known.person => {
                Placed { because: LEARNED, ..by_match(Match::Person(person), Some(known.person), mint) }
            }
            found if has_another(held, known.person, new) => by_match(found, Some(known.person), mint),
            Match::Doubt(person, differs) if person != known.person => {
                Placed { number_doubted: true, doubt: Some((person, differs)), ..stays }
            }
            Match::Believed(person, differs) if person != known.person => {
                Placed { puts_in_doubt: Some((person, differs)), ..stays }
            }
            _ => stays,
        },
        (_, None) => stays,
    }
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

/// Whether what a source said of a person under `identity` is old: an NHS number in clear, from the version before, where
/// the same source has since spoken of them under its hash.
pub fn is_superseded(identity: &SourceIdentity, all: &[SourceIdentity]) -> bool {
    let by_hash = |one: &SourceIdentity| one.source == identity.source && one.local_id.is_hash();
    !identity.local_id.is_hash() && holds_nhs_number(&identity.local_id.0) && all.iter().any(by_hash)
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
