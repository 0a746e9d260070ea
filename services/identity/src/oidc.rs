//! Signing in with `OpenID` Connect: the code flow with PKCE against the person's own provider (design section 6).
//! One file a step.

pub mod authorize;
pub mod callback;
pub mod provider;

use std::collections::BTreeMap;

use lcr_model::SigningKey;
use lcr_web::Outbound;

use provider::{Provider, ProviderSettings};

/// All providers, by issuer.
#[derive(Debug)]
pub struct Oidc {
    providers: BTreeMap<String, Provider>,
}

impl Oidc {
    pub fn new(
        settings: Vec<ProviderSettings>,
        outbound: &Outbound,
        public_origin: &str,
        key: &SigningKey,
    ) -> Self {
        let make = |one: ProviderSettings| {
            let redirect = format!("{public_origin}/auth/callback");
            (one.issuer.clone(), Provider::new(one, outbound.clone(), redirect, key.clone()))
        };
        Self { providers: settings.into_iter().map(make).collect() }
    }

    pub fn get(&self, issuer: &str) -> Option<&Provider> {
        self.providers.get(issuer)
    }

    /// The provider of an organisation; with one provider, that one.
    pub fn for_organisation(&self, ods: Option<&str>) -> Option<&Provider> {
        let serves = |provider: &&Provider| ods.is_none_or(|ods| provider.serves(ods));
        self.providers.values().find(serves)
    }
}
