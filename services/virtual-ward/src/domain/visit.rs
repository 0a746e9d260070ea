//! Folds the messages of a visit into stays (RULES.md, S1 to S10). A visit number is not a stay: hospitals reuse it, change
//! it, and correct whose it is. Data of one person must never appear on another person's stay.

mod stay_messages;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::spell::SpellMessage;
use lcr_model::{PersonId, SourceIdentity};

use super::{
    event_order::{OrderedMessage, in_message_order},
    fold,
    spell::{Spell, Warning},
};
use stay_messages::{MessageOwners, StayMessages};

/// A merge of one patient number into another (A40).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    pub into: SourceIdentity,
    /// The message time of the merge.
    pub merged_at: Timestamp,
}

/// Other systems of a hospital may use a merged number for this long. No hospital reuses a number so soon.
const MERGE_GRACE_PERIOD: SignedDuration = SignedDuration::from_hours(24);

/// Resolves the numbers in a visit's messages to persons.
#[derive(Debug, Clone, Default)]
pub struct IdentityResolver {
    /// Merges, by the number that was merged away.
    pub merged: HashMap<SourceIdentity, Merge>,
    /// Persons of the index, by identity.
    pub persons: HashMap<SourceIdentity, PersonId>,
}

/// A key that is equal for all numbers of one person.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PersonKey {
    Known(PersonId),
    Number(SourceIdentity),
}

impl IdentityResolver {
    /// The surviving number for a message about `identity`. A number that is used after its merge belongs to a new person
    /// and resolves to itself.
    pub fn resolve<'a>(&'a self, identity: &'a SourceIdentity, message_time: Timestamp) -> &'a SourceIdentity {
        let mut current = identity;
        // Chains of merges are short; the limit ends a circle.
        for _ in 0..16 {
            let applies = |merge: &&Merge| message_time.duration_since(merge.merged_at) <= MERGE_GRACE_PERIOD;
            match self.merged.get(current).filter(applies) {
                Some(merge) if merge.into != *current => current = &merge.into,
                _ => break,
            }
        }
        current
    }

    fn person_key(&self, ordered: &OrderedMessage<'_>) -> PersonKey {
        let identity = self.resolve(&ordered.message.identity, ordered.message_time);
        let known = self.persons.get(identity).copied();
        known.map_or_else(|| PersonKey::Number(identity.clone()), PersonKey::Known)
    }
}

/// One stay of a visit.
#[derive(Debug, Clone, PartialEq)]
pub struct Stay {
    /// The number of the person whose message began the stay.
    pub first_identity: SourceIdentity,
    /// Which of that person's stays in this visit it is, from 1. Both together identify the stay within the visit.
    pub nth: usize,
    pub spell: Spell,
}

/// Folds the messages of one visit into its stays, oldest first.
pub fn fold_visit(messages: &[SpellMessage], resolver: &IdentityResolver) -> Vec<Stay> {
    let ordered = fold::remove_copies(&in_message_order(messages));
    let (parts, owners) = stay_messages::split_visit(&ordered, resolver);
    let mut counts: HashMap<SourceIdentity, usize> = HashMap::new();
    let mut stays: Vec<Stay> = parts
        .iter()
        .enumerate()
        .map(|(at, part)| {
            let nth = counts.entry(part.first_identity.clone()).or_default();
            *nth += 1;
            let mut spell = fold_part(part, &owners, resolver);
            if stay_messages::is_number_shared(&parts, at) {
                spell.warnings.insert(Warning::VisitShared);
            }
            Stay { first_identity: part.first_identity.clone(), nth: *nth, spell }
        })
        .collect();
    void_mistaken_stays(&parts, &mut stays);
    stays
}

/// S6: voids a stay whose visit the hospital corrected to another person. The later stay carries a warning.
fn void_mistaken_stays(parts: &[StayMessages<'_>], stays: &mut [Stay]) {
    for (at, part) in parts.iter().enumerate() {
        let reassigned_at = part.reassigned_at.filter(|_| !stay_messages::is_valid(parts, part));
        let Some(reassigned_at) = reassigned_at else { continue };
        let later = stays.iter_mut().skip(at + 1).find(|stay| stay.spell.is_actual_stay());
        // Without a later stay, the other admission was the mistake and was cancelled.
        let Some(later) = later else { continue };
        later.spell.warnings.insert(Warning::VisitCorrected);
        if let Some(stay) = stays.get_mut(at) {
            stay.spell.void = Some(reassigned_at);
        }
    }
}

fn fold_part(part: &StayMessages<'_>, owners: &MessageOwners, resolver: &IdentityResolver) -> Spell {
    let own: Vec<bool> = part.messages.iter().map(|one| part.is_own(owners, one)).collect();
    let mut spell = fold::fold_stay(&part.messages, &own);
    if let Some(last) = part.messages.last() {
        spell.identity = Some(resolver.resolve(&last.message.identity, last.message_time).clone());
        spell.visit.clone_from(&last.message.visit);
    }
    if part.reassigned_by_update && own.contains(&false) {
        spell.warnings.insert(Warning::VisitCorrected);
    }
    spell.renumbered = part.messages.iter().any(|one| one.message.formerly.is_some());
    spell
}

/// The latest stay of a visit, with each number taken as a person of its own.
pub fn fold_latest(messages: &[SpellMessage]) -> Spell {
    fold_visit(messages, &IdentityResolver::default()).pop().map(|stay| stay.spell).unwrap_or_default()
}

#[cfg(test)]
#[path = "visit_tests.rs"]
mod tests;
