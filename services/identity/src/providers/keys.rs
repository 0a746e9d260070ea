//! Our own keys for providers that do not accept `EdDSA`. Each is made once, sealed for its provider, and shared by all replicas.

use std::sync::Arc;

use jiff::Timestamp;
use lcr_contracts::Failure;
use lcr_store::db_failure;
use serde_json::{Value, json};

use crate::{
    oidc::{
        assertion_key::{AssertionKey, StoredKey, algorithm_named},
        provider::Provider,
    },
    service::Service,
    store::provider as store,
};

/// A new sealed key, if the provider needs one of its own and has none.
pub async fn sealed_if_missing(
    service: &Service,
    issuer: &str,
    algorithm: &str,
    now: Timestamp,
) -> Result<Option<String>, Failure> {
    let Some(parsed) = algorithm_named(algorithm) else { return Ok(None) };
    if store::find_key(service.store.read(), issuer, algorithm).await.map_err(db_failure)?.is_some() {
        return Ok(None);
    }
    // An RSA key takes seconds.
    let made =
        tokio::task::spawn_blocking(move || StoredKey::generate(parsed, now)).await.map_err(Failure::internal)?;
    let plain = serde_json::to_vec(&made.map_err(Failure::internal)?).map_err(Failure::internal)?;
    let place = store::key_place(issuer, algorithm);
    service.data_keys.seal(&place, &plain).map(Some).map_err(Failure::internal)
}

/// Reads the provider's key from the store, and makes it if there is none: a provider of the settings has none at first.
pub async fn set(service: &Service, provider: &Arc<Provider>) -> Result<(), Failure> {
    let Some(algorithm) = provider.settings().algorithm.clone() else { return Ok(()) };
    let (issuer, now) = (provider.issuer().to_owned(), service.clock.now());
    if let Some(sealed) = sealed_if_missing(service, &issuer, &algorithm, now).await? {
        let name = algorithm.clone();
        let write = service.store.write(async move |tx| store::insert_key(&tx, (&issuer, &name), sealed, now).await);
        write.await?;
    }
    if let Some(key) = read(service, provider.issuer(), &algorithm).await? {
        provider.set_key(key);
    }
    Ok(())
}

async fn read(service: &Service, issuer: &str, algorithm: &str) -> Result<Option<AssertionKey>, Failure> {
    let Some(parsed) = algorithm_named(algorithm) else { return Ok(None) };
    let sealed = store::find_key(service.store.read(), issuer, algorithm).await.map_err(db_failure)?;
    let Some(sealed) = sealed else { return Ok(None) };
    let plain = service.data_keys.open(&store::key_place(issuer, algorithm), &sealed).map_err(Failure::internal)?;
    let stored: StoredKey = serde_json::from_slice(&plain).map_err(Failure::internal)?;
    AssertionKey::read(parsed, &stored).map(Some).map_err(Failure::internal)
}

/// Our public keys for a provider (RFC 7517), also before this replica uses it.
pub async fn public(service: &Service, issuer: &str, algorithm: &str) -> Result<Value, Failure> {
    if algorithm_named(algorithm).is_some() {
        let key = read(service, issuer, algorithm).await?;
        let list: Vec<Value> = key.iter().map(|key| key.public().clone()).collect();
        return Ok(json!({ "keys": list }));
    }
    Ok(service.platform_keys())
}
