//! Links identities to people: the same valid NHS number, the same birth date, and no clear sign of another person. Anything
//! less makes a new person, because a wrong merge is worse than a missed one. The result must not depend on
//! the order of arrival, and a known identity stays with its person.

mod attributes;
mod by_number;

use std::collections::{HashMap, HashSet};

use lcr_contracts::events::SourcePatient;
use lcr_model::{NhsNumber, PersonId, SourceIdentity};

use by_number::NumberMatch;
pub use by_number::{Differences, Holder, rank};

pub use attributes::{PersonAttributes, combine_attributes, is_superseded};

/// One identity with its demographics, as a source states them now.
#[derive(Debug, Clone)]
pub struct IdentityUpdate {
    pub identity: SourceIdentity,
    pub version: i64,
    pub patient: SourcePatient,
}

/// An identity that the index already has.
#[derive(Debug, Clone)]
pub struct StoredIdentity {
    pub person: PersonId,
    pub version: i64,
    pub number: Option<NhsNumber>,
    /// The number may be another person's, so it links nobody.
    pub number_doubted: bool,
}

/// The part of the index that a batch of updates affects.
#[derive(Debug, Default)]
pub struct IndexState {
    pub identities: HashMap<SourceIdentity, StoredIdentity>,
    /// The identities that have each NHS number without doubt.
    pub by_number: HashMap<NhsNumber, Vec<Holder>>,
    /// The numbers of people who also have an identity without a number.
    pub numbers: HashMap<PersonId, Vec<NhsNumber>>,
    /// Identities that a data steward separated from the person who has their number.
    pub kept_separate: HashSet<SourceIdentity>,
}

/// The reason of an identity that joined another person because its source learned the number.
pub const NUMBER_LEARNED: &str = "its source learned the NHS number";

/// The person to whom an updated identity belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    pub person: PersonId,
    pub new_person: bool,
    /// The previous person, if the identity moved.
    pub left: Option<PersonId>,
    pub because: &'static str,
    pub number_doubted: bool,
    /// The person who has the number, if this identity has it and is clearly another person.
    pub doubt: Option<(PersonId, Differences)>,
    /// The person who had the number, if this identity's source takes precedence over theirs.
    pub puts_in_doubt: Option<(PersonId, Differences)>,
}

impl Placement {
    fn new(person: PersonId, because: &'static str) -> Self {
        Self { person, new_person: false, left: None, because, number_doubted: false, doubt: None, puts_in_doubt: None }
    }
}

/// The NHS number, if its check digit is valid.
pub fn valid_number(patient: &SourcePatient) -> Option<NhsNumber> {
    patient.nhs_number.as_deref().and_then(|text| NhsNumber::parse(text).ok())
}

/// Places each update in order. `None` for one that is older than the stored identity. `mint` makes person ids.
pub fn place_identities(
    updates: &[IdentityUpdate],
    state: &mut IndexState,
    mut mint: impl FnMut() -> PersonId,
) -> Vec<Option<Placement>> {
    updates.iter().map(|update| place_identity(update, state, &mut mint)).collect()
}

fn place_identity(
    update: &IdentityUpdate,
    state: &mut IndexState,
    mint: &mut dyn FnMut() -> PersonId,
) -> Option<Placement> {
    let number = valid_number(&update.patient);
    let stored = state.identities.get(&update.identity).cloned();
    if stored.as_ref().is_some_and(|stored| stored.version >= update.version) {
        return None;
    }
    let number_match = match &number {
        Some(number) => by_number::match_number(state.by_number.get(number).map_or(&[][..], Vec::as_slice), update),
        None => NumberMatch::NoMatch,
    };
    let placed = match stored {
        None => place_by_match(number_match, None, mint),
        Some(stored) => place_known_identity(update, &stored, number.as_ref(), number_match, state, mint),
    };
    let is_doubted = placed.number_doubted;
    let stored = StoredIdentity {
        person: placed.person,
        version: update.version,
        number: number.clone(),
        number_doubted: is_doubted,
    };
    state.identities.insert(update.identity.clone(), stored);
    if let Some((person, _)) = placed.puts_in_doubt {
        for stored in state.identities.values_mut().filter(|one| one.person == person && one.number == number) {
            stored.number_doubted = true;
        }
    }
    if let Some(number) = number {
        let holders = state.by_number.entry(number).or_default();
        holders.retain(|holder| {
            holder.identity != update.identity && placed.puts_in_doubt.is_none_or(|(person, _)| holder.person != person)
        });
        if !is_doubted {
            holders.push(Holder::from_update(update, placed.person));
        }
    }
    Some(placed)
}

