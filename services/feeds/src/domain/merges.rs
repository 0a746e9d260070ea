//! Reads merges: which numbers of a source another number replaces. A merge that cannot take effect must become a dead
//! letter with its reason, never be accepted without effect.

use std::collections::{BTreeSet, HashMap, HashSet};

use lcr_model::{LocalId, SourceIdentity};

use super::{
    Arrival, MappingError,
    assigned_id::AssignedId,
    identity::{self, IdentifiedPatient, Identifier},
    segment_groups::SegmentGroup,
};

fn waiting(words: &str) -> MappingError {
    MappingError::waiting(words, "MRG-1")
}

/// The numbers that MRG-1 discards, else those in the older field MRG-4.
///
/// Skips numbers of an authority that PID does not use, if any other number remains. A number without an authority
/// belongs to the sender, or to the only authority in PID-3. If two spellings of one NHS number are merged, the result
/// contains the survivor's own id, which the caller filters out.
pub fn discarded_ids(
    arrival: &Arrival<'_>,
    group: &SegmentGroup<'_>,
    survivor: &IdentifiedPatient,
) -> Result<Vec<AssignedId>, MappingError> {
    let ids = [1, 4].into_iter().map(|field| identity::identifiers(arrival, group.field("MRG", field)));
    let ids = ids.into_iter().find(|ids| !ids.is_empty()).unwrap_or_default();
    if ids.is_empty() {
        return Err(waiting("the merge does not name the number that it discards"));
    }
    let scopes = scopes(arrival, group);
    let local: Vec<AssignedId> =
        ids.iter().filter(|id| !id.is_nhs_number()).filter_map(|id| id_in_scopes(arrival, id, &scopes)).collect();
    if local.is_empty() {
        return Err(waiting(if ids.iter().all(Identifier::is_nhs_number) {
            "the merge discards only an NHS number and none of the sender's own numbers"
        } else {
            "the discarded number belongs to another authority than the remaining patient's numbers"
        }));
    }
    let as_written = |one: &AssignedId| one.in_clear.first() == survivor.in_clear.first();
    if local.iter().any(|one| one.id == survivor.identity.local_id && as_written(one)) {
        return Err(waiting("the number that stays is also among the discarded ones"));
    }
    let mut seen = HashSet::new();
    Ok(local.into_iter().filter(|one| seen.insert(one.id.clone())).collect())
}

/// The local ids in MRG, without NHS numbers.
pub fn former_ids(arrival: &Arrival<'_>, group: &SegmentGroup<'_>) -> Vec<LocalId> {
    let scopes = scopes(arrival, group);
    let ids = [1, 4].into_iter().map(|field| identity::identifiers(arrival, group.field("MRG", field)));
    let ids = ids.into_iter().find(|ids| !ids.is_empty()).unwrap_or_default();
    let number = |id: &Identifier| id_in_scopes(arrival, id, &scopes).unwrap_or_else(|| id.local_id(arrival));
    ids.iter().filter(|id| !id.is_nhs_number()).map(|id| number(id).id).collect()
}

/// The scopes of the patient's numbers in PID.
fn scopes(arrival: &Arrival<'_>, group: &SegmentGroup<'_>) -> BTreeSet<Option<String>> {
    let ids = identity::patient_identifiers(arrival, group);
    let local = ids.iter().filter(|id| !id.is_nhs_number());
    local.map(|id| identity::authority_scope(arrival, id.authority.as_deref())).collect()
}

fn id_in_scopes(arrival: &Arrival<'_>, id: &Identifier, scopes: &BTreeSet<Option<String>>) -> Option<AssignedId> {
    let scope = identity::authority_scope(arrival, id.authority.as_deref());
    if scopes.contains(&scope) {
        return Some(id.in_scope(arrival, scope.as_deref()));
    }
    match (&id.authority, scopes.len()) {
        (None, 1) => Some(id.in_scope(arrival, scopes.first()?.as_deref())),
        _ => None,
    }
}

/// Refuses merges in one message that contradict each other: a number that is both kept and discarded, or is discarded
/// for two patients.
pub fn check_merges(merges: &[(SourceIdentity, Vec<LocalId>)]) -> Result<(), MappingError> {
    let staying: HashSet<&LocalId> = merges.iter().map(|(survivor, _)| &survivor.local_id).collect();
    let mut gone: HashMap<&LocalId, &LocalId> = HashMap::new();
    for (survivor, discarded) in merges {
        for id in discarded {
            if staying.contains(id) {
                return Err(waiting("the merges of this message cross: a number both stays and is discarded"));
            }
            if gone.insert(id, &survivor.local_id).is_some_and(|before| *before != survivor.local_id) {
                return Err(waiting("the merges of this message give one number to two patients"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "merges_tests.rs"]
mod tests;
