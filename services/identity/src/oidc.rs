//! Sign-in with `OpenID` Connect: the code flow with PKCE at the person's own provider. `authorize` sends the browser there,
//! `callback` checks what comes back.

pub mod authorize;
pub mod callback;
pub mod launch_context;
mod protocol_types;
pub mod provider;
mod provider_check;

use std::{collections::BTreeMap, time::Duration};

use lcr_model::{Clock, SigningKey};
use lcr_web::Outbound;

use provider::{Provider, ProviderSettings};

/// The delays before each check of the providers' metadata.
const CHECK_DELAYS: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(20), Duration::from_mins(2)];

/// All providers, by issuer.
#[derive(Debug)]
pub struct Oidc {
    providers: BTreeMap<String, Provider>,
}

impl Oidc {
    pub fn new(settings: Vec<ProviderSettings>, outbound: &Outbound, public_origin: &str, key: &SigningKey) -> Self {
        let build = |provider: ProviderSettings| {
            let suffix = provider.callback.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
            let redirect = format!("{public_origin}/auth/callback{suffix}");
            (provider.issuer.clone(), Provider::new(provider, outbound.clone(), redirect, key.clone()))
        };
        Self { providers: settings.into_iter().map(build).collect() }
    }

    /// Logs what each provider lacks. A provider that does not answer is checked again after each delay.
    pub async fn check_providers(&self, clock: &dyn Clock) {
        let mut unchecked: Vec<&Provider> = self.providers.values().collect();
        for wait in CHECK_DELAYS {
            tokio::time::sleep(wait).await;
            let mut silent = Vec::new();
            for provider in unchecked {
                match provider.find_missing(clock.now()).await {
                    Ok(missing) => missing.iter().for_each(|lack| {
                        tracing::warn!(
                            provider = provider.issuer(),
                            "a sign-in provider cannot do what is needed: {lack}"
                        );
                    }),
                    Err(_) => silent.push(provider),
                }
            }
            unchecked = silent;
        }
        for provider in unchecked {
            tracing::warn!(
                provider = provider.issuer(),
                "a sign-in provider did not answer, so its metadata was not checked"
            );
        }
    }

    pub fn get(&self, issuer: &str) -> Option<&Provider> {
        self.providers.get(issuer)
    }

    /// The provider that signs in users of the record system at this FHIR base address.
    pub fn for_launch(&self, iss: &str) -> Option<&Provider> {
        self.providers.values().find(|provider| provider.launches_from(iss))
    }

    /// The provider of an organisation. Without an organisation, the first provider.
    pub fn for_organisation(&self, ods: Option<&str>) -> Option<&Provider> {
        let serves = |provider: &&Provider| ods.is_none_or(|ods| provider.serves_organisation(ods));
        self.providers.values().find(serves)
    }
}
