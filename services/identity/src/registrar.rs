//! The operator's rows of the registry: made exactly what it says. What it no longer names is suspended, never deleted:
//! a source that is gone is asked nothing and nothing is taken from it, and what it once told keeps its name; whose
//! organisation is no longer named has signed nothing, and its staff see nothing.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lcr_contracts::{
    Failure, Registrar,
    identity::{Organisation, System},
    registrar::{PartnerSet, Replaced},
};
use lcr_model::SourceId;
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
        let (set, refused) = sorted(set, self.demo);
        let now = self.clock.now();
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let version = now.as_microsecond();
                let dropped = dropped(tx, &set, &refused).await?;
                let suspended = dropped.systems.len();
                let (mut changes, others) = store::registry::keep_all(tx, BY, set, version).await?;
                let changed = changes.len();
                changes.extend(store::registry::keep_all(tx, BY, dropped, version).await?.0);
                Store::publish(tx, now, &changes).await?;
                let others = others.into_iter().map(|id| (id, "somebody else keeps it".to_owned()));
                Ok(Replaced { changed, suspended, refused: refused.into_iter().chain(others).collect() })
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

/// The rows that may be, and why the others may not: one that is wrong is no reason to refuse the rest.
fn sorted(mut set: PartnerSet, demo: bool) -> (PartnerSet, BTreeMap<String, String>) {
    let mut refused = BTreeMap::new();
    set.systems.retain(|system| match seed::check(std::slice::from_ref(system), demo) {
        Ok(()) => true,
        Err(failure) => {
            refused.insert(system.id.to_string(), failure.outward().to_owned());
            false
        }
    });
    (set, refused)
}

/// The operator's rows that it no longer names, as they stand from now on.
async fn dropped(
    tx: &DatabaseTransaction,
    set: &PartnerSet,
    refused: &BTreeMap<String, String>,
) -> Result<PartnerSet, DbErr> {
    let held = store::registry::kept_by(tx, BY, true).await?;
    // One that is refused is still named: its last good row stands.
    let named =
        |id: SourceId| refused.contains_key(id.as_str()) || set.systems.iter().any(|system| system.id == id);
    let gone = held.systems.into_iter().filter(|system| !system.suspended && !named(system.id.clone()));
    let systems = gone.map(|system| System { suspended: true, ..system }).collect();
    let named = |ods| set.organisations.iter().any(|organisation| organisation.ods == ods);
    let gone = held.organisations.into_iter().filter(|one| one.agreement_signed && !named(one.ods.clone()));
    let organisations = gone.map(|one| Organisation { agreement_signed: false, ..one }).collect();
    Ok(PartnerSet { organisations, systems, clients: vec![] })
}
