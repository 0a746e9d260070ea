//! People whom earlier versions stored under an unhashed NHS number. Their id is now a hash, and it replaces the unhashed
//! number in the way a merge does. An unhashed number must only ever be published sealed.

use lcr_contracts::events::SourcePatient;
use lcr_model::{LocalId, SourceId, SourceIdentity, seal::DataKeys};
use sea_orm::DbErr;

use super::item_index::{self, ItemIndex};
use crate::{
    domain::{AssignedId, MappedEvent, PatientUpdate, digest},
    store::last_known::{LastKnown, Row},
};

/// The id of the row that holds the last known details of a person.
pub fn person_row_id(source: &SourceId, local_id: &LocalId) -> String {
    digest(&["person", source.as_str(), &local_id.0])
}

/// The rows about a person that their message reads in any case.
pub fn needed_row_ids(patient: &PatientUpdate) -> Vec<String> {
    let source = &patient.identity.source;
    let in_clear = patient.assigned.iter().flat_map(|assigned| &assigned.in_clear);
    let people = std::iter::once(&patient.identity.local_id).chain(&patient.replaces).chain(in_clear);
    let mut ids: Vec<String> = people.map(|local_id| person_row_id(source, local_id)).collect();
    let assigned = patient.assigned.iter().map(|assigned| &assigned.id);
    let others: Vec<&LocalId> = patient.replaces.iter().chain(assigned).collect();
    if !others.is_empty() {
        let all = std::iter::once(&patient.identity.local_id).chain(others);
        let identity = |local_id: &LocalId| SourceIdentity { source: source.clone(), local_id: local_id.clone() };
        ids.extend(all.map(|local_id| item_index::replaced_row_id(&identity(local_id))));
    }
    ids
}

/// Adds the known unhashed numbers that are not replaced yet to the numbers that each person's id replaces.
pub async fn replace_legacy_ids(
    last_known: &LastKnown<'_>,
    items: &mut ItemIndex<'_>,
    mapped: &mut [MappedEvent],
) -> Result<(), DbErr> {
    for event in mapped {
        let MappedEvent::Demographics(patient) = event else { continue };
        for assigned in &patient.assigned {
            let of_number = SourceIdentity { local_id: assigned.id.clone(), ..patient.identity.clone() };
            let mut replaced = items.replaced_ids(&patient.identity).await?;
            replaced.extend(items.replaced_ids(&of_number).await?);
            for (unhashed, _) in find_legacy_rows(last_known, &patient.identity.source, assigned).await? {
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
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    identity: &SourceIdentity,
    assigned: &[AssignedId],
) -> Result<Option<(i64, SourcePatient)>, DbErr> {
    let Some(own) = assigned.iter().find(|assigned| assigned.id == identity.local_id) else {
        return Ok(None);
    };
    let known = find_legacy_rows(last_known, &identity.source, own).await?.into_iter();
    let Some((_, row)) = known.max_by_key(|(_, row)| row.version) else { return Ok(None) };
    let associated_data = format!("feeds/people/{}", row.id);
    let plain = row.sealed.and_then(|sealed| keys.open(&associated_data, &sealed).ok());
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()).map(|patient| (row.version, patient)))
}

/// The unhashed spellings of a number that have a row, each with that row.
async fn find_legacy_rows<'a>(
    last_known: &LastKnown<'_>,
    source: &SourceId,
    assigned: &'a AssignedId,
) -> Result<Vec<(&'a LocalId, Row)>, DbErr> {
    let mut known = vec![];
    for unhashed in &assigned.in_clear {
        if let Some(row) = last_known.get(&person_row_id(source, unhashed)).await? {
            known.push((unhashed, row));
        }
    }
    Ok(known)
}

#[cfg(test)]
#[path = "legacy_ids_tests.rs"]
mod tests;
