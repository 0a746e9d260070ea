//! Replaces the operator's rows of the registry by the operator's set. Rows missing from the set are suspended, never
//! deleted: a suspended source is not asked, and nothing is accepted from it. A missing organisation has no agreement, so its
//! staff see nothing.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lcr_contracts::{
    Failure, Registrar,
    registrar::{PartnerSet, ReplaceResult},
    registry::{Organisation, System},
};
use lcr_model::SourceId;
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    seed,
    service::Service,
    store::{self, registry::ManagedBy},
};

const MANAGER: ManagedBy = ManagedBy::Operator;

#[async_trait]
impl Registrar for Service {
    async fn replace(&self, set: PartnerSet) -> Result<ReplaceResult, Failure> {
        let (set, refused) = split_valid(set, self.demo);
        let now = self.clock.now();
        let write = self.store.write(async move |tx| {
            let version = now.as_microsecond();
            let unnamed = suspend_unnamed(&tx, &set, &refused).await?;
            let suspended = unnamed.systems.len();
            let (mut changes, others) = store::registry::store_all(&tx, MANAGER, set, version).await?;
            let changed = changes.len();
            changes.extend(store::registry::store_all(&tx, MANAGER, unnamed, version).await?.0);
            Store::publish(&tx, now, &changes).await?;
            let others = others.into_iter().map(|id| (id, "somebody else keeps it".to_owned()));
            Ok(ReplaceResult { changed, suspended, refused: refused.into_iter().chain(others).collect() })
        });
        Ok(write.await?)
    }

    async fn others(&self) -> Result<PartnerSet, Failure> {
        let rows = store::registry::rows_managed_by(self.store.read(), MANAGER, false).await?;
        Ok(PartnerSet { organisations: rows.organisations, systems: rows.systems, clients: vec![] })
    }
}

/// The valid rows, and the reasons why others are refused. An invalid row does not affect the rest.
fn split_valid(mut set: PartnerSet, demo: bool) -> (PartnerSet, BTreeMap<String, String>) {
    let mut refused = BTreeMap::new();
    set.systems.retain(|system| match seed::check_systems(std::slice::from_ref(system), demo) {
        Ok(()) => true,
        Err(failure) => {
            refused.insert(system.id.to_string(), failure.outward().to_owned());
            false
        }
    });
    set.clients.retain(|client| match seed::check_clients(std::slice::from_ref(client), demo) {
        Ok(()) => true,
        Err(failure) => {
            refused.insert(client.id.clone(), failure.outward().to_owned());
            false
        }
    });
    (set, refused)
}

/// The operator's rows that are missing from the set, suspended or without agreement.
async fn suspend_unnamed(
    tx: &DatabaseTransaction,
    set: &PartnerSet,
    refused: &BTreeMap<String, String>,
) -> Result<PartnerSet, DbErr> {
    let stored = store::registry::rows_managed_by(tx, MANAGER, true).await?;
    // A refused row counts as named, so its last valid version stays.
    let named = |id: SourceId| refused.contains_key(id.as_str()) || set.systems.iter().any(|system| system.id == id);
    let missing = stored.systems.into_iter().filter(|system| !system.suspended && !named(system.id.clone()));
    let systems = missing.map(|system| System { suspended: true, ..system }).collect();
    let named = |ods| set.organisations.iter().any(|organisation| organisation.ods == ods);
    let missing = stored.organisations.into_iter().filter(|org| org.agreement_signed && !named(org.ods.clone()));
    let organisations = missing.map(|org| Organisation { agreement_signed: false, ..org }).collect();
    Ok(PartnerSet { organisations, systems, clients: vec![] })
}
