//! Merges: which numbers of a source another number replaces. A merge that cannot take effect as it was sent waits,
//! with the reason; it is never accepted without effect.

use std::collections::{BTreeSet, HashMap, HashSet};

use lcr_model::{LocalId, SourceIdentity};

use super::{
    Arrival, NotMapped,
    assigned::AssignedId,
    groups::Group,
    identity::{self, Identifier, Named},
};

fn waits(words: &str) -> NotMapped {
    NotMapped::waits(words, "MRG-1")
}

/// The numbers that MRG-1 discards (MRG-4 in messages that know only the older field).
///
/// Numbers of an authority that does not name the survivor too are left aside where another one counts: they say
/// nothing of who survives. A number without an authority is of the sender's own, or of the only one in PID-3. An NHS number
/// that stays and is discarded in two spellings is one number already: it is among those given back, and joins nothing.
pub fn discarded(
    arrival: &Arrival<'_>,
    group: &Group<'_>,
    survivor: &Named,
) -> Result<Vec<AssignedId>, NotMapped> {
    let ids = [1, 4].into_iter().map(|field| identity::list(arrival, group.field("MRG", field)));
    let ids = ids.into_iter().find(|ids| !ids.is_empty()).unwrap_or_default();
    if ids.is_empty() {
        return Err(waits("the merge does not name the number that it discards"));
    }
    let scopes = scopes(arrival, group);
    let local: Vec<AssignedId> =
        ids.iter().filter(|id| !id.says_nhs()).filter_map(|id| in_scope_of(arrival, id, &scopes)).collect();
    if local.is_empty() {
        return Err(waits(if ids.iter().all(Identifier::says_nhs) {
            "the merge discards an NHS number alone, which says nothing of the sender's own numbers"
        } else {
            "the discarded number is of another authority than the numbers of the patient who stays"
        }));
    }
    let as_written = |one: &AssignedId| one.in_clear.first() == survivor.in_clear.first();
    if local.iter().any(|one| one.id == survivor.identity.local_id && as_written(one)) {
        return Err(waits("the number that stays is also among the discarded ones"));
    }
    let mut seen = HashSet::new();
    Ok(local.into_iter().filter(|one| seen.insert(one.id.clone())).collect())
}

/// The numbers that MRG names a person by, as far as they are of the sender's own kind.
pub fn former_numbers(arrival: &Arrival<'_>, group: &Group<'_>) -> Vec<LocalId> {
    let scopes = scopes(arrival, group);
    let ids = [1, 4].into_iter().map(|field| identity::list(arrival, group.field("MRG", field)));
    let ids = ids.into_iter().find(|ids| !ids.is_empty()).unwrap_or_default();
    let number = |id: &Identifier| in_scope_of(arrival, id, &scopes).unwrap_or_else(|| id.local_id(arrival));
    ids.iter().filter(|id| !id.says_nhs()).map(|id| number(id).id).collect()
}

/// The scopes of the patient's own numbers.
fn scopes(arrival: &Arrival<'_>, group: &Group<'_>) -> BTreeSet<Option<String>> {
    let ids = identity::of_person(arrival, group);
    let local = ids.iter().filter(|id| !id.says_nhs());
    local.map(|id| identity::scope(arrival, id.authority.as_deref())).collect()
}

fn in_scope_of(
    arrival: &Arrival<'_>,
    id: &Identifier,
    scopes: &BTreeSet<Option<String>>,
) -> Option<AssignedId> {
    let named = identity::scope(arrival, id.authority.as_deref());
    if scopes.contains(&named) {
        return Some(id.in_scope(arrival, named.as_deref()));
    }
    match (&id.authority, scopes.len()) {
        (None, 1) => Some(id.in_scope(arrival, scopes.first()?.as_deref())),
        _ => None,
    }
}

/// Whether the merges of one message contradict one another: a number that both stays and is discarded, or is
/// discarded for two others.
pub fn check(merges: &[(SourceIdentity, Vec<LocalId>)]) -> Result<(), NotMapped> {
    let staying: HashSet<&LocalId> = merges.iter().map(|(survivor, _)| &survivor.local_id).collect();
    let mut gone: HashMap<&LocalId, &LocalId> = HashMap::new();
    for (survivor, discarded) in merges {
        for id in discarded {
            if staying.contains(id) {
                return Err(waits("the merges of this message cross: a number both stays and is discarded"));
            }
            if gone.insert(id, &survivor.local_id).is_some_and(|before| *before != survivor.local_id) {
                return Err(waits("the merges of this message give one number to two patients"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "merges_tests.rs"]
mod tests;
