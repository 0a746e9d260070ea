//! The machines of a partner that get tokens with their own keys. Only the public members of a key have a field: the API
//! server drops all others, so that a private key pasted here by mistake is not stored.

use kube::KubeSchema;
use lcr_contracts::registrar::Client;
use lcr_model::{OdsCode, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schemas;

/// A machine of the organisation that sends messages or reads records.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.jwks) != has(self.jwksUrl)")
        .message("a client has its public keys here, or an address where it publishes them, and not both"),
    validation = Rule::new("!has(self.jwksUrl) || !self.jwksUrl.matches('^https://[0-9.]+(:[0-9]+)?(/|$)')")
        .message("the address of the keys is a host's name; the way out is opened to names, not to addresses")
)]
pub struct ClientSpec {
    /// Unique in the city; it never changes.
    #[schemars(length(max = 60), regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub id: String,
    /// What the log calls it.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// What it does: feeds-client sends messages, fhir-client reads records.
    pub role: ClientRole,
    /// What it may do: feeds.write, fhir.read, people.write; several separated by spaces.
    #[schemars(length(max = 100), regex(pattern = r"^[a-z]+[.][a-z]+( [a-z]+[.][a-z]+)*$"))]
    pub scope: String,
    /// Its public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<KeySetSpec>,
    /// Where it publishes its public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 500),
        regex(pattern = r"^https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[^#\s]*)?$")
    )]
    pub jwks_url: Option<String>,
    /// The tokens that it gets in a minute; absent: the platform's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub per_minute: Option<u32>,
    /// The requests a minute at every service that accepts its tokens; absent: the platform's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub requests_per_minute: Option<u32>,
    /// The roles of users for whom it may open a record from its own system; absent: it opens none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schemas::roles")]
    pub launch_roles: Vec<Role>,
    /// The origins whose pages may frame what it opens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(max = 200), regex(pattern = r"^https://[a-z0-9.-]+(:[0-9]{1,5})?$")))]
    pub frame_ancestors: Vec<String>,
}

/// What a client does.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum ClientRole {
    FeedsClient,
    FhirClient,
}

/// Public keys, as a JWK set (RFC 7517).
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySetSpec {
    #[schemars(length(min = 1, max = 10))]
    pub keys: Vec<KeySpec>,
}

/// One public key. The names are those of RFC 7517 and RFC 7518.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySpec {
    #[schemars(length(min = 1, max = 10))]
    pub kty: String,
    #[schemars(length(min = 1, max = 200))]
    pub kid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10))]
    pub alg: Option<String>,
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10))]
    pub key_use: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20))]
    pub crv: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub x: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub y: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2000))]
    pub n: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20))]
    pub e: Option<String>,
}

impl ClientSpec {
    /// The registry's row of this client of organisation `ods`.
    pub fn to_client(&self, ods: &OdsCode) -> Client {
        Client {
            id: self.id.clone(),
            name: self.name.clone(),
            org: ods.clone(),
            role: match self.role {
                ClientRole::FeedsClient => Role::FeedsClient,
                ClientRole::FhirClient => Role::FhirClient,
            },
            scope: self.scope.clone(),
            jwks: self.jwks.as_ref().and_then(|keys| serde_json::to_value(keys).ok()).unwrap_or_default(),
            jwks_url: self.jwks_url.clone(),
            per_minute: self.per_minute.unwrap_or_default(),
            requests_per_minute: self.requests_per_minute,
            launch_roles: self.launch_roles.clone(),
            frame_ancestors: self.frame_ancestors.clone(),
        }
    }

    /// The resource's form of a row. None if the definition would refuse it, as it does the plain http of a demonstration.
    pub fn of_client(client: &Client) -> Option<Self> {
        let role = match client.role {
            Role::FeedsClient => ClientRole::FeedsClient,
            Role::FhirClient => ClientRole::FhirClient,
            _ => return None,
        };
        let jwks_url = client.jwks_url.clone();
        let jwks = match &jwks_url {
            Some(_) => None,
            None => Some(serde_json::from_value(client.jwks.clone()).ok()?),
        };
        let is_https = |address: &String| address.starts_with("https://");
        let is_permitted = jwks_url.iter().chain(&client.frame_ancestors).all(is_https);
        is_permitted.then(|| Self {
            id: client.id.clone(),
            name: client.name.clone(),
            role,
            scope: client.scope.clone(),
            jwks,
            jwks_url,
            per_minute: (client.per_minute > 0).then_some(client.per_minute),
            requests_per_minute: client.requests_per_minute,
            launch_roles: client.launch_roles.clone(),
            frame_ancestors: client.frame_ancestors.clone(),
        })
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