/// Places an identity that is new, or that leaves its person, by the match of its number.
fn place_by_match(number_match: NumberMatch, left: Option<PersonId>, mint: &mut dyn FnMut() -> PersonId) -> Placement {
    let new = |mint: &mut dyn FnMut() -> PersonId| Placement {
        new_person: true,
        left,
        ..Placement::new(mint(), "first seen")
    };
    match number_match {
        NumberMatch::Person(person) => {
            Placement { left, ..Placement::new(person, "same NHS number and date of birth") }
        }
        NumberMatch::NoMatch => new(mint),
        NumberMatch::Doubt(person, differs) => {
            Placement { number_doubted: true, doubt: Some((person, differs)), ..new(mint) }
        }
        NumberMatch::TakesOver(person, differs) => Placement { puts_in_doubt: Some((person, differs)), ..new(mint) },
    }
}

fn place_known_identity(
    update: &IdentityUpdate,
    stored: &StoredIdentity,
    number: Option<&NhsNumber>,
    number_match: NumberMatch,
    state: &IndexState,
    mint: &mut dyn FnMut() -> PersonId,
) -> Placement {
    let unchanged = Placement::new(stored.person, "known identity");
    match (&stored.number, number) {
        // Another number under a known id: the source reused the id or confused two people. Their data must not stay in
        // one record.
        (Some(had), Some(new)) if had != new => place_by_match(number_match, Some(stored.person), mint),
        (Some(_), Some(_)) if !stored.number_doubted => unchanged,
        // The number was in doubt. The source may have corrected the difference.
        (Some(_), Some(_)) => match number_match {
            NumberMatch::Person(person)
                if person != stored.person && !state.kept_separate.contains(&update.identity) =>
            {
                place_by_match(NumberMatch::Person(person), Some(stored.person), mint)
            }
            NumberMatch::Doubt(person, differs) => {
                Placement { number_doubted: true, doubt: Some((person, differs)), ..unchanged }
            }
            NumberMatch::NoMatch if !state.kept_separate.contains(&update.identity) => unchanged,
            _ => Placement { number_doubted: true, ..unchanged },
        },
        // The source learned the number later. The identity joins the person who has it.
        (None, Some(new)) => match number_match {
            NumberMatch::Person(person) if person != stored.person => Placement {
                because: NUMBER_LEARNED,
                ..place_by_match(NumberMatch::Person(person), Some(stored.person), mint)
            },
            number_match if has_other_number(state, stored.person, new) => {
                place_by_match(number_match, Some(stored.person), mint)
            }
            NumberMatch::Doubt(person, differs) if person != stored.person => {
                Placement { number_doubted: true, doubt: Some((person, differs)), ..unchanged }
            }
            NumberMatch::TakesOver(person, differs) if person != stored.person => {
                Placement { puts_in_doubt: Some((person, differs)), ..unchanged }
            }
            _ => unchanged,
        },
        (_, None) => unchanged,
    }
}

/// Whether the person is known by another number only.
fn has_other_number(state: &IndexState, person: PersonId, new: &NhsNumber) -> bool {
    state.numbers.get(&person).is_some_and(|stored| !stored.is_empty() && !stored.contains(new))
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
