//! The providers that a replica knows, reloaded within seconds of a change. It must never use a provider longer than
//! its row says.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lcr_contracts::{Failure, Identity as _, registry::Organisation};
use lcr_model::{OdsCode, SigningKey};
use lcr_store::db_failure;

use super::{draft, keys};
use crate::{
    oidc::{
        provider::{Provider, ProviderOwner},
        settings::ProviderSettings,
    },
    service::Service,
    store::provider::{self as store, ProviderRow},
};

/// How soon a change is used by the other replicas.
const RELOAD_INTERVAL: Duration = Duration::from_secs(5);

/// How often the providers are read at most for a name that nobody knows: whoever invents names must not make us read each time.
const UNKNOWN_INTERVAL: Duration = Duration::from_secs(1);

/// Reads the organisations' providers from the store, and the keys of those that have one of their own.
pub async fn reload(service: &Service) -> Result<(), Failure> {
    reload_unless_within(service, Duration::ZERO).await
}

/// The same, unless it was done a moment ago.
async fn reload_unless_within(service: &Service, interval: Duration) -> Result<(), Failure> {
    let mut last = service.oidc.last_reload.lock().await;
    if last.is_some_and(|at| at.elapsed() < interval) {
        return Ok(());
    }
    *last = Some(Instant::now());
    let rows = store::list(service.store.read()).await.map_err(db_failure)?;
    let registry = service.registry().await?;
    let takes_part = |ods: &OdsCode| registry.organisation(ods).is_some_and(Organisation::takes_part);
    service.oidc.set_own(rows, takes_part);
    drop(last);
    for provider in service.oidc.all() {
        if provider.lacks_key()
            && let Err(failure) = keys::set(service, &provider).await
        {
            tracing::warn!(provider = provider.issuer(), cause = failure.inward(), "no key for a sign-in provider");
        }
    }
    Ok(())
}

/// Keeps the providers as they are stored, for as long as the service lives.
pub fn watch(service: &Arc<Service>) {
    let service = Arc::downgrade(service);
    tokio::spawn(async move {
        loop {
            let Some(service) = service.upgrade() else { return };
            if let Err(failure) = reload(&service).await {
                tracing::warn!(cause = failure.inward(), "the sign-in providers could not be read");
            }
            drop(service);
            tokio::time::sleep(RELOAD_INTERVAL).await;
        }
    });
}

/// The provider of an issuer. One that another replica has just stored is read from the store.
pub async fn find(service: &Service, issuer: &str) -> Result<Option<Arc<Provider>>, Failure> {
    if let Some(provider) = service.oidc.get(issuer) {
        return Ok(Some(provider));
    }
    reload_unless_within(service, UNKNOWN_INTERVAL).await?;
    Ok(service.oidc.get(issuer))
}

/// The provider of this name in our addresses.
pub async fn find_named(service: &Service, name: &str) -> Result<Option<Arc<Provider>>, Failure> {
    if let Some(provider) = service.oidc.named(name) {
        return Ok(Some(provider));
    }
    reload_unless_within(service, UNKNOWN_INTERVAL).await?;
    Ok(service.oidc.named(name))
}

/// The provider for the domain of an e-mail address. The address itself is not kept.
pub async fn find_by_address(service: &Service, address: &str) -> Result<Option<Arc<Provider>>, Failure> {
    let domain = address.trim().rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
    let Some(domain) = domain.filter(|domain| draft::is_domain(domain)) else { return Ok(None) };
    if let Some(provider) = service.oidc.for_domain(&domain) {
        return Ok(Some(provider));
    }
    reload_unless_within(service, UNKNOWN_INTERVAL).await?;
    Ok(service.oidc.for_domain(&domain))
}

/// A provider as the draft describes it, without anything fetched before.
pub(super) fn fresh(service: &Service, row: &ProviderRow) -> Provider {
    let settings = ProviderSettings::of_draft(row.draft.clone(), &row.organisation);
    let key: &SigningKey = service.keys.own();
    let owner = ProviderOwner { organisation: row.organisation.clone(), version: row.version };
    Provider::new(settings, Some(owner), service.outbound.clone(), &service.public_origin, key.clone())
}
