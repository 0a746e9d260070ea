//! Identity's answer to the last set: accepted and refused rows. It is only in memory. Before the first push nothing is
//! known, and nothing may be concluded.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use lcr_contracts::{registrar::ReplaceResult, registry::System};
use lcr_model::OdsCode;

/// Identity's answer to the last set, or none before the first push.
#[derive(Debug, Default)]
pub struct Registration(Mutex<Option<RegistryAnswer>>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct RegistryAnswer {
    accepted: BTreeMap<String, System>,
    /// Reasons by id.
    refused: BTreeMap<String, String>,
    refused_clients: BTreeMap<String, String>,
    refused_organisations: BTreeMap<OdsCode, String>,
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

    /// The reason why identity refused the client.
    pub fn refused_client(&self, id: &str) -> Option<String> {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answer.as_ref().and_then(|answer| answer.refused_clients.get(id).cloned())
    }

    /// The reason why identity did not take the organisation's row.
    pub fn refused_organisation(&self, ods: &OdsCode) -> Option<String> {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answer.as_ref().and_then(|answer| answer.refused_organisations.get(ods).cloned())
    }

    /// Stores identity's answer to a push. Returns the ids whose state changed: all if that of a client or of an organisation
    /// did, since any system may name it.
    pub fn record_answer(&self, systems: Vec<System>, answered: ReplaceResult) -> Vec<String> {
        let ReplaceResult { refused, refused_clients, refused_organisations, .. } = answered;
        let taken = systems.into_iter().filter(|one| !refused.contains_key(one.id.as_str()));
        let accepted = taken.map(|one| (one.id.to_string(), one)).collect();
        let current = RegistryAnswer { accepted, refused, refused_clients, refused_organisations };
        let mut answer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let previous = answer.replace(current.clone()).unwrap_or_default();
        let names = current.accepted.keys().chain(current.refused.keys());
        let unchanged = |name: &String| {
            previous.accepted.get(name) == current.accepted.get(name)
                && previous.refused.get(name) == current.refused.get(name)
                && previous.refused_clients == current.refused_clients
                && previous.refused_organisations == current.refused_organisations
        };
        names.filter(|name| !unchanged(name)).cloned().collect()
    }
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
