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
mod tests {
    use super::*;

    fn number(text: &str, authority: Option<&str>) -> StayNumber {
        StayNumber {
            digits: text.into(),
            scope: authority.map(str::to_owned),
            named: authority.is_some(),
            space: String::new(),
        }
    }

    /// The stay of each number, as letters in order of first use.
    fn stays(numbers: &[(&str, Option<&str>)]) -> String {
        let (source, mut authorities) = (SourceId::new("st-hildas"), AuthoritySet::default());
        let mut uses: std::collections::BTreeMap<&str, VisitNumberUses> = std::collections::BTreeMap::new();
        let mut seen: Vec<SpellId> = vec![];
        let mut letters = String::new();
        for (text, name) in numbers {
            let number = number(text, *name);
            let uses = uses.entry(text).or_default();
            let stay = uses.find(&number).cloned().unwrap_or_else(|| authorities.new_stay(&source, &number));
            uses.record(&number, &stay);
            authorities.record(&number);
            let at = seen.iter().position(|one| *one == stay).unwrap_or_else(|| {
                seen.push(stay.clone());
                seen.len() - 1
            });
            letters.push(char::from(b'a' + u8::try_from(at).unwrap()));
        }
        letters
    }

    #[test]
    fn a_number_without_authority_names_the_stay_used_before() {
        assert_eq!(stays(&[("V1", Some("PAS")), ("V1", None), ("V1", Some("PAS"))]), "aaa");
        assert_eq!(stays(&[("V1", None), ("V1", Some("PAS")), ("V1", None)]), "aaa");
    }

    #[test]
    fn two_authorities_are_two_visits_and_a_bare_number_means_the_last_used() {
        assert_eq!(stays(&[("V1", Some("PAS")), ("V1", Some("ED")), ("V1", None)]), "abb");
        assert_eq!(
            stays(&[("V1", Some("PAS")), ("V1", None), ("V1", Some("ED")), ("V1", Some("PAS")), ("V1", None)]),
            "aabaa"
        );
    }

    #[test]
    fn a_new_number_without_authority_gets_the_senders_only_authority() {
        assert_eq!(stays(&[("V1", Some("PAS")), ("V2", None), ("V2", Some("PAS")), ("V2", Some("ED"))]), "abbc");
        let (source, mut authorities) = (SourceId::new("x"), AuthoritySet::default());
        authorities.record(&number("V1", Some("PAS")));
        let one = authorities.new_stay(&source, &number("V9", None));
        assert_eq!(one, hashed_ids::spell_by_visit(&source, "PAS:V9"));
        authorities.record(&number("V1", Some("ED")));
        assert_eq!(authorities.new_stay(&source, &number("V9", None)), hashed_ids::spell_by_visit(&source, "V9"));
    }
}
