//! People whom versions before knew by an NHS number in clear, in whatever spelling: their number is a hash now, and
//! replaces the one in clear as a merge does, whenever that one came. It must never publish the number in clear but sealed:
//! among the replaced ones, and as the id that the source itself has.

use lcr_contracts::events::SourcePatient;
use lcr_model::{LocalId, SourceId, SourceIdentity, seal::DataKeys};
use sea_orm::{ConnectionTrait, DbErr};

use super::filing::Filing;
use crate::{
    domain::{AssignedId, Mapped, digest},
    store::held,
};

/// Where what a source last said of a person is stored.
pub fn person_row(source: &SourceId, local_id: &LocalId) -> String {
    digest(&["person", source.as_str(), &local_id.0])
}

/// Adds to what each person's number replaces the numbers in clear that are known here and not replaced yet.
pub async fn replace(
    tx: &impl ConnectionTrait,
    filing: &mut Filing<'_>,
    mapped: &mut [Mapped],
) -> Result<(), DbErr> {
    for one in mapped {
        let Mapped::Demographics(told) = one else { continue };
        for assigned in &told.assigned {
            let of_number = SourceIdentity { local_id: assigned.id.clone(), ..told.identity.clone() };
            let mut done = filing.replaced(&told.identity).await?;
            done.extend(filing.replaced(&of_number).await?);
            for (in_clear, _) in known_in_clear(tx, &told.identity.source, assigned).await? {
                if !done.contains(in_clear) && !told.replaces.contains(in_clear) {
                    told.replaces.push(in_clear.clone());
                }
            }
        }
    }
    Ok(())
}

/// What was said last of the person under the number in clear, with its version: for where nothing is under the hash.
pub async fn said_before(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    identity: &SourceIdentity,
    assigned: &[AssignedId],
) -> Result<Option<(i64, SourcePatient)>, DbErr> {
    let Some(own) = assigned.iter().find(|one| one.id == identity.local_id) else { return Ok(None) };
    let known = known_in_clear(tx, &identity.source, own).await?.into_iter();
    let Some((_, row)) = known.max_by_key(|(_, row)| row.version) else { return Ok(None) };
    let place = format!("feeds/people/{}", row.id);
    let plain = row.sealed.and_then(|sealed| keys.open(&place, &sealed).ok());
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()).map(|patient| (row.version, patient)))
}

/// The numbers in clear that a number is known by, each with its row.
async fn known_in_clear<'a>(
    tx: &impl ConnectionTrait,
    source: &SourceId,
    assigned: &'a AssignedId,
) -> Result<Vec<(&'a LocalId, held::Row)>, DbErr> {
    let mut known = vec![];
    for in_clear in &assigned.in_clear {
        if let Some(row) = held::get(tx, &person_row(source, in_clear)).await? {
            known.push((in_clear, row));
        }
    }
    Ok(known)
}

#[cfg(test)]
#[path = "in_clear_tests.rs"]
mod tests;
