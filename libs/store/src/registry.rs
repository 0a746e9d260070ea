//! The copy of the registry that consent and record-aggregation keep from PARTNERS events.

use lcr_contracts::{events::PartnersChanged, identity::Registry};
use sea_orm::{ConnectionTrait, DbErr};

use crate::copy;

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
