//! One identity provider: discovered at most once an hour, called through the one outbound client, proved to
//! with `private_key_jwt`.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use jiff::Timestamp;
use lcr_contracts::{Failure, Kind};
use lcr_model::{Phi, SigningKey};
use lcr_web::{Outbound, client::Request};
use openidconnect::{
    AdditionalClaims, AdditionalProviderMetadata, AsyncHttpClient, ClientId, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl,
    ProviderMetadata, RedirectUrl, StandardErrorResponse, StandardTokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod,
        CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
        CoreResponseMode, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreSubjectIdentifierType, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::offers;

/// How long a discovered provider is believed.
const DISCOVERED_SECONDS: i64 = 3600;
const DEADLINE: Duration = Duration::from_secs(5);

/// A provider of the registry.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    pub issuer: String,
    pub client_id: String,
    /// The last part of the address it sends people back to, `/auth/callback/{name}`; one provider may go without.
    pub callback: Option<String>,
    /// The organisations it may vouch for; empty means any (the demo).
    pub organisations: Vec<String>,
    /// It proofs patients (NHS login). No other provider may vouch for one, or say which NHS number is whose.
    pub patients: bool,
    /// Of everybody whose token names none; for trials, where a provider knows nothing of organisations and roles.
    pub organisation: Option<String>,
    pub role: Option<String>,
}

/// What we read of an ID token beyond the standard claims.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LcrClaims {
    pub org_code: Option<String>,
    pub role: Option<String>,
    pub sid: Option<String>,
    /// NHS login: the number, and how well the person was proofed (P9 is the highest; nothing less links).
    pub nhs_number: Option<Phi<String>>,
    pub identity_proofing_level: Option<String>,
}
impl AdditionalClaims for LcrClaims {}

/// What we read of a provider's metadata beyond the standard fields.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LcrMetadata {
    /// Whether it names itself in each answer (RFC 9207, section 3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}
impl AdditionalProviderMetadata for LcrMetadata {}

pub type Metadata = ProviderMetadata<
    LcrMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Fields = IdTokenFields<
    LcrClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
pub type IdToken = openidconnect::IdToken<
    LcrClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
pub type IdClaims = openidconnect::IdTokenClaims<LcrClaims, CoreGenderClaim>;
pub type Client = openidconnect::Client<
    LcrClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider and what was discovered of it.
#[derive(Debug)]
pub struct Provider {
    settings: ProviderSettings,
    pub http: Http,
    redirect: String,
    key: SigningKey,
    discovered: Mutex<Option<(Timestamp, Arc<Metadata>)>>,
}

pub fn unavailable(step: &'static str) -> Failure {
    Failure::new(Kind::Unavailable, "Your organisation's sign-in did not answer. Try again in a minute.")
        .because(step)
}

impl Provider {
    pub fn new(settings: ProviderSettings, outbound: Outbound, redirect: String, key: SigningKey) -> Self {
        Self { settings, http: Http(outbound), redirect, key, discovered: Mutex::new(None) }
    }

    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Organisation and role of whom a token is about.
    pub fn member(&self, claims: &LcrClaims) -> Option<(String, String)> {
        let organisation = claims.org_code.as_ref().or(self.settings.organisation.as_ref())?;
        let role = claims.role.as_ref().or(self.settings.role.as_ref())?;
        Some((organisation.clone(), role.clone()))
    }

    /// Whether it may vouch for members of this organisation.
    pub fn serves(&self, ods: &str) -> bool {
        self.settings.organisations.is_empty() || self.settings.organisations.iter().any(|one| one == ods)
    }

    /// Whether it may vouch for patients.
    pub fn proofs_patients(&self) -> bool {
        self.settings.patients
    }

    async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, Failure> {
        let mut slot = self.discovered.lock().await;
        if let Some((at, metadata)) = slot.as_ref()
            && now.as_second() - at.as_second() < DISCOVERED_SECONDS
        {
            return Ok(metadata.clone());
        }
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(Failure::internal)?;
        let found = Metadata::discover_async(issuer, &self.http).await;
        let metadata = Arc::new(found.map_err(|_| unavailable("discovery"))?);
        *slot = Some((now, metadata.clone()));
        Ok(metadata)
    }

    /// Refuses an answer that another provider gave: each has an address of its own here, and who says that it names
    /// itself in its answers (RFC 9207) must do so.
    pub async fn answered(
        &self,
        iss: Option<&str>,
        came_to: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let metadata = self.metadata(now).await?;
        let says = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        let other = match iss {
            Some(iss) => iss != self.issuer(),
            None => says,
        };
        if other || came_to != self.settings.callback.as_deref() {
            return Err(super::callback::refused("another provider answered"));
        }
        Ok(())
    }

    /// What its metadata say that it cannot do for us.
    pub async fn missing(&self, now: Timestamp) -> Result<Vec<String>, Failure> {
        Ok(offers::missing(&*self.metadata(now).await?, &self.settings))
    }

    pub async fn client(&self, now: Timestamp) -> Result<Client, Failure> {
        let metadata = self.metadata(now).await?;
        let redirect = RedirectUrl::new(self.redirect.clone()).map_err(Failure::internal)?;
        let id = ClientId::new(self.settings.client_id.clone());
        Ok(Client::from_provider_metadata((*metadata).clone(), id, None).set_redirect_uri(redirect))
    }

    /// The proof that we are who we say (RFC 7523), for `audience`.
    pub fn assertion(&self, audience: &str, now: Timestamp) -> Result<String, Failure> {
        let iat = now.as_second();
        let claims = serde_json::json!({
            "iss": self.settings.client_id, "sub": self.settings.client_id, "aud": audience,
            "jti": Uuid::new_v4(), "iat": iat, "exp": iat + 60,
        });
        self.key.sign("JWT", &claims).map_err(Failure::internal)
    }
}

/// The outbound client, as `openidconnect` wants one.
#[derive(Debug, Clone)]
pub struct Http(Outbound);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = lcr_web::OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let url =
                reqwest::Url::parse(&parts.uri.to_string()).map_err(|_| lcr_web::OutboundError::Refused)?;
            let request = Request {
                method: parts.method,
                url,
                headers: parts.headers,
                body: (!body.is_empty()).then(|| body.into()),
                deadline: DEADLINE,
                max_bytes: 1 << 20,
            };
            let answer = self.0.send(request).await?;
            let mut response = http::Response::builder().status(answer.status);
            if let Some(headers) = response.headers_mut() {
                *headers = answer.headers;
            }
            response.body(answer.body.to_vec()).map_err(|_| lcr_web::OutboundError::Broken)
        })
    }
}
