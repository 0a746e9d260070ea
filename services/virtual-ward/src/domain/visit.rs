//! Which messages of a visit make one stay (RULES.md, S1 to S10). A visit number is not a stay: hospitals give it to
//! another person, use it again, change it, and correct whose it is. Nothing of one person's stay may end up on
//! another's.

mod turns;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::spell::SpellMessage;
use lcr_model::{PersonId, SourceIdentity};

use super::{
    event_order::{Telling, in_told_order},
    fold,
    spell::{Spell, Warning},
};
use turns::Turn;

/// A number that its source merged into another one (A40).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    pub into: SourceIdentity,
    /// When the source said so.
    pub told: Timestamp,
}

/// Other systems of a hospital learn of a merge later. No number is given to somebody else so soon.
const STILL_ON_ITS_WAY: SignedDuration = SignedDuration::from_hours(24);

/// Who is who, as far as the messages of a visit need it.
#[derive(Debug, Clone, Default)]
pub struct Who {
    /// By the number that was merged.
    pub merged: HashMap<SourceIdentity, Merge>,
    /// Persons of the index, by identity.
    pub persons: HashMap<SourceIdentity, PersonId>,
}

/// A person for the purpose of telling one from another: two numbers of one person are one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Person {
    Known(PersonId),
    Number(SourceIdentity),
}

impl Who {
    /// The number that counts for what was told of `identity` at `told`: a number that was merged since is the number it
    /// was merged into; one that is used again after its merge is somebody else's.
    pub fn counts_as<'a>(&'a self, identity: &'a SourceIdentity, told: Timestamp) -> &'a SourceIdentity {
        let mut now = identity;
        // A chain of merges is short; a circle of them must end.
        for _ in 0..16 {
            let before = |merge: &&Merge| told.duration_since(merge.told) <= STILL_ON_ITS_WAY;
            match self.merged.get(now).filter(before) {
                Some(merge) if merge.into != *now => now = &merge.into,
                _ => break,
            }
        }
        now
    }

    fn person(&self, telling: &Telling<'_>) -> Person {
        let identity = self.counts_as(&telling.message.identity, telling.told);
        let known = self.persons.get(identity).copied();
        known.map_or_else(|| Person::Number(identity.clone()), Person::Known)
    }
}

/// One stay of a visit.
#[derive(Debug, Clone, PartialEq)]
pub struct Stay {
    /// The number of the person whose messages began it, and which of that person's stays of this visit it is: together
    /// they name the stay for as long as the visit has messages.
    pub began_as: SourceIdentity,
    pub nth: usize,
    pub spell: Spell,
}

/// The stays that the messages of one visit make, oldest first.
pub fn stays(messages: &[SpellMessage], who: &Who) -> Vec<Stay> {
    let tellings = fold::without_copies(&in_told_order(messages));
    let (turns, owners) = turns::turns(&tellings, who);
    let mut counts: HashMap<SourceIdentity, usize> = HashMap::new();
    let mut stays: Vec<Stay> = turns
        .iter()
        .enumerate()
        .map(|(at, turn)| {
            let nth = counts.entry(turn.began_as.clone()).or_default();
            *nth += 1;
            let mut spell = spell(turn, &owners, who);
            if turns::is_shared(&turns, at) {
                spell.warnings.insert(Warning::VisitShared);
            }
            Stay { began_as: turn.began_as.clone(), nth: *nth, spell }
        })
        .collect();
    correct(&turns, &mut stays);
    stays
}

/// S6: whoever was admitted by mistake is gone once somebody else is in the bed, and that row says whose visit it was.
fn correct(turns: &[Turn<'_>], stays: &mut [Stay]) {
    for (at, turn) in turns.iter().enumerate() {
        let Some(corrected) = turn.corrected.filter(|_| !turns::stands(turns, turn)) else { continue };
        let later = stays.iter_mut().skip(at + 1).find(|stay| stay.spell.counts());
        // The other admission was taken back: it was the mistake.
        let Some(later) = later else { continue };
        later.spell.warnings.insert(Warning::VisitCorrected);
        if let Some(stay) = stays.get_mut(at) {
            stay.spell.void = Some(corrected);
        }
    }
}

fn spell(turn: &Turn<'_>, owners: &turns::Owners, who: &Who) -> Spell {
    let own: Vec<bool> = turn.tellings.iter().map(|one| turn.is_own(owners, one)).collect();
    let mut spell = fold::fold_turn(&turn.tellings, &own);
    if let Some(last) = turn.tellings.last() {
        spell.identity = Some(who.counts_as(&last.message.identity, last.told).clone());
        spell.visit.clone_from(&last.message.visit);
    }
    if turn.given_on && own.contains(&false) {
        spell.warnings.insert(Warning::VisitCorrected);
    }
    spell.renumbered = turn.tellings.iter().any(|one| one.message.formerly.is_some());
    spell
}

/// The latest stay of a visit of people who are told apart by their numbers alone.
pub fn latest(messages: &[SpellMessage]) -> Spell {
    stays(messages, &Who::default()).pop().map(|stay| stay.spell).unwrap_or_default()
}

#[cfg(test)]
#[path = "visit_tests.rs"]
mod tests;
