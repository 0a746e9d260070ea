//! A service's private key and the public keys it trusts, by owner. Keys must be distributed by configuration, never by a
//! call.

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock},
};

use lcr_model::{KeySet, PublicKey, ServiceName, SigningKey};

/// Shared, and changeable at run time.
#[derive(Debug, Clone)]
pub struct KeyRing {
    own: Arc<SigningKey>,
    trusted: Arc<RwLock<BTreeMap<String, KeySet>>>,
}

impl KeyRing {
    pub fn new(own: SigningKey, trusted: impl IntoIterator<Item = (ServiceName, PublicKey)>) -> Self {
        let mut sets: BTreeMap<String, Vec<PublicKey>> = BTreeMap::new();
        for (service, key) in trusted {
            sets.entry(service.to_string()).or_default().push(key);
        }
        let sets = sets.into_iter().map(|(service, keys)| (service, KeySet::of(keys))).collect();
        Self { own: Arc::new(own), trusted: Arc::new(RwLock::new(sets)) }
    }

    pub fn own(&self) -> &SigningKey {
        &self.own
    }

    /// The public keys of `service`. An empty set verifies nothing.
    pub fn of(&self, service: ServiceName) -> KeySet {
        let read = self.trusted.read();
        read.ok().and_then(|sets| sets.get(service.as_str()).cloned()).unwrap_or_default()
    }
}
