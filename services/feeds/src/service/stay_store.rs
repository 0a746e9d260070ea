//! Loads and stores the state of `domain::StayResolver`, which finds the stay that each part of a message is about. Must run
//! in the message's own transaction, before anything is published.

use lcr_model::seal::DataKeys;
use sea_orm::DbErr;

use crate::{
    domain::{MappedEvent, MappingError, ResolvedEvent, StateKey, StayResolver, UnresolvedStay},
    store::last_known::{LastKnown, Row},
};

/// Resolves the stay of every encounter and item, and stores the changed state.
pub async fn resolve_stays(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    mapped: Vec<MappedEvent>,
) -> Result<Result<Vec<ResolvedEvent>, MappingError>, DbErr> {
    let mut resolver = StayResolver::default();
    let keys_to_load = resolver.missing_keys(&mapped);
    load_states(last_known, keys, &mut resolver, keys_to_load).await?;
    let resolved = match resolver.resolve(mapped) {
        Ok(resolved) => resolved,
        Err(error) => return Ok(Err(stay_not_found(error))),
    };
    for (key, json) in resolver.take_changes().map_err(|error| DbErr::Json(error.to_string()))? {
        let id = key.id();
        let sealed = keys.seal(&associated_data(&key, &id), &json).map_err(|error| DbErr::Custom(error.to_string()))?;
        last_known.upsert(Row { id, version: 0, sealed: Some(sealed) });
    }
    Ok(Ok(resolved))
}

/// Loads the states of these keys into the resolver.
pub async fn load_states(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    resolver: &mut StayResolver,
    state_keys: Vec<StateKey>,
) -> Result<(), DbErr> {
    let ids: Vec<String> = state_keys.iter().map(StateKey::id).collect();
    last_known.preload(&ids).await?;
    for (key, id) in state_keys.into_iter().zip(ids) {
        let sealed = last_known.get(&id).await?.and_then(|row| row.sealed);
        let plain = sealed.and_then(|sealed| keys.open(&associated_data(&key, &id), &sealed).ok());
        resolver.load(key, plain.as_deref());
    }
    Ok(())
}

/// The rows of the states that the events need.
pub fn needed_row_ids(mapped: &[MappedEvent]) -> Vec<String> {
    StayResolver::default().missing_keys(mapped).iter().map(StateKey::id).collect()
}

/// The associated data of the seal of a state.
fn associated_data(key: &StateKey, id: &str) -> String {
    match key {
        StateKey::Person(_) => format!("feeds/stays/{id}"),
        StateKey::Visit(..) | StateKey::Authorities(..) => format!("feeds/visits/{id}"),
    }
}

/// The reason why a message waits whose stay was not found.
pub fn stay_not_found(error: UnresolvedStay) -> MappingError {
    let reason = match error {
        UnresolvedStay::SeveralOpenStays => {
            "the stay is not named (PV1-19, PID-18, PV1-44), and the patient has several open stays here"
        }
        _ => "the stay is not named (PV1-19, PID-18, PV1-44), and the patient has no open stay here",
    };
    MappingError::waiting(reason, "PV1-19")
}
