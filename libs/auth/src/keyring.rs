//! A service's private key, the public keys it trusts, by owner, and the tokens that it verified with them. Keys must be
//! distributed by configuration, never by a call. A token must never count by a key that is no longer trusted.

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock},
};

use jiff::Timestamp;
use lcr_model::{KeySet, PublicKey, ServiceName, SigningKey};

use crate::{
    ServiceClaims, TokenError, UserClaims,
    token::{check_service, check_user, verify_service, verify_user},
    verified::VerifiedTokens,
};

/// Shared, and changeable at run time.
#[derive(Debug, Clone)]
pub struct KeyRing {
    own: Arc<SigningKey>,
    trusted: Arc<RwLock<BTreeMap<String, KeySet>>>,
    users: VerifiedTokens<UserClaims>,
    services: VerifiedTokens<ServiceClaims>,
}

impl KeyRing {
    pub fn new(own: SigningKey, trusted: impl IntoIterator<Item = (ServiceName, PublicKey)>) -> Self {
        let mut sets: BTreeMap<String, Vec<PublicKey>> = BTreeMap::new();
        for (service, key) in trusted {
            sets.entry(service.to_string()).or_default().push(key);
        }
        let sets = sets.into_iter().map(|(service, keys)| (service, KeySet::of(keys))).collect();
        Self {
            own: Arc::new(own),
            trusted: Arc::new(RwLock::new(sets)),
            users: VerifiedTokens::default(),
            services: VerifiedTokens::default(),
        }
    }

    pub fn own(&self) -> &SigningKey {
        &self.own
    }

    /// The public keys of `service`. An empty set verifies nothing.
    pub fn of(&self, service: ServiceName) -> KeySet {
        let read = self.trusted.read();
        read.ok().and_then(|sets| sets.get(service.as_str()).cloned()).unwrap_or_default()
    }

    /// Verifies a user token. Its signature is verified at its first use only.
    pub fn verify_user(&self, token: &str, now: Timestamp) -> Result<UserClaims, TokenError> {
        let keys = self.of(ServiceName::Identity);
        if let Some(known) = self.users.find(token).filter(|known| known.keys == keys) {
            check_user(&known.claims, now)?;
            return Ok(known.claims.clone());
        }
        let claims = verify_user(token, &keys, now)?;
        self.users.insert(token, claims.clone(), keys);
        Ok(claims)
    }

    /// Verifies the token of a service that calls `audience`. Its signature is verified at its first use only.
    pub fn verify_service(
        &self,
        token: &str,
        audience: ServiceName,
        now: Timestamp,
    ) -> Result<ServiceClaims, TokenError> {
        if let Some(known) = self.services.find(token).filter(|known| known.keys == self.of(known.claims.sub)) {
            check_service(&known.claims, audience, now)?;
            return Ok(known.claims.clone());
        }
        // The keys are read once, so that the stored ones are those that verified it.
        let trusted = self.trusted.read().map(|sets| sets.clone()).unwrap_or_default();
        let keys_of = |service: ServiceName| trusted.get(service.as_str()).cloned().unwrap_or_default();
        let claims = verify_service(token, keys_of, audience, now)?;
        self.services.insert(token, claims.clone(), keys_of(claims.sub));
        Ok(claims)
    }
}

#[cfg(test)]
#[path = "keyring_tests.rs"]
mod tests;
