//! What identity is known to hold: the systems of the last set it was told. Not kept: after a start nobody knows, until the
//! first push, and then nothing may be concluded.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use lcr_contracts::identity::System;

/// What became of the last set.
#[derive(Debug, Default)]
pub struct Registered(Mutex<Option<Answered>>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Answered {
    taken: BTreeMap<String, System>,
    /// And why.
    refused: BTreeMap<String, String>,
}

impl Registered {
    /// Whether identity holds this very row; unknown before the first push.
    pub fn holds(&self, row: &System) -> Option<bool> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().map(|held| held.taken.get(row.id.as_str()) == Some(row))
    }

    /// Why identity did not take it.
    pub fn refused(&self, id: &str) -> Option<String> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().and_then(|held| held.refused.get(id).cloned())
    }

    /// Identity took these but for those it refused; the names of those for which anything differs now.
    pub fn took(&self, systems: Vec<System>, refused: BTreeMap<String, String>) -> Vec<String> {
        let taken = systems.into_iter().filter(|one| !refused.contains_key(one.id.as_str()));
        let now = Answered { taken: taken.map(|one| (one.id.to_string(), one)).collect(), refused };
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = held.replace(now.clone()).unwrap_or_default();
        let names = now.taken.keys().chain(now.refused.keys());
        let same = |name: &String| {
            before.taken.get(name) == now.taken.get(name) && before.refused.get(name) == now.refused.get(name)
        };
        names.filter(|name| !same(name)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use lcr_model::{OdsCode, SourceId};

    use super::*;

    fn system(id: &str) -> System {
        System {
            id: SourceId::new(id),
            name: id.into(),
            organisation: OdsCode::new("RR8"),
            base_url: String::new(),
            kind: "hospital".into(),
            authority: false,
            discreet: false,
            datasets: BTreeMap::new(),
            rhythm: "real-time".into(),
            default_practice: None,
            suspended: false,
            feed: None,
        }
    }

    #[test]
    fn what_identity_refuses_is_not_held_and_keeps_its_reason_until_it_is_taken() {
        let registered = Registered::default();
        assert_eq!(registered.holds(&system("pas")), None);
        let why = BTreeMap::from([("nhs-login".to_owned(), "a name of our own".to_owned())]);
        let both = || vec![system("pas"), system("nhs-login")];
        assert_eq!(registered.took(both(), why.clone()), ["pas", "nhs-login"]);
        assert_eq!(registered.holds(&system("nhs-login")), Some(false));
        assert_eq!(registered.refused("nhs-login").as_deref(), Some("a name of our own"));
        assert!(registered.took(both(), why).is_empty(), "nothing differs");
        assert_eq!(registered.took(both(), BTreeMap::new()), ["nhs-login"]);
        assert_eq!(registered.holds(&system("nhs-login")), Some(true));
    }
}
