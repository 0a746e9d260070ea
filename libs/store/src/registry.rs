//! The projection of PARTNERS events that consent and record-aggregation store. It must never be written from another
//! source.

use std::time::Duration;

use lcr_contracts::{events::PartnersChanged, registry::Registry};
use sea_orm::{ConnectionTrait, DbErr};

use crate::{Store, StoreError, replica};

/// How soon a replica sees a change that another stored.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Stores the changed organisations and systems.
pub async fn keep(tx: &impl ConnectionTrait, changes: &[PartnersChanged]) -> Result<(), DbErr> {
    for change in changes {
        if let Some(organisation) = &change.organisation {
            replica::upsert(tx, format!("organisation/{}", organisation.ods), change.version, organisation).await?;
        }
        if let Some(system) = &change.system {
            replica::upsert(tx, format!("system/{}", system.id), change.version, system).await?;
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
