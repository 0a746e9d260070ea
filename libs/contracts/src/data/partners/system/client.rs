//! A machine that an organisation registers, and its state. It holds public keys and must never hold a secret.

use jiff::Timestamp;
use lcr_model::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A machine of a partner that gets tokens with its own key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientDraft {
    /// Small letters, digits and hyphens, at most 60; unique in the city.
    pub id: String,
    pub name: String,
    /// `feeds-client` or `fhir-client`.
    pub role: Role,
    /// `feeds.write`, `fhir.read`, `people.write`.
    pub scope: String,
    /// Its public keys, or where it publishes them.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub jwks: Option<serde_json::Value>,
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// The tokens that it gets in a minute; 0: the platform's default.
    #[serde(default)]
    pub per_minute: u32,
    /// The requests a minute at every service that accepts its tokens. Absent: the platform's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    #[serde(default)]
    pub launch_roles: Vec<Role>,
    #[serde(default)]
    pub frame_ancestors: Vec<String>,
}

/// A client as its organisation's administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientStatus {
    pub draft: ClientDraft,
    pub suspended: bool,
    pub managed_by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}
