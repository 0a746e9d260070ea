//! One identity provider. Its metadata are fetched at most once an hour, through the outbound client. Identity authenticates
//! to it with `private_key_jwt`.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use jiff::Timestamp;
use lcr_contracts::{Failure, FailureKind};
use lcr_model::SigningKey;
use lcr_web::{Outbound, outbound::Request};
use openidconnect::{AsyncHttpClient, ClientId, HttpRequest, HttpResponse, IssuerUrl, RedirectUrl};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{
    protocol_types::{Client, LcrClaims, Metadata},
    provider_check,
};

/// How long fetched metadata are used.
const METADATA_TTL_SECONDS: i64 = 3600;
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(5);

/// An identity provider.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
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
}

/// A provider with its cached metadata.
#[derive(Debug)]
pub struct Provider {
    settings: ProviderSettings,
    pub http: HttpClient,
    redirect: String,
    key: SigningKey,
    cached_metadata: Mutex<Option<(Timestamp, Arc<Metadata>)>>,
}

pub fn unavailable(step: &'static str) -> Failure {
    Failure::new(FailureKind::Unavailable, "Your organisation's sign-in did not answer. Try again in a minute.")
        .because(step)
}

impl Provider {
    pub fn new(settings: ProviderSettings, outbound: Outbound, redirect: String, key: SigningKey) -> Self {
        Self { settings, http: HttpClient(outbound), redirect, key, cached_metadata: Mutex::new(None) }
    }

    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// The organisation and role in a token, or those of the trial settings.
    pub fn organisation_and_role(&self, claims: &LcrClaims) -> Option<(String, String)> {
        let organisation = claims.org_code.as_ref().or(self.settings.organisation.as_ref())?;
        let role = claims.role.as_ref().or(self.settings.role.as_ref())?;
        Some((organisation.clone(), role.clone()))
    }

    /// Whether it may sign in members of this organisation.
    pub fn serves_organisation(&self, ods: &str) -> bool {
        self.settings.organisations.is_empty() || self.settings.organisations.iter().any(|one| one == ods)
    }

    /// Whether it signs in users of the record system at this FHIR base address.
    pub fn launches_from(&self, iss: &str) -> bool {
        self.settings.launch_issuers.iter().any(|one| one.trim_end_matches('/') == iss)
    }

    /// The origins that may frame what a launch opens.
    pub fn frame_ancestors(&self) -> &[String] {
        &self.settings.frame_ancestors
    }

    /// Whether it may sign in patients.
    pub fn verifies_patients(&self) -> bool {
        self.settings.patients
    }

    async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, Failure> {
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
        let metadata = self.metadata(now).await?;
        let redirect = RedirectUrl::new(self.redirect.clone()).map_err(Failure::internal)?;
        let id = ClientId::new(self.settings.client_id.clone());
        Ok(Client::from_provider_metadata((*metadata).clone(), id, None).set_redirect_uri(redirect))
    }

    /// The client assertion for `audience` (RFC 7523).
    pub fn client_assertion(&self, audience: &str, now: Timestamp) -> Result<String, Failure> {
        let iat = now.as_second();
        let claims = serde_json::json!({
            "iss": self.settings.client_id, "sub": self.settings.client_id, "aud": audience,
            "jti": Uuid::new_v4(), "iat": iat, "exp": iat + 60,
        });
        self.key.sign("JWT", &claims).map_err(Failure::internal)
    }
}

/// The outbound client in the form that `openidconnect` needs.
#[derive(Debug, Clone)]
pub struct HttpClient(Outbound);

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = lcr_web::OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let url = reqwest::Url::parse(&parts.uri.to_string()).map_err(|_| lcr_web::OutboundError::Refused)?;
            let request = Request {
                method: parts.method,
                url,
                headers: parts.headers,
                body: (!body.is_empty()).then(|| body.into()),
                deadline: PROVIDER_TIMEOUT,
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
