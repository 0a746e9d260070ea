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
            let Some(in_clear) = known_in_clear(tx, &told.identity.source, assigned).await? else { continue };
            if !told.replaces.contains(in_clear) {
                told.replaces.push(in_clear.clone());
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
    let Some(in_clear) = known_in_clear(tx, &identity.source, own).await? else { return Ok(None) };
    let id = person_row(&identity.source, in_clear);
    let Some(row) = held::get(tx, &id).await? else { return Ok(None) };
    let plain = row.sealed.and_then(|sealed| keys.open(&format!("feeds/people/{id}"), &sealed).ok());
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()).map(|patient| (row.version, patient)))
}

/// The number in clear, where people are known by it and not by its hash.
async fn known_in_clear<'a>(
    tx: &impl ConnectionTrait,
    source: &SourceId,
    assigned: &'a AssignedId,
) -> Result<Option<&'a LocalId>, DbErr> {
    let Some(in_clear) = &assigned.in_clear else { return Ok(None) };
    if held::get(tx, &person_row(source, &assigned.id)).await?.is_some() {
        return Ok(None);
    }
    Ok(held::get(tx, &person_row(source, in_clear)).await?.map(|_| in_clear))
}
