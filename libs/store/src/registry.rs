//! The projection of PARTNERS events that consent and record-aggregation store. It must never be written from another
//! source.

use std::time::Duration;

use lcr_contracts::{
    Failure,
    events::{CloudEvent, PartnersChanged},
    registry::Registry,
};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::Value;

use crate::{Store, StoreError, replica};

/// How soon a replica sees a change that another stored.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// A change with its rows as the event states them. During an upgrade they may have fields that this version does not know: they
/// are stored with the rest, because the owner does not send an unchanged row again.
#[derive(Debug, Clone)]
pub struct RegistryChange {
    pub change: PartnersChanged,
    data: Value,
}

/// The changes of a batch. Skips events of other types. A change that does not parse fails the batch, so that it becomes a dead
/// letter.
pub fn changes_in(events: &[CloudEvent]) -> Result<Vec<RegistryChange>, Failure> {
    // The parser's message may quote the body.
    let unreadable = || Failure::internal("a change of the registry does not parse");
    let read = |event: &CloudEvent| {
        let parsed = event.body::<PartnersChanged>()?.map_err(|_| unreadable());
        Some(parsed.map(|change| RegistryChange { change, data: event.data.clone() }))
    };
    events.iter().filter_map(read).collect()
}

/// Stores the changed organisations and systems as their events state them.
pub async fn keep(tx: &impl ConnectionTrait, changes: &[RegistryChange]) -> Result<(), DbErr> {
    for RegistryChange { change, data } in changes {
        if let (Some(organisation), Some(row)) = (&change.organisation, data.get("organisation")) {
            replica::upsert(tx, format!("organisation/{}", organisation.ods), change.version, row).await?;
        }
        if let (Some(system), Some(row)) = (&change.system, data.get("system")) {
            replica::upsert(tx, format!("system/{}", system.id), change.version, row).await?;
        }
    }
    Ok(())
}

pub async fn load(db: &impl ConnectionTrait) -> Result<Registry, StoreError> {
    Ok(Registry { organisations: replica::all(db, "organisation").await?, systems: replica::all(db, "system").await? })
}

/// Calls `adopt` with the registry whenever another replica stored a change. Does nothing in one process.
pub async fn follow<A: Fn(Registry) + Send>(store: Store, adopt: A) {
    let mut seen = vec![];
    while store.is_shared() {
        if let Ok(versions) = replica::versions(store.read()).await
            && versions != seen
            && let Ok(registry) = load(store.read()).await
        {
            seen = versions;
            adopt(registry);
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}
