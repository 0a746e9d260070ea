//! Replaces the operator's rows of the registry by the operator's set. Rows missing from the set are suspended, never
//! deleted: a suspended source is not asked, and nothing is accepted from it. A missing organisation has no agreement, so its
//! staff see nothing, and a missing client has no keys. What others keep must never be changed here.

mod clients;
mod credentials;
mod files;
mod history;
mod others;
mod schedule;

use std::collections::BTreeMap;

use async_trait::async_trait;
use lcr_contracts::{
    Failure, Registrar,
    events::{PartnersChanged, SessionEnded},
    registrar::{PartnerSet, ReplaceResult},
    registry::{Organisation, PartnerState, Registry, System},
};
use lcr_model::{OdsCode, SourceId};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    people, seed,
    service::Service,
    store::{self, registry::ManagedBy},
    systems,
};

const MANAGER: ManagedBy = ManagedBy::Operator;
const KEPT_BY_ANOTHER: &str = "somebody else keeps it";

/// The rows that are not stored, by id, with the reason in a sentence.
#[derive(Debug, Default)]
struct Refusals {
    systems: BTreeMap<String, String>,
    clients: BTreeMap<String, String>,
}

#[async_trait]
impl Registrar for Service {
    async fn replace(&self, set: PartnerSet) -> Result<ReplaceResult, Failure> {
        let (set, refusals) = split_valid(self, set);
        let (now, keys) = (self.clock.now(), self.data_keys.clone());
        let write = self.store.write(async move |tx| {
            let (version, mut refusals) = (now.as_microsecond(), refusals);
            store::registry::lock_all(&tx).await?;
            let before = store::registry::rows_managed_by(&tx, MANAGER, true).await?;
            let unnamed = suspend_unnamed(&before, &set, &refusals.systems);
            let PartnerSet { organisations, systems: mut rows, clients, credentials, sign_offs, details, .. } = set;
            let refused_organisations = of_others(&tx, &organisations).await?;
            let signed = schedule::signed(&tx, &organisations, &refused_organisations).await?;
            systems::keep_stages(&tx, MANAGER, &mut rows, &signed).await?;
            let unagreed = schedule::remove_unagreed(&tx, &mut rows, now).await?;
            credentials::keep_or_seal(&mut rows, credentials, &before, &keys, now)?;
            let held = systems::hold_unchecked(&tx, &before, &mut rows).await?;
            let sent = PartnerSet { organisations, systems: rows.clone(), ..PartnerSet::default() };
            let (mut changes, others) = store::registry::store_all(&tx, MANAGER, sent, version).await?;
            rows.retain(|system| !others.contains(&system.id.to_string()));
            let (changed, suspended) = (changes.len(), unnamed.systems.len());
            changes.extend(store::registry::store_all(&tx, MANAGER, unnamed, version).await?.0);
            history::record(&tx, &before, &changes, now).await?;
            history::record_steps(&tx, &sign_offs, &before, &rows, now).await?;
            files::store(&tx, details, now).await?;
            clients::replace(&tx, &clients, &mut refusals.clients).await?;
            let ended = end_sessions(&tx, &before, &changes, now).await?;
            Store::publish(&tx, now, &changes).await?;
            Store::publish(&tx, now, &ended).await?;
            refusals.systems.extend(unagreed);
            refusals.systems.extend(held);
            refusals.systems.extend(others.into_iter().map(|id| (id, KEPT_BY_ANOTHER.to_owned())));
            let Refusals { systems: refused, clients: refused_clients } = refusals;
            Ok(ReplaceResult { changed, suspended, refused, refused_clients, refused_organisations })
        });
        Ok(write.await?)
    }

    async fn others(&self) -> Result<PartnerSet, Failure> {
        others::read(self).await
    }
}

/// The valid rows, and the reasons why others are refused. An invalid row does not affect the rest. Refused credentials leave
/// those that the system has.
fn split_valid(service: &Service, mut set: PartnerSet) -> (PartnerSet, Refusals) {
    let mut refusals = Refusals::default();
    set.systems.retain(|system| match seed::check_systems(std::slice::from_ref(system), service.demo) {
        Ok(()) => true,
        Err(failure) => {
            refusals.systems.insert(system.id.to_string(), failure.outward().to_owned());
            false
        }
    });
    set.credentials.retain(|id, credentials| {
        let checked = credentials.as_ref().map_or(Ok(()), |one| systems::check_credentials(one, &service.outbound));
        checked.map_err(|failure| refusals.systems.insert(id.to_string(), failure.outward().to_owned())).is_ok()
    });
    set.clients.retain(|client| match seed::check_clients(std::slice::from_ref(client), service.demo) {
        Ok(()) => true,
        Err(failure) => {
            refusals.clients.insert(client.id.clone(), failure.outward().to_owned());
            false
        }
    });
    (set, refusals)
}

/// The operator's rows that are missing from the set, suspended or without agreement.
fn suspend_unnamed(before: &Registry, set: &PartnerSet, refused: &BTreeMap<String, String>) -> PartnerSet {
    // A refused row counts as named, so its last valid version stays.
    let named = |id: &SourceId| refused.contains_key(id.as_str()) || set.systems.iter().any(|system| system.id == *id);
    let missing = before.systems.iter().filter(|system| !system.suspended && !named(&system.id));
    let systems = missing.map(|system| System { suspended: true, ..system.clone() }).collect();
    let named = |ods: &OdsCode| set.organisations.iter().any(|organisation| organisation.ods == *ods);
    let missing = before.organisations.iter().filter(|org| org.agreement_signed && !named(&org.ods));
    let organisations = missing.map(|org| Organisation { agreement_signed: false, ..org.clone() }).collect();
    PartnerSet { organisations, systems, ..PartnerSet::default() }
}

/// The organisations of a set that somebody else keeps, so that theirs is the row that counts.
async fn of_others(
    tx: &DatabaseTransaction,
    organisations: &[Organisation],
) -> Result<BTreeMap<OdsCode, String>, DbErr> {
    let others = store::registry::rows_managed_by(tx, MANAGER, false).await?;
    let kept = organisations.iter().filter(|one| others.organisation(&one.ods).is_some());
    Ok(kept.map(|one| (one.ods.clone(), KEPT_BY_ANOTHER.to_owned())).collect())
}

/// Ends the sessions of every organisation that no longer takes part with this set: it is suspended, has left, or has no
/// agreement in force.
async fn end_sessions(
    tx: &DatabaseTransaction,
    before: &Registry,
    changes: &[PartnersChanged],
    now: jiff::Timestamp,
) -> Result<Vec<SessionEnded>, DbErr> {
    let mut ended = Vec::new();
    for organisation in changes.iter().filter_map(|change| change.organisation.as_ref()) {
        let took_part = before.organisation(&organisation.ods).is_some_and(Organisation::takes_part);
        let is_closed = matches!(organisation.state, PartnerState::Suspended | PartnerState::Left);
        if is_closed || (took_part && !organisation.takes_part()) {
            ended.extend(people::end_sessions_of_organisation(tx, &organisation.ods, now).await?);
        }
    }
    Ok(ended)
}

#[cfg(test)]
#[path = "registrar_tests.rs"]
mod tests;
