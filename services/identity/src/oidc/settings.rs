//! What identity knows of a provider: from the settings, or as an organisation set it up. A provider of an organisation must
//! never vouch for another organisation, for patients or for the platform's administrators.

use std::collections::BTreeMap;

use lcr_contracts::partners::sign_in::{ClaimProfile, ProviderDraft};
use lcr_model::{OdsCode, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// An identity provider.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Provider")]
pub struct ProviderSettings {
    pub issuer: String,
    pub client_id: String,
    /// The last part of the address it sends people back to: `/auth/callback/{callback}`. One may go without.
    #[serde(default)]
    pub callback: Option<String>,
    /// ODS codes it may vouch for; empty: any.
    #[serde(default)]
    pub organisations: Vec<String>,
    /// Whether it verifies patients (NHS login). It then signs in nobody else.
    #[serde(default)]
    pub patients: bool,
    /// Only for trials: the organisation of users whose tokens name none.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Only for trials: the role of users whose tokens name none.
    #[serde(default)]
    pub role: Option<String>,
    /// FHIR base addresses of registered sources whose users it signs in for a SMART launch.
    #[serde(default)]
    pub launch_issuers: Vec<String>,
    /// The origins whose pages may frame what such a launch opens. Empty: no frame.
    #[serde(default)]
    pub frame_ancestors: Vec<String>,
    /// Which claims name the organisation and the role: `plain`, `cis2`, `entra-id`, `keycloak` or `nhs-login`.
    #[serde(default)]
    #[schemars(with = "String")]
    pub profile: ClaimProfile,
    /// Our role for each role or group of the provider.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub roles: BTreeMap<String, Role>,
    /// Domains of e-mail addresses whose owners sign in here.
    #[serde(default)]
    pub email_domains: Vec<String>,
    /// The `acr` values of which an ID token must have one; empty: any.
    #[serde(default)]
    pub acr: Vec<String>,
    /// The signature of our client assertions: `EdDSA` (also if left out), `ES384`, `RS256`, `RS512` or `PS256`.
    #[serde(default)]
    pub algorithm: Option<String>,
}

impl ProviderSettings {
    /// The provider that an organisation set up for its own staff.
    pub fn of_draft(draft: ProviderDraft, owner: &OdsCode) -> Self {
        let ProviderDraft { issuer, client_id, profile, roles, email_domains, acr, algorithm } = draft;
        Self {
            callback: Some(name_of(&issuer)),
            organisations: vec![owner.0.clone()],
            organisation: Some(owner.0.clone()),
            issuer,
            client_id,
            profile,
            roles,
            email_domains,
            acr,
            algorithm: Some(algorithm),
            ..Self::default()
        }
    }

    /// The name of the provider in our addresses.
    pub fn name(&self) -> String {
        self.callback.clone().unwrap_or_else(|| name_of(&self.issuer))
    }
}

/// A name for the provider of an issuer. Two issuers never share one, so none can answer at another's address.
pub fn name_of(issuer: &str) -> String {
    let hash = Sha256::digest(issuer.as_bytes());
    format!("p-{}", base16ct::lower::encode_string(&hash[..10]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_name_follows_from_its_issuer() {
        let name = name_of("https://login.example.nhs.uk");
        assert_eq!(name, name_of("https://login.example.nhs.uk"));
        assert_ne!(name, name_of("https://login.example.nhs.uk/"));
        assert!(name.len() == 22 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
    }
}
