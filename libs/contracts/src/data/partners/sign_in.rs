//! How an organisation's staff sign in: its `OpenID` provider, as data.

use std::collections::BTreeMap;

use lcr_model::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::system::Check;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SignInChange {
    Put(Box<ProviderDraft>),
    Check { issuer: String },
    Remove { issuer: String },
}

/// Which claims name the organisation and the role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimProfile {
    /// `org_code` and `role`, by our own names.
    #[default]
    Plain,
    /// NHS CIS2: `nhsid_nrbac_roles`.
    Cis2,
    /// Microsoft Entra ID: `oid`, `tid`, `roles`, `groups`.
    EntraId,
    /// Keycloak: `realm_access.roles`, `groups`.
    Keycloak,
    /// NHS login: patients, demographics from `/userinfo`.
    NhsLogin,
}

/// An organisation's provider as its administrator describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderDraft {
    pub issuer: String,
    pub client_id: String,
    #[serde(default)]
    pub profile: ClaimProfile,
    /// Our role for each role or group of the provider.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    /// Domains of e-mail addresses whose owners sign in here.
    #[serde(default)]
    pub email_domains: Vec<String>,
    /// The `acr` values of which the ID token must have one. Empty: any.
    #[serde(default)]
    pub acr: Vec<String>,
    /// The signature of our client assertions: `EdDSA`, `ES384`, `RS256`, `RS512`, `PS256`.
    #[serde(default = "eddsa")]
    pub algorithm: String,
}

fn eddsa() -> String {
    "EdDSA".to_owned()
}

/// A provider as its organisation's administrators see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProviderStatus {
    pub draft: ProviderDraft,
    /// The address to register as redirect URI.
    pub redirect_uri: String,
    /// The address to register for back-channel logout.
    pub back_channel_logout_uri: String,
    /// Our public keys for this provider (RFC 7517), with a certificate where the algorithm needs one.
    #[schema(value_type = Object)]
    pub jwks: serde_json::Value,
    pub managed_by: String,
    /// The last check; empty: none yet.
    pub checks: Vec<Check>,
}
