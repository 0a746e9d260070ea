//! The registry as the operator manages it: the operator sends its whole set, as often as it likes. Rows missing from the
//! set are suspended; rows that others manage must not be touched. No patient data.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lcr_model::{OdsCode, Role};
use serde::{Deserialize, Serialize};

use crate::{
    Failure,
    registry::{Organisation, System},
};

/// A machine client that gets tokens with its own key.
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
    /// The roles of users for whom it may open a record from its own system. Empty: it launches nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub launch_roles: Vec<Role>,
    /// The origins whose pages may frame what it opens. Empty: no frame.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frame_ancestors: Vec<String>,
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

/// The result of sending a set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplaceResult {
    /// New or changed rows.
    pub changed: usize,
    /// Systems missing from the set, now suspended.
    pub suspended: usize,
    /// Refused systems, by id, with the reason in a sentence.
    #[serde(default)]
    pub refused: BTreeMap<String, String>,
}

/// Only for the operator.
#[async_trait]
pub trait Registrar: Send + Sync {
    /// Replaces the operator's rows by this set. Sending the same set again changes and publishes nothing.
    async fn replace(&self, set: PartnerSet) -> Result<ReplaceResult, Failure>;
    /// The rows that others manage (the portal), for which the operator writes resources.
    async fn others(&self) -> Result<PartnerSet, Failure>;
}
