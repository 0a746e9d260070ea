//! The registry as the operator manages it: the operator sends its whole set, as often as it likes. Rows missing from the
//! set are suspended; rows that others manage must not be touched. No patient data.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lcr_model::{OdsCode, Role, SourceId};
use serde::{Deserialize, Serialize};

use crate::{
    Failure,
    partners::{organisation::OrganisationDetails, system::SwitchStep},
    registry::{Credentials, Organisation, System},
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
    /// Its public keys, as a JWK set (RFC 7517). Null if it publishes them itself.
    #[serde(default)]
    pub jwks: serde_json::Value,
    /// Where it publishes its public keys, instead of `jwks`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<String>,
    /// The tokens that it gets in a minute; 0: the platform's default.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub per_minute: u32,
    /// The requests a minute at every service that accepts its tokens. Absent: the platform's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    /// The roles of users for whom it may open a record from its own system. Empty: it launches nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub launch_roles: Vec<Role>,
    /// The origins whose pages may frame what it opens. Empty: no frame.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frame_ancestors: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Rows of the registry, and what belongs to them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerSet {
    pub organisations: Vec<Organisation>,
    /// A system without stages keeps those that it has.
    pub systems: Vec<System>,
    #[serde(default)]
    pub clients: Vec<Client>,
    /// The credentials for systems, in the clear: they are sent to identity alone, which seals them. `None` removes those of a
    /// system. A system that is not in the map keeps those that it has.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub credentials: BTreeMap<SourceId, Option<Credentials>>,
    /// The sign-offs of the systems' stages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sign_offs: Vec<SwitchStep>,
    /// The sites and contacts of organisations. An organisation that is not in the map keeps its own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<OdsCode, OrganisationDetails>,
    /// The token endpoints of the portal's systems, so that the way to them is opened. The operator's resources name theirs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub token_urls: BTreeMap<SourceId, String>,
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
    /// Refused clients, likewise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused_clients: BTreeMap<String, String>,
    /// Organisations whose row somebody else keeps, so that nothing of it was stored.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused_organisations: BTreeMap<OdsCode, String>,
}

/// Only for the operator.
#[async_trait]
pub trait Registrar: Send + Sync {
    /// Replaces the operator's rows by this set. Sending the same set again changes and publishes nothing. A client missing
    /// from the set loses its keys.
    async fn replace(&self, set: PartnerSet) -> Result<ReplaceResult, Failure>;
    /// The rows that others manage (the portal), for which the operator writes resources. Never with credentials.
    async fn others(&self) -> Result<PartnerSet, Failure>;
}
