//! Rows given at start: the registry of a demo city, or of a small deployment kept in a file. Applying the same
//! rows again changes and publishes nothing.

use lcr_contracts::{
    Failure,
    events::PartnersChanged,
    identity::{Organisation, System},
};
use lcr_store::Store;
use sea_orm::DbErr;

use crate::{
    service::Service,
    store::{self, client::ClientSeed},
};

/// All rows.
#[derive(Debug, Clone, Default)]
pub struct Seed {
    pub organisations: Vec<Organisation>,
    pub systems: Vec<System>,
    pub clients: Vec<ClientSeed>,
}

pub async fn apply(service: &Service, seed: Seed) -> Result<(), Failure> {
    let now = service.clock.now();
    let write = service.store.write::<_, DbErr, _>(move |tx| {
        Box::pin(async move {
            let version = now.as_microsecond();
            let mut changes = Vec::new();
            for organisation in seed.organisations {
                if store::registry::keep(tx, &format!("organisation/{}", organisation.ods), &organisation)
                    .await?
                {
                    changes.push(PartnersChanged { version, organisation: Some(organisation), system: None });
                }
            }
            for system in seed.systems {
                if store::registry::keep(tx, &format!("system/{}", system.id), &system).await? {
                    changes.push(PartnersChanged { version, organisation: None, system: Some(system) });
                }
            }
            for client in seed.clients {
                store::client::keep(tx, &client).await?;
            }
            Store::publish(tx, now, &changes).await
        })
    });
    Ok(write.await?)
}
