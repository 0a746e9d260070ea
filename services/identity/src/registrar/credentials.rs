//! Seals the credentials that the operator reads from Secrets. The same credentials sent again must change nothing: a new seal
//! of them would be another text, and so another event to every service.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::registry::{Credentials, Registry, SealedCredentials, System};
use lcr_model::{SourceId, seal::DataKeys};
use sea_orm::DbErr;

/// Gives each system the credentials that it was sent, or those that it has.
pub fn keep_or_seal(
    systems: &mut [System],
    mut sent: BTreeMap<SourceId, Option<Credentials>>,
    before: &Registry,
    keys: &DataKeys,
    now: Timestamp,
) -> Result<(), DbErr> {
    for system in systems {
        let stored = before.system(&system.id).and_then(|row| row.setup.credentials.clone());
        system.setup.credentials = match sent.remove(&system.id) {
            None => stored,
            Some(None) => None,
            Some(Some(new)) => Some(sealed(&new, &system.id, stored, keys, now)?),
        };
    }
    Ok(())
}

fn sealed(
    new: &Credentials,
    id: &SourceId,
    stored: Option<SealedCredentials>,
    keys: &DataKeys,
    now: Timestamp,
) -> Result<SealedCredentials, DbErr> {
    // `open` gives those before too: only the newest count as the same.
    let is_same = |old: &SealedCredentials| {
        let newest = SealedCredentials { before: None, ..old.clone() };
        newest.open(id, keys).first() == Some(new)
    };
    match stored {
        Some(old) if is_same(&old) => Ok(old),
        old => new
            .seal(id, old.as_ref(), keys, now)
            .ok_or_else(|| DbErr::Custom("credentials that do not seal".to_owned())),
    }
}

#[cfg(test)]
#[path = "credentials_tests.rs"]
mod tests;
