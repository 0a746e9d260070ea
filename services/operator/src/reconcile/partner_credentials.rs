//! Reads the Secrets that systems name, for one push to identity. Values are kept only until the push is sent: the operator
//! remembers of each system the kind of its credentials, or what is wrong with them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use k8s_openapi::api::core::v1::Secret;
use kube::{Api, ResourceExt};
use lcr_contracts::registry::{CredentialKind, Credentials};
use lcr_model::SourceId;

use crate::{
    Failure,
    crd::PartnerSystem,
    domain::{
        credentials::{self, CredentialsFault},
        registry,
    },
};

/// What the last reading of a system's Secret gave.
pub type ReadResult = Result<CredentialKind, CredentialsFault>;

/// The Secrets of partners' credentials, and what the last reading of each gave.
#[derive(Debug, Default)]
pub struct PartnerCredentials {
    /// None if the operator has no namespace of partners' credentials.
    secrets: Option<Api<Secret>>,
    results: Mutex<BTreeMap<String, ReadResult>>,
}

/// What one reading of all Secrets gave.
#[derive(Debug, Default)]
pub struct Reading {
    /// The credentials by system; none for a system that needs none. A system whose Secret gave none is absent.
    pub credentials: BTreeMap<SourceId, Option<Credentials>>,
    /// The systems whose result changed.
    pub changed: Vec<String>,
    /// The first failure of the API server.
    pub failure: Option<Failure>,
}

impl PartnerCredentials {
    pub fn new(secrets: Option<Api<Secret>>) -> Self {
        Self { secrets, results: Mutex::default() }
    }

    /// What the last reading gave for the system. None before it, and for a system without a Secret.
    pub fn result_of(&self, name: &str) -> Option<ReadResult> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Reads the Secret of each of the operator's own systems.
    pub async fn read_all(&self, systems: &[Arc<PartnerSystem>]) -> Reading {
        let mut reading = Reading::default();
        let mut results = BTreeMap::new();
        for system in systems.iter().filter(|system| registry::is_own(system)) {
            let (name, id) = (system.name_any(), SourceId::new(system.name_any()));
            let Some(secret) = &system.spec.credentials_ref else {
                reading.credentials.insert(id, None);
                continue;
            };
            match self.read(secret, system.spec.token_url.as_deref()).await {
                Ok(Ok(credentials)) => {
                    results.insert(name, Ok(credentials.kind()));
                    reading.credentials.insert(id, Some(credentials));
                }
                Ok(Err(fault)) => {
                    results.insert(name, Err(fault));
                }
                Err(failure) => {
                    // Nothing was learned about this Secret.
                    results.extend(self.result_of(&name).map(|result| (name, result)));
                    reading.failure.get_or_insert(failure);
                }
            }
        }
        let mut stored = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        let is_other = |name: &&String| stored.get(*name) != results.get(*name);
        reading.changed = results.keys().filter(is_other).cloned().collect();
        *stored = results;
        reading
    }

    async fn read(
        &self,
        name: &str,
        token_url: Option<&str>,
    ) -> Result<Result<Credentials, CredentialsFault>, Failure> {
        let Some(secrets) = &self.secrets else { return Ok(Err(CredentialsFault::NoNamespace)) };
        match secrets.get_opt(name).await {
            Ok(None) => Ok(Err(CredentialsFault::NoSecret)),
            Ok(Some(secret)) => Ok(credentials::parse(&secret.data.unwrap_or_default(), token_url)),
            Err(kube::Error::Api(status)) if status.code == 403 => Ok(Err(CredentialsFault::Forbidden)),
            Err(error) => Err(Failure::cluster(format!("Secret {name}"))(error)),
        }
    }
}
