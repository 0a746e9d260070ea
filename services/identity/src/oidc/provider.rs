//! One identity provider. Its metadata are fetched at most once an hour, through the outbound client. Identity authenticates
//! to it with `private_key_jwt`.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use lcr_contracts::{Failure, FailureKind, partners::sign_in::ClaimProfile};
use lcr_model::{OdsCode, SigningKey};
use lcr_web::Outbound;
use openidconnect::{ClientId, IssuerUrl, RedirectUrl};
use serde_json::Value;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{
    assertion_key::AssertionKey,
    callback::ClaimsOrigin,
    http_client::HttpClient,
    protocol_types::{Client, Metadata},
    provider_check,
    settings::ProviderSettings,
};

/// How long fetched metadata are used.
const METADATA_TTL_SECONDS: i64 = 3600;
/// Keys are fetched again for an unknown key at most this often.
const KEYS_INTERVAL_SECONDS: i64 = 10;
/// How long a client assertion is valid.
const ASSERTION_SECONDS: i64 = 60;

/// The organisation that set a provider up for its own staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderOwner {
    pub organisation: OdsCode,
    /// The version of the stored row, which changes with the draft.
    pub version: i64,
}

/// A provider with its cached metadata.
#[derive(Debug)]
pub struct Provider {
    settings: ProviderSettings,
    /// `None`: it is of the settings.
    owner: Option<ProviderOwner>,
    pub http: HttpClient,
    redirect: String,
    /// The platform's own key, for `EdDSA`.
    platform_key: SigningKey,
    /// Our key for this provider, for every other algorithm. It is read from the store after the start.
    own_key: OnceLock<AssertionKey>,
    cached_metadata: Mutex<Option<(Timestamp, Arc<Metadata>)>>,
}

pub fn unavailable(step: &'static str) -> Failure {
    Failure::new(FailureKind::Unavailable, "Your organisation's sign-in did not answer. Try again in a minute.")
        .because(step)
}

impl Provider {
    pub fn new(
        settings: ProviderSettings,
        owner: Option<ProviderOwner>,
        outbound: Outbound,
        public_origin: &str,
        platform_key: SigningKey,
    ) -> Self {
        let suffix = settings.callback.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
        Self {
            redirect: format!("{public_origin}/auth/callback{suffix}"),
            settings,
            owner,
            http: HttpClient(outbound),
            platform_key,
            own_key: OnceLock::new(),
            cached_metadata: Mutex::new(None),
        }
    }

    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    pub fn client_id(&self) -> &str {
        &self.settings.client_id
    }

    /// Its name in our addresses.
    pub fn name(&self) -> String {
        self.settings.name()
    }

    pub fn owner(&self) -> Option<&OdsCode> {
        self.owner.as_ref().map(|owner| &owner.organisation)
    }

    /// Who vouches for the users of its tokens.
    pub fn origin(&self) -> ClaimsOrigin {
        match &self.owner {
            Some(owner) => ClaimsOrigin::OwnProvider { version: owner.version },
            None => ClaimsOrigin::Operators,
        }
    }

    pub fn settings(&self) -> &ProviderSettings {
        &self.settings
    }

    pub fn redirect_uri(&self) -> &str {
        &self.redirect
    }

    pub fn profile(&self) -> ClaimProfile {
        self.settings.profile
    }

    /// The `acr` values of which a token must have one. Empty: any.
    pub fn acr(&self) -> &[String] {
        &self.settings.acr
    }

    pub async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, Failure> {
        let mut slot = self.cached_metadata.lock().await;
        if let Some((at, metadata)) = slot.as_ref()
            && now.as_second() - at.as_second() < METADATA_TTL_SECONDS
        {
            return Ok(metadata.clone());
        }
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(Failure::internal)?;
        let metadata = Metadata::discover_async(issuer, &self.http).await;
        let metadata = Arc::new(metadata.map_err(|_| unavailable("discovery"))?);
        *slot = Some((now, metadata.clone()));
        Ok(metadata)
    }

    /// Forgets the metadata and keys, so that the next use fetches them. Returns false if they are too new: whoever sends
    /// tokens with unknown keys must not make us fetch each time.
    pub async fn forget_keys(&self, now: Timestamp) -> bool {
        let mut slot = self.cached_metadata.lock().await;
        let is_old = slot.as_ref().is_some_and(|(at, _)| now.as_second() - at.as_second() >= KEYS_INTERVAL_SECONDS);
        if is_old {
            *slot = None;
        }
        is_old
    }

