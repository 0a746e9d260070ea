//! People whom versions before knew by an NHS number in clear: their number is a hash now, and replaces the one in clear as
//! a merge does. It must never publish the number in clear but in the sealed list of replaced ones.

use lcr_contracts::events::SourcePatient;
use lcr_model::{LocalId, SourceId, SourceIdentity, seal::DataKeys};
use sea_orm::{ConnectionTrait, DbErr};

use crate::{
    domain::{AssignedId, Mapped, digest},
    store::held,
};

/// Where what a source last said of a person is stored.
pub fn person_row(source: &SourceId, local_id: &LocalId) -> String {
    digest(&["person", source.as_str(), &local_id.0])
}

/// Adds to what each person's number replaces the numbers in clear that are known here and not replaced yet.
pub async fn replace(tx: &impl ConnectionTrait, mapped: &mut [Mapped]) -> Result<(), DbErr> {
    for one in mapped {
        let Mapped::Demographics(told) = one else { continue };
        for assigned in &told.assigned {
            for in_clear in known_in_clear(tx, &told.identity.source, assigned).await? {
                if !told.replaces.contains(in_clear) {
                    told.replaces.push(in_clear.clone());
                }
            }
        }
    }
    Ok(())
}

/// What was said of the person under the number in clear, with its version: where nothing was under the hash yet.
pub async fn said_before(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    identity: &SourceIdentity,
    assigned: &[AssignedId],
) -> Result<Option<(i64, SourcePatient)>, DbErr> {
    let Some(own) = assigned.iter().find(|one| one.id == identity.local_id) else { return Ok(None) };
    let Some(in_clear) = known_in_clear(tx, &identity.source, own).await?.into_iter().next() else {
        return Ok(None);
    };
    let id = person_row(&identity.source, in_clear);
    let Some(row) = held::get(tx, &id).await? else { return Ok(None) };
    let plain = row.sealed.and_then(|sealed| keys.open(&format!("feeds/people/{id}"), &sealed).ok());
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()).map(|patient| (row.version, patient)))
}

/// The numbers in clear that people are known by, where they are not known by the hash.
async fn known_in_clear<'a>(
    tx: &impl ConnectionTrait,
    source: &SourceId,
    assigned: &'a AssignedId,
) -> Result<Vec<&'a LocalId>, DbErr> {
    let mut known = vec![];
    if assigned.in_clear.is_empty() || held::get(tx, &person_row(source, &assigned.id)).await?.is_some() {
        return Ok(known);
    }
    for in_clear in &assigned.in_clear {
        if held::get(tx, &person_row(source, in_clear)).await?.is_some() {
            known.push(in_clear);
        }
    }
    Ok(known)
}

#[cfg(test)]
#[path = "in_clear_tests.rs"]
mod tests;
