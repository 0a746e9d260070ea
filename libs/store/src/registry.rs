//! The copy of the registry that consent and record-aggregation keep from PARTNERS events.

use std::time::Duration;

use lcr_contracts::{events::PartnersChanged, identity::Registry};
use sea_orm::{ConnectionTrait, DbErr};

use crate::{Store, copy};

/// How soon a replica sees what another was told.
const LOOKS: Duration = Duration::from_secs(1);

/// Keeps what changed.
pub async fn keep(tx: &impl ConnectionTrait, changes: &[PartnersChanged]) -> Result<(), DbErr> {
    for change in changes {
        if let Some(organisation) = &change.organisation {
            copy::keep(tx, format!("organisation/{}", organisation.ods), change.version, organisation)
                .await?;
        }
        if let Some(system) = &change.system {
            copy::keep(tx, format!("system/{}", system.id), change.version, system).await?;
        }
    }
    Ok(())
}

pub async fn load(db: &impl ConnectionTrait) -> Result<Registry, DbErr> {
    Ok(Registry {
        organisations: copy::all(db, "organisation").await?,
        systems: copy::all(db, "system").await?,
    })
}

/// Hands `adopt` the registry whenever another replica kept something new. Nothing where there is no other.
pub async fn follow<A: Fn(Registry) + Send>(store: Store, adopt: A) {
    let mut seen = vec![];
    while store.is_shared() {
        if let Ok(versions) = copy::versions(store.read()).await
            && versions != seen
            && let Ok(registry) = load(store.read()).await
        {
            seen = versions;
            adopt(registry);
        }
        tokio::time::sleep(LOOKS).await;
    }
}
