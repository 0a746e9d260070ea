//! People whom earlier versions stored under an unhashed NHS number. Their id is now a hash, and it replaces the unhashed
//! number in the way a merge does. An unhashed number must only ever be published sealed.

use lcr_contracts::events::SourcePatient;
use lcr_model::{LocalId, SourceId, SourceIdentity, seal::DataKeys};
use sea_orm::{ConnectionTrait, DbErr};

use super::item_index::ItemIndex;
use crate::{
    domain::{AssignedId, MappedEvent, digest},
    store::last_known,
};

/// The id of the row that holds the last known details of a person.
pub fn person_row_id(source: &SourceId, local_id: &LocalId) -> String {
    digest(&["person", source.as_str(), &local_id.0])
}

/// Adds the known unhashed numbers that are not replaced yet to the numbers that each person's id replaces.
pub async fn replace_legacy_ids(
    tx: &impl ConnectionTrait,
    items: &mut ItemIndex<'_>,
    mapped: &mut [MappedEvent],
) -> Result<(), DbErr> {
    for event in mapped {
        let MappedEvent::Demographics(patient) = event else { continue };
        for assigned in &patient.assigned {
            let of_number = SourceIdentity { local_id: assigned.id.clone(), ..patient.identity.clone() };
            let mut replaced = items.replaced_ids(&patient.identity).await?;
            replaced.extend(items.replaced_ids(&of_number).await?);
            for (unhashed, _) in find_legacy_rows(tx, &patient.identity.source, assigned).await? {
                if !replaced.contains(unhashed) && !patient.replaces.contains(unhashed) {
                    patient.replaces.push(unhashed.clone());
                }
            }
        }
    }
    Ok(())
}

/// Finds the last known details under the unhashed number, with their version. Used if nothing is stored under the hash.
pub async fn find_legacy_details(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    identity: &SourceIdentity,
    assigned: &[AssignedId],
) -> Result<Option<(i64, SourcePatient)>, DbErr> {
    let Some(own) = assigned.iter().find(|assigned| assigned.id == identity.local_id) else {
        return Ok(None);
    };
    let known = find_legacy_rows(tx, &identity.source, own).await?.into_iter();
    let Some((_, row)) = known.max_by_key(|(_, row)| row.version) else { return Ok(None) };
    let associated_data = format!("feeds/people/{}", row.id);
    let plain = row.sealed.and_then(|sealed| keys.open(&associated_data, &sealed).ok());
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()).map(|patient| (row.version, patient)))
}

/// The unhashed spellings of a number that have a row, each with that row.
async fn find_legacy_rows<'a>(
    tx: &impl ConnectionTrait,
    source: &SourceId,
    assigned: &'a AssignedId,
) -> Result<Vec<(&'a LocalId, last_known::Row)>, DbErr> {
    let mut known = vec![];
    for unhashed in &assigned.in_clear {
        if let Some(row) = last_known::get(tx, &person_row_id(source, unhashed)).await? {
            known.push((unhashed, row));
        }
    }
    Ok(known)
}

#[cfg(test)]
#[path = "legacy_ids_tests.rs"]
mod tests;
