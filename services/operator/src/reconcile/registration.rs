//! Identity's answer to the last set: accepted and refused rows. It is only in memory. Before the first push nothing is
//! known, and nothing may be concluded.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use lcr_contracts::registry::System;

/// Identity's answer to the last set, or none before the first push.
#[derive(Debug, Default)]
pub struct Registration(Mutex<Option<RegistryAnswer>>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct RegistryAnswer {
    accepted: BTreeMap<String, System>,
    /// Reasons by id.
    refused: BTreeMap<String, String>,
}

impl Registration {
    /// Whether identity has exactly this row. None before the first push.
    pub fn contains(&self, row: &System) -> Option<bool> {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answer.as_ref().map(|answer| answer.accepted.get(row.id.as_str()) == Some(row))
    }

    /// The reason why identity refused the row.
    pub fn refused(&self, id: &str) -> Option<String> {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answer.as_ref().and_then(|answer| answer.refused.get(id).cloned())
    }

    /// Stores identity's answer to a push. Returns the ids whose state changed.
    pub fn record_answer(&self, systems: Vec<System>, refused: BTreeMap<String, String>) -> Vec<String> {
        let taken = systems.into_iter().filter(|one| !refused.contains_key(one.id.as_str()));
        let current = RegistryAnswer { accepted: taken.map(|one| (one.id.to_string(), one)).collect(), refused };
        let mut answer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let previous = answer.replace(current.clone()).unwrap_or_default();
        let names = current.accepted.keys().chain(current.refused.keys());
        let unchanged = |name: &String| {
            previous.accepted.get(name) == current.accepted.get(name)
                && previous.refused.get(name) == current.refused.get(name)
        };
        names.filter(|name| !unchanged(name)).cloned().collect()
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
    fn a_refused_row_has_a_reason_until_identity_accepts_it() {
        let registration = Registration::default();
        assert_eq!(registration.contains(&system("pas")), None);
        let reasons = BTreeMap::from([("nhs-login".to_owned(), "a name of our own".to_owned())]);
        let both = || vec![system("pas"), system("nhs-login")];
        assert_eq!(registration.record_answer(both(), reasons.clone()), ["pas", "nhs-login"]);
        assert_eq!(registration.contains(&system("nhs-login")), Some(false));
        assert_eq!(registration.refused("nhs-login").as_deref(), Some("a name of our own"));
        assert!(registration.record_answer(both(), reasons).is_empty(), "nothing differs");
        assert_eq!(registration.record_answer(both(), BTreeMap::new()), ["nhs-login"]);
        assert_eq!(registration.contains(&system("nhs-login")), Some(true));
    }
}
