//! Visit and account numbers as messages write them, and which stay a visit number has meant before.
//!
//! A number whose authority is left out is the one used before: `WV0801^^^PAS^VN` and `WV0801` are one visit, whichever
//! came first. Two different named authorities are two visits.

use std::collections::BTreeSet;

use lcr_model::{SourceId, SpellId};
use serde::{Deserialize, Serialize};

use super::{identity, values};

/// The most stays remembered of one visit number, and authorities of one sender.
const MOST_USES: usize = 20;

/// One number. It is about a person: it never prints itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    pub digits: String,
    /// The authority's name, as ids carry it; `None` for the sender's own numbers.
    pub scope: Option<String>,
    /// The message names the authority.
    pub named: bool,
    /// The sender, within a source that takes any sender.
    pub space: String,
}

impl Number {
    /// With the name of its authority.
    pub fn full(&self) -> String {
        identity::with_scope(&self.digits, self.scope.as_deref())
    }

    /// Whether both can be the same number: the same digits, and not two different authorities.
    pub fn is_same(&self, other: &Self) -> bool {
        self.digits == other.digits && (!self.named || !other.named || self.scope == other.scope)
    }
}

/// The numbers by which a message names a stay.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    /// PV1-19.
    pub visit: Option<Number>,
    /// PID-18.
    pub account: Option<Number>,
}

impl Numbers {
    pub fn is_empty(&self) -> bool {
        self.visit.is_none() && self.account.is_none()
    }
}

/// The stays that one visit number of a source has meant, the last used last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses(Vec<Use>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Use {
    /// `None` when the authority was left out.
    authority: Option<Authority>,
    stay: SpellId,
}

/// An authority by its scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Authority(Option<String>);

fn authority(number: &Number) -> Option<Authority> {
    number.named.then(|| Authority(number.scope.clone()))
}

impl Uses {
    /// The stay that `number` means, if it was used before.
    pub fn find(&self, number: &Number) -> Option<&SpellId> {
        let last = self.0.last()?;
        let Some(authority) = authority(number) else { return Some(&last.stay) };
        let same = self.0.iter().rev().find(|one| one.authority.as_ref() == Some(&authority));
        let nobody_named_one = self.0.iter().all(|one| one.authority.is_none());
        same.or(nobody_named_one.then_some(last)).map(|one| &one.stay)
    }

    /// Remembers that `number` means `stay`.
    pub fn note(&mut self, number: &Number, stay: &SpellId) {
        let now = Use { authority: authority(number), stay: stay.clone() };
        self.0.retain(|one| *one != now);
        self.0.push(now);
        if self.0.len() > MOST_USES {
            self.0.remove(0);
        }
    }
}

/// The authorities that a sender has named for visit numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorities(BTreeSet<Authority>);

impl Authorities {
    pub fn note(&mut self, number: &Number) {
        if self.0.len() < MOST_USES {
            self.0.extend(authority(number));
        }
    }

    /// The stay that a visit number names which was never used before.
    pub fn first_use(&self, source: &SourceId, number: &Number) -> SpellId {
        let sole = self.0.first().filter(|_| self.0.len() == 1 && !number.named);
        let full = sole.map_or_else(
            || number.full(),
            |Authority(scope)| identity::with_scope(&number.digits, scope.as_deref()),
        );
        values::spell_by_visit(source, &full)
    }
}

impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Number(…)")
    }
}

impl std::fmt::Debug for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Numbers(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str, authority: Option<&str>) -> Number {
        Number {
            digits: text.into(),
            scope: authority.map(str::to_owned),
            named: authority.is_some(),
            space: String::new(),
        }
    }

    /// The stay of each number in turn, as letters in order of first use.
    fn stays(numbers: &[(&str, Option<&str>)]) -> String {
        let (source, mut authorities) = (SourceId::new("st-hildas"), Authorities::default());
        let mut uses: std::collections::BTreeMap<&str, Uses> = std::collections::BTreeMap::new();
        let mut seen: Vec<SpellId> = vec![];
        let mut letters = String::new();
        for (text, name) in numbers {
            let number = number(text, *name);
            let uses = uses.entry(text).or_default();
            let stay = uses.find(&number).cloned().unwrap_or_else(|| authorities.first_use(&source, &number));
            uses.note(&number, &stay);
            authorities.note(&number);
            let at = seen.iter().position(|one| *one == stay).unwrap_or_else(|| {
                seen.push(stay.clone());
                seen.len() - 1
            });
            letters.push(char::from(b'a' + u8::try_from(at).unwrap()));
        }
        letters
    }

    #[test]
    fn an_authority_left_out_is_the_one_used_before_in_either_order() {
        assert_eq!(stays(&[("V1", Some("PAS")), ("V1", None), ("V1", Some("PAS"))]), "aaa");
        assert_eq!(stays(&[("V1", None), ("V1", Some("PAS")), ("V1", None)]), "aaa");
    }

    #[test]
    fn two_named_authorities_are_two_visits_and_a_bare_number_is_the_last_used() {
        assert_eq!(stays(&[("V1", Some("PAS")), ("V1", Some("ED")), ("V1", None)]), "abb");
        assert_eq!(
            stays(&[
                ("V1", Some("PAS")),
                ("V1", None),
                ("V1", Some("ED")),
                ("V1", Some("PAS")),
                ("V1", None)
            ]),
            "aabaa"
        );
    }

    #[test]
    fn a_new_bare_number_has_the_only_authority_that_the_sender_uses() {
        assert_eq!(
            stays(&[("V1", Some("PAS")), ("V2", None), ("V2", Some("PAS")), ("V2", Some("ED"))]),
            "abbc"
        );
        let (source, mut authorities) = (SourceId::new("x"), Authorities::default());
        authorities.note(&number("V1", Some("PAS")));
        let one = authorities.first_use(&source, &number("V9", None));
        assert_eq!(one, values::spell_by_visit(&source, "PAS:V9"));
        authorities.note(&number("V1", Some("ED")));
        assert_eq!(
            authorities.first_use(&source, &number("V9", None)),
            values::spell_by_visit(&source, "V9")
        );
    }
}
