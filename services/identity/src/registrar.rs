//! The operator's rows of the registry: made exactly what it says. What it no longer names is suspended, never deleted:
//! a source that is gone is asked nothing and nothing is taken from it, and what it once told keeps its name.

use async_trait::async_trait;
use lcr_contracts::{
    Failure, Registrar,
    events::PartnersChanged,
    identity::System,
    registrar::{PartnerSet, Replaced},
};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    seed,
    service::Service,
    store::{self, registry::ManagedBy},
};

const BY: ManagedBy = ManagedBy::Operator;

#[async_trait]
impl Registrar for Service {
    async fn replace(&self, set: PartnerSet) -> Result<Replaced, Failure> {
        seed::check(&set.systems, self.demo)?;
        let now = self.clock.now();
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let version = now.as_microsecond();
                let dropped = dropped(tx, &set).await?;
                let suspended = dropped.len();
                let changes = keep(tx, set, dropped, version).await?;
                Store::publish(tx, now, &changes).await?;
                Ok(Replaced { changed: changes.len() - suspended, suspended })
            })
        });
        Ok(write.await?)
    }

    async fn others(&self) -> Result<PartnerSet, Failure> {
        let kept = store::registry::kept_by(self.store.read(), BY, false).await;
        let kept = kept.map_err(|e| lcr_store::unavailable(&e))?;
        Ok(PartnerSet { organisations: kept.organisations, systems: kept.systems, clients: vec![] })
    }
}

/// The operator's systems that it no longer names and that are not suspended yet.
async fn dropped(tx: &DatabaseTransaction, set: &PartnerSet) -> Result<Vec<System>, DbErr> {
    let held = store::registry::kept_by(tx, BY, true).await?;
    let named = |id| set.systems.iter().any(|system| system.id == id);
    let gone = held.systems.into_iter().filter(|system| !system.suspended && !named(system.id.clone()));
    Ok(gone.map(|system| System { suspended: true, ..system }).collect())
}

async fn keep(
    tx: &DatabaseTransaction,
    set: PartnerSet,
    dropped: Vec<System>,
    version: i64,
) -> Result<Vec<PartnersChanged>, DbErr> {
    let mut changes = Vec::new();
    for organisation in set.organisations {
        let key = format!("organisation/{}", organisation.ods);
        if store::registry::keep(tx, BY, &key, &organisation).await? {
            changes.push(PartnersChanged { version, organisation: Some(organisation), system: None });
        }
    }
    for system in set.systems.into_iter().chain(dropped) {
        let key = format!("system/{}", system.id);
        if store::registry::keep(tx, BY, &key, &system).await? {
            changes.push(PartnersChanged { version, organisation: None, system: Some(system) });
        }
    }
    for client in &set.clients {
        store::client::keep(tx, client).await?;
    }
    Ok(changes)
}
