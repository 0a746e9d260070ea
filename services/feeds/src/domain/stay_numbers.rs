//! Visit and account numbers, and the stays that a visit number has named before.
//!
//! A number without an authority means the stay it last named: `WV0801^^^PAS^VN` and `WV0801` are one visit, in either
//! order. Numbers of two named authorities must never become one visit.

use std::collections::BTreeSet;

use lcr_model::{SourceId, SpellId};
use serde::{Deserialize, Serialize};

use super::{hashed_ids, identity};

/// The most stays stored per visit number, and authorities per sender.
const MAX_USES: usize = 20;

/// A visit or account number. It identifies a person, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayNumber {
    pub digits: String,
    /// The authority's name in ids. `None` for the sender's own numbers.
    pub scope: Option<String>,
    /// Whether the message names the authority.
    pub named: bool,
    /// The sender, in a source that accepts any sender. Else empty.
    pub space: String,
}

impl StayNumber {
    /// The number with its authority's name.
    pub fn qualified(&self) -> String {
        identity::with_scope(&self.digits, self.scope.as_deref())
    }

    /// Whether both can be one number: the same digits and not two different named authorities.
    pub fn can_be_same(&self, other: &Self) -> bool {
        self.digits == other.digits && (!self.named || !other.named || self.scope == other.scope)
    }
}

/// The numbers that identify a stay in a message.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StayNumbers {
    /// PV1-19.
    pub visit: Option<StayNumber>,
    /// PID-18.
    pub account: Option<StayNumber>,
}

impl StayNumbers {
    pub fn is_empty(&self) -> bool {
        self.visit.is_none() && self.account.is_none()
    }
}

/// The stays that a source's visit number has named, the last used last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitNumberUses(Vec<VisitNumberUse>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct VisitNumberUse {
    /// `None` if the message left out the authority.
    authority: Option<Authority>,
    stay: SpellId,
}

/// An authority, by the name that ids carry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Authority(Option<String>);

fn authority(number: &StayNumber) -> Option<Authority> {
    number.named.then(|| Authority(number.scope.clone()))
}

impl VisitNumberUses {
    /// The stay that `number` names, if the number was used before.
    pub fn find(&self, number: &StayNumber) -> Option<&SpellId> {
        let last = self.0.last()?;
        let Some(authority) = authority(number) else { return Some(&last.stay) };
        let same = self.0.iter().rev().find(|one| one.authority.as_ref() == Some(&authority));
        let none_named = self.0.iter().all(|one| one.authority.is_none());
        same.or(none_named.then_some(last)).map(|one| &one.stay)
    }

    /// Records that `number` names `stay`.
    pub fn record(&mut self, number: &StayNumber, stay: &SpellId) {
        let latest = VisitNumberUse { authority: authority(number), stay: stay.clone() };
        self.0.retain(|one| *one != latest);
        self.0.push(latest);
        if self.0.len() > MAX_USES {
            self.0.remove(0);
        }
    }
}

/// The authorities that a sender has used for visit numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthoritySet(BTreeSet<Authority>);

impl AuthoritySet {
    pub fn record(&mut self, number: &StayNumber) {
        if self.0.len() < MAX_USES {
            self.0.extend(authority(number));
        }
    }

    /// The id of the stay that a new visit number names.
    pub fn new_stay(&self, source: &SourceId, number: &StayNumber) -> SpellId {
        let sole = self.0.first().filter(|_| self.0.len() == 1 && !number.named);
        let full = sole.map_or_else(
            || number.qualified(),
            |Authority(scope)| identity::with_scope(&number.digits, scope.as_deref()),
        );
        hashed_ids::spell_by_visit(source, &full)
    }
}

impl std::fmt::Debug for StayNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StayNumber(…)")
    }
}

impl std::fmt::Debug for StayNumbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StayNumbers(…)")
    }
}

#[cfg(test)]
#[path = "stay_numbers_tests.rs"]
mod tests;