    /// Refuses a callback from another provider. Each provider has a callback of its own, and one that names itself
    /// (RFC 9207) must do so.
    pub async fn check_responder(
        &self,
        iss: Option<&str>,
        callback_name: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let metadata = self.metadata(now).await?;
        let names_itself = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        let is_other = match iss {
            Some(iss) => iss != self.issuer(),
            None => names_itself,
        };
        if is_other || callback_name != self.settings.callback.as_deref() {
            return Err(super::callback::refused("another provider answered"));
        }
        Ok(())
    }

    /// Descriptions of what sign-in needs and its metadata lack.
    pub async fn find_missing(&self, now: Timestamp) -> Result<Vec<String>, Failure> {
        Ok(provider_check::find_missing(&*self.metadata(now).await?, &self.settings))
    }

    pub async fn client(&self, now: Timestamp) -> Result<Client, Failure> {
        self.client_of(&*self.metadata(now).await?)
    }

    pub(super) fn client_of(&self, metadata: &Metadata) -> Result<Client, Failure> {
        let redirect = RedirectUrl::new(self.redirect.clone()).map_err(Failure::internal)?;
        let id = ClientId::new(self.settings.client_id.clone());
        Ok(Client::from_provider_metadata(metadata.clone(), id, None).set_redirect_uri(redirect))
    }

    pub async fn user_info_endpoint(&self, now: Timestamp) -> Result<Option<String>, Failure> {
        Ok(self.metadata(now).await?.userinfo_endpoint().map(|endpoint| endpoint.url().to_string()))
    }

    /// Where a browser ends its session at the provider, if the provider has such a page. A page of another host than the
    /// issuer's does not count: our sign-out must lead to no other site.
    pub async fn end_session_endpoint(&self, now: Timestamp) -> Result<Option<String>, Failure> {
        let metadata = self.metadata(now).await?;
        let endpoint = metadata.additional_metadata().end_session_endpoint.clone();
        Ok(endpoint.filter(|address| is_of_issuer(address, self.issuer())))
    }

    /// Whether our client assertions are signed with the platform's own key.
    pub fn uses_platform_key(&self) -> bool {
        self.settings.algorithm.as_deref().is_none_or(|algorithm| algorithm == "EdDSA")
    }

    /// Whether a key of its own is still to be read.
    pub fn lacks_key(&self) -> bool {
        !self.uses_platform_key() && self.own_key.get().is_none()
    }

    /// Sets the key of its own. A key that is already there stays.
    pub fn set_key(&self, key: AssertionKey) {
        let _ = self.own_key.set(key);
    }

    /// Our public keys for this provider (RFC 7517).
    pub fn public_keys(&self) -> Value {
        let platform = self.platform_key.public();
        let key = match self.own_key.get() {
            Some(key) => Some(key.public().clone()),
            None if self.uses_platform_key() => Some(serde_json::json!({
                "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": platform.kid, "x": platform.x,
            })),
            None => None,
        };
        serde_json::json!({ "keys": key.into_iter().collect::<Vec<_>>() })
    }

    /// The client assertion for `audience` (RFC 7523).
    pub fn client_assertion(&self, audience: &str, now: Timestamp) -> Result<String, Failure> {
        let iat = now.as_second();
        let claims = serde_json::json!({
            "iss": self.settings.client_id, "sub": self.settings.client_id, "aud": audience,
            "jti": Uuid::new_v4(), "iat": iat, "exp": iat + ASSERTION_SECONDS,
        });
        if self.uses_platform_key() {
            return self.platform_key.sign("JWT", &claims).map_err(Failure::internal);
        }
        let key = self.own_key.get().ok_or_else(|| unavailable("our key for the provider is not read yet"))?;
        key.sign(&claims).map_err(Failure::internal)
    }
}

/// Whether the address is of the issuer's host, and as secure as the issuer.
fn is_of_issuer(address: &str, issuer: &str) -> bool {
    let (Ok(address), Ok(issuer)) = (reqwest::Url::parse(address), reqwest::Url::parse(issuer)) else { return false };
    let is_secure = address.scheme() == "https" || (address.scheme() == "http" && issuer.scheme() == "http");
    is_secure && address.host_str().is_some() && address.host_str() == issuer.host_str()
}

#[cfg(test)]
#[path = "provider_tests.rs"]
mod tests;
