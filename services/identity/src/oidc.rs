//! Signing in with `OpenID` Connect: the code flow with PKCE against the person's own provider (design section 6).
//! One file a step.

pub mod authorize;
pub mod callback;
mod offers;
pub mod provider;

use std::{collections::BTreeMap, time::Duration};

use lcr_model::{Clock, SigningKey};
use lcr_web::Outbound;

use provider::{Provider, ProviderSettings};

/// Waits before each look at what the providers offer.
const CHECKS: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(20), Duration::from_mins(2)];

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
            let own = one.callback.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
            let redirect = format!("{public_origin}/auth/callback{own}");
            (one.issuer.clone(), Provider::new(one, outbound.clone(), redirect, key.clone()))
        };
        Self { providers: settings.into_iter().map(make).collect() }
    }

    /// Says by name what a provider cannot do for us. One that does not answer is asked again for a while.
    pub async fn check(&self, clock: &dyn Clock) {
        let mut open: Vec<&Provider> = self.providers.values().collect();
        for wait in CHECKS {
            tokio::time::sleep(wait).await;
            let mut silent = Vec::new();
            for provider in open {
                match provider.missing(clock.now()).await {
                    Ok(missing) => missing.iter().for_each(|what| {
                        tracing::warn!(
                            provider = provider.issuer(),
                            "a sign-in provider cannot do what is needed: {what}"
                        );
                    }),
                    Err(_) => silent.push(provider),
                }
            }
            open = silent;
        }
        for provider in open {
            tracing::warn!(
                provider = provider.issuer(),
                "a sign-in provider did not answer, so what it can do is not known"
            );
        }
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
