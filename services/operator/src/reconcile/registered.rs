//! What identity is known to hold: the systems of the last set it took. Not kept: after a start nobody knows, until the
//! first push, and then nothing may be concluded.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use lcr_contracts::identity::System;

/// The systems that identity took last.
#[derive(Debug, Default)]
pub struct Registered(Mutex<Option<BTreeMap<String, System>>>);

impl Registered {
    /// Whether identity holds this very row; unknown before the first push.
    pub fn holds(&self, row: &System) -> Option<bool> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().map(|held| held.get(row.id.as_str()) == Some(row))
    }

    /// Identity took these; the names of those that are new or different.
    pub fn took(&self, systems: Vec<System>) -> Vec<String> {
        let now: BTreeMap<String, System> =
            systems.into_iter().map(|one| (one.id.to_string(), one)).collect();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = held.replace(now.clone()).unwrap_or_default();
        let differs = |(name, row): (String, System)| (before.get(&name) != Some(&row)).then_some(name);
        now.into_iter().filter_map(differs).collect()
    }
}
