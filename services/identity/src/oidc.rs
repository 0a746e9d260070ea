//! Sign-in with `OpenID` Connect: the code flow with PKCE at the person's own provider. `authorize` sends the browser there,
//! `callback` checks what comes back.

pub mod applicant;
pub mod assertion_key;
pub mod authorize;
pub mod callback;
pub mod claims;
mod http_client;
mod jws;
pub mod launch_context;
pub mod logout;
mod logout_token;
pub mod protocol_types;
pub mod provider;
pub mod provider_check;
mod provider_rules;
pub mod refusal;
pub mod role_choice;
mod sealed_cookie;
pub mod settings;
mod user_info;

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use lcr_model::{Clock, OdsCode, SigningKey};
use lcr_web::Outbound;
use tokio::sync::Mutex;

use crate::store::provider::ProviderRow;
use provider::{Provider, ProviderOwner};
use settings::ProviderSettings;

/// The delays before each check of the providers' metadata.
const CHECK_DELAYS: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(20), Duration::from_mins(2)];

/// A provider of an organisation.
#[derive(Debug, Clone)]
struct OwnProvider {
    owner: ProviderOwner,
    provider: Arc<Provider>,
    /// The domains of e-mail addresses whose owners are sent to it. Nobody proves that a domain is theirs, so the provider must
    /// have passed its check with the domain and its organisation must take part.
    found_domains: Vec<String>,
}

/// All providers, by issuer.
#[derive(Debug)]
pub struct Oidc {
    /// Those of the settings.
    providers: BTreeMap<String, Arc<Provider>>,
    /// Those that organisations set up for their own staff.
    own: RwLock<BTreeMap<String, OwnProvider>>,
    /// Held from the reading of the organisations' providers until they are set, so that an older reading never replaces a newer
    /// one. When they were last read.
    pub last_reload: Mutex<Option<Instant>>,
    outbound: Outbound,
    public_origin: String,
    key: SigningKey,
}

impl Oidc {
    pub fn new(settings: Vec<ProviderSettings>, outbound: &Outbound, public_origin: &str, key: &SigningKey) -> Self {
        let build = |settings: ProviderSettings| {
            let issuer = settings.issuer.clone();
            let provider = Provider::new(settings, None, outbound.clone(), public_origin, key.clone());
            (issuer, Arc::new(provider))
        };
        Self {
            providers: settings.into_iter().map(build).collect(),
            own: RwLock::default(),
            last_reload: Mutex::default(),
            outbound: outbound.clone(),
            public_origin: public_origin.to_owned(),
            key: key.clone(),
        }
    }

    /// Replaces the organisations' providers by these rows. An unchanged provider keeps its fetched metadata. `takes_part` says
    /// which organisations take part now.
    pub fn set_own(&self, rows: Vec<ProviderRow>, takes_part: impl Fn(&OdsCode) -> bool) {
        let before = self.own.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut own = BTreeMap::new();
        for row in rows {
            // The settings win: an organisation cannot answer for a provider of the operator.
            if self.providers.contains_key(&row.draft.issuer) {
                continue;
            }
            let found_domains = if takes_part(&row.organisation) { row.checked_domains() } else { vec![] };
            let ProviderRow { draft, organisation, version, .. } = row;
            let (issuer, owner) = (draft.issuer.clone(), ProviderOwner { organisation, version });
            let kept = before.get(&issuer).filter(|one| one.owner == owner).map(|one| one.provider.clone());
            let provider = kept.unwrap_or_else(|| {
                let settings = ProviderSettings::of_draft(draft, &owner.organisation);
                let (outbound, key) = (self.outbound.clone(), self.key.clone());
                Arc::new(Provider::new(settings, Some(owner.clone()), outbound, &self.public_origin, key))
            });
            own.insert(issuer, OwnProvider { owner, provider, found_domains });
        }
        *self.own.write().unwrap_or_else(PoisonError::into_inner) = own;
    }

    /// Logs what each provider of the settings lacks. A provider that does not answer is checked again after each delay.
    pub async fn check_providers(&self, clock: &dyn Clock) {
        let mut unchecked: Vec<&Arc<Provider>> = self.providers.values().collect();
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

    /// All providers, those of organisations first.
    pub fn all(&self) -> Vec<Arc<Provider>> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        own.values().map(|one| one.provider.clone()).chain(self.providers.values().cloned()).collect()
    }

    /// Whether the operator's settings name this issuer.
    pub fn is_of_settings(&self, issuer: &str) -> bool {
        self.providers.contains_key(issuer)
    }

    pub fn get(&self, issuer: &str) -> Option<Arc<Provider>> {
        self.all().into_iter().find(|provider| provider.issuer() == issuer)
    }

    /// The provider of this name in our addresses.
    pub fn named(&self, name: &str) -> Option<Arc<Provider>> {
        self.all().into_iter().find(|provider| provider.name() == name)
    }

    /// The provider that signs in users of the record system at this FHIR base address.
    pub fn for_launch(&self, iss: &str) -> Option<Arc<Provider>> {
        self.providers.values().find(|provider| provider.launches_from(iss)).cloned()
    }

    /// The provider of an organisation: its own, else one of the settings that names it, else one for any. Without an
    /// organisation, the first of the settings.
    pub fn for_organisation(&self, ods: Option<&str>) -> Option<Arc<Provider>> {
        let Some(ods) = ods else { return self.providers.values().next().cloned() };
        let all = self.all();
        let named = all.iter().find(|provider| provider.is_for_organisation(ods));
        let serves =
            |provider: &&Arc<Provider>| provider.serves_organisation(ods) && !provider.signs_in_patients_only();
        named.or_else(|| all.iter().find(serves)).cloned()
    }

    /// The provider for owners of e-mail addresses of this domain. Those of the settings come first.
    pub fn for_domain(&self, domain: &str) -> Option<Arc<Provider>> {
        if let Some(provider) = self.providers.values().find(|provider| provider.serves_domain(domain)) {
            return Some(provider.clone());
        }
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        let serves = |one: &&OwnProvider| one.found_domains.iter().any(|found| found == domain);
        own.values().find(serves).map(|one| one.provider.clone())
    }

    /// Whether a provider of the operator's settings has this domain of e-mail addresses.
    pub fn is_domain_of_settings(&self, domain: &str) -> bool {
        self.providers.values().any(|provider| provider.serves_domain(domain))
    }
}

#[cfg(test)]
#[path = "oidc/oidc_tests.rs"]
mod tests;
