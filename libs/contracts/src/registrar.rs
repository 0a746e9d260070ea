//! The registry as the operator manages it: level-based. It says what the whole of its set is, as often as it likes;
//! rows it no longer names are suspended, rows that others manage are not touched. No patient data.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lcr_model::{OdsCode, Role};
use serde::{Deserialize, Serialize};

use crate::{
    Failure,
    identity::{Organisation, System},
};

/// A machine that may get tokens by its own key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    pub id: String,
    pub name: String,
    pub org: OdsCode,
    pub role: Role,
    /// `fhir.read` or `feeds.write`.
    pub scope: String,
    /// Its public keys, as a JWK set (RFC 7517).
    pub jwks: serde_json::Value,
}

/// Rows of the registry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerSet {
    pub organisations: Vec<Organisation>,
    pub systems: Vec<System>,
    #[serde(default)]
    pub clients: Vec<Client>,
}

/// What a push changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// New or different rows.
    pub changed: usize,
    /// Systems no longer named, suspended by this push.
    pub suspended: usize,
    /// Systems that were not taken, by their ids, and why: a sentence for whoever named them.
    #[serde(default)]
    pub refused: BTreeMap<String, String>,
}

/// For the operator alone.
#[async_trait]
pub trait Registrar: Send + Sync {
    /// Makes the operator's rows exactly these. Saying the same again changes and publishes nothing.
    async fn replace(&self, set: PartnerSet) -> Result<Replaced, Failure>;
    /// The rows that others manage (the portal), for which the operator writes resources.
    async fn others(&self) -> Result<PartnerSet, Failure>;
}
