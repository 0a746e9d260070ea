//! Seed rows of the registry, given at start: for a demo city, or a small deployment with a file. Applying the same rows
//! again must change and publish nothing.

use std::collections::BTreeSet;

use lcr_contracts::{
    Failure,
    events::LOGIN_SOURCE,
    registrar::PartnerSet,
    registry::{Feed, Organisation, System},
};
use lcr_store::Store;

use crate::{
    domain,
    service::Service,
    store::{self, client::ClientSeed, registry::ManagedBy},
    systems::{keep_stages, key_set},
};

/// The rows of a seed.
#[derive(Debug, Clone, Default)]
pub struct Seed {
    pub organisations: Vec<Organisation>,
    pub systems: Vec<System>,
    pub clients: Vec<ClientSeed>,
}

/// Source names that belong to the platform.
const RESERVED: [&str; 2] = [LOGIN_SOURCE, "patient-index"];

/// Refuses a system with a reserved name, an invalid feed profile, or, outside a demonstration, no senders. Without senders a
/// source could send in the name of others.
pub(crate) fn check_systems(systems: &[System], demo: bool) -> Result<(), Failure> {
    for system in systems {
        if RESERVED.contains(&system.id.as_str()) {
            return Err(
                Failure::bad_request("A source may not have this name: it is the platform's own.").because(&system.id)
            );
        }
        if let Some(Err(why)) = system.feed.as_ref().map(Feed::validate) {
            return Err(Failure::bad_request(format!("The feed's profile cannot be taken: {why}.")).because(&system.id));
        }
        if !demo && system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty()) {
            return Err(
                Failure::bad_request("A source that sends names its senders (MSH-3 and MSH-4).").because(&system.id)
            );
        }
    }
    Ok(())
}

/// Refuses a client that launches users for whom nobody may vouch, that names no origin where it should, or whose keys are
/// not public ones that can be used.
pub(crate) fn check_clients(clients: &[ClientSeed], demo: bool) -> Result<(), Failure> {
    for client in clients {
        if !client.launch_roles.iter().copied().all(domain::may_be_launched) {
            return Err(
                Failure::bad_request("A client may open records only for staff who give care.").because(&client.id)
            );
        }
        if client.jwks_url.is_none() {
            key_set::check(&client.jwks).map_err(|failure| failure.because(&client.id))?;
        }
        if !client.frame_ancestors.iter().all(|origin| domain::is_frame_origin(origin, demo)) {
            return Err(Failure::bad_request("A frame ancestor is an https origin without a path.").because(&client.id));
        }
    }
    Ok(())
}

pub async fn apply(service: &Service, seed: Seed) -> Result<(), Failure> {
    check_systems(&seed.systems, service.demo)?;
    check_clients(&seed.clients, service.demo)?;
    let now = service.clock.now();
    let write = service.store.write(async move |tx| {
        let version = now.as_microsecond();
        let Seed { organisations, mut systems, clients } = seed;
        store::registry::lock_all(&tx).await?;
        keep_stages(&tx, ManagedBy::Seed, &mut systems, &BTreeSet::new()).await?;
        let set = PartnerSet { organisations, systems, clients, ..PartnerSet::default() };
        let (changes, _) = store::registry::store_all(&tx, ManagedBy::Seed, set, version).await?;
        Store::publish(&tx, now, &changes).await
    });
    Ok(write.await?)
}

#[cfg(test)]
#[path = "seed_tests.rs"]
mod tests;
