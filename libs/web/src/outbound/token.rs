//! Gets access tokens with our credentials (`OAuth2` client credentials) and keeps the newest. A token must never be logged, and
//! the token endpoint must never be asked twice at the same time.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use lcr_model::Clock;
use reqwest::{
    Method, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use super::{AuthenticatedError, Outbound, OutboundError, Request, assertion::AssertionKey};

const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_ANSWER_BYTES: usize = 64 << 10;
/// How long a token is used if the endpoint does not say.
const DEFAULT_SECONDS: i64 = 60;
const MAX_SECONDS: i64 = 24 * 3600;
/// A token is renewed this long before it expires, or after half of its time if that is later.
const MARGIN_SECONDS: i64 = 30;
/// After a failure the endpoint is not asked again for this time: many wrong attempts may lock the account.
const FAILURE_PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// How the token endpoint knows us.
#[derive(Debug)]
pub enum Proof {
    /// The client id and its secret, by HTTP Basic.
    Secret(HeaderValue),
    Assertion {
        client: String,
        key: Box<AssertionKey>,
    },
}

/// The tokens for one set of credentials.
#[derive(Debug)]
pub struct TokenSource {
    outbound: Outbound,
    url: Url,
    scope: Option<String>,
    proof: Proof,
    state: Mutex<State>,
}

/// The newest token as an `Authorization` header, and the newest failure, each with the time until which it counts.
#[derive(Debug, Default)]
struct State {
    token: Option<(HeaderValue, Timestamp)>,
    failure: Option<(AuthenticatedError, Timestamp)>,
}

impl State {
    fn current(&self, now: Timestamp) -> Option<Result<HeaderValue, AuthenticatedError>> {
        let token = self.token.as_ref().filter(|(_, until)| now < *until).map(|(token, _)| Ok(token.clone()));
        token.or_else(|| self.failure.filter(|(_, until)| now < *until).map(|(error, _)| Err(error)))
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<Value>,
}

impl TokenSource {
    /// `None` if the address is not a URL.
    pub fn new(outbound: Outbound, url: &str, scope: Option<String>, proof: Proof) -> Option<Self> {
        Some(Self { outbound, url: Url::parse(url).ok()?, scope, proof, state: Mutex::default() })
    }

    /// The `Authorization` header with a token that is valid now.
    pub async fn header(self: &Arc<Self>, clock: &Arc<dyn Clock>) -> Result<HeaderValue, AuthenticatedError> {
        if let Some(current) = self.state.lock().await.current(clock.now()) {
            return current;
        }
        // The fetch goes on if the caller's deadline passes, so that a slow token endpoint delays one call and not every call.
        let (source, clock) = (self.clone(), clock.clone());
        let fetched = tokio::spawn(async move { source.renew(&*clock).await }).await;
        fetched.unwrap_or(Err(AuthenticatedError::TokenRefused))
    }

    /// Forgets a token that the source has refused. One that was fetched since stays.
    pub async fn discard(&self, refused: &HeaderValue) {
        let mut state = self.state.lock().await;
        if state.token.as_ref().is_some_and(|(token, _)| token == refused) {
            state.token = None;
        }
    }

    async fn renew(&self, clock: &dyn Clock) -> Result<HeaderValue, AuthenticatedError> {
        let mut state = self.state.lock().await;
        if let Some(current) = state.current(clock.now()) {
            return current;
        }
        let fetched = self.fetch(clock.now()).await;
        let until = |time: SignedDuration| clock.now().checked_add(time).unwrap_or(Timestamp::MAX);
        match fetched {
            Ok((token, time)) => {
                *state = State { token: Some((token.clone(), until(time))), failure: None };
                Ok(token)
            }
            Err(error) => {
                *state = State { token: None, failure: Some((error, until(FAILURE_PAUSE))) };
                Err(error)
            }
        }
    }

    /// A new token, and the time for which it is used.
    async fn fetch(&self, now: Timestamp) -> Result<(HeaderValue, SignedDuration), AuthenticatedError> {
        let request = self.request(now).ok_or(AuthenticatedError::UnusableCredentials)?;
        let answer = self.outbound.send(request).await?;
        match answer.status {
            200..=299 => read_token(&answer.body).ok_or(AuthenticatedError::TokenRefused),
            // The endpoint has a fault of its own, which says nothing about our credentials.
            429 | 500.. => Err(AuthenticatedError::Outbound(OutboundError::Broken)),
            _ => Err(AuthenticatedError::TokenRefused),
        }
    }

    fn request(&self, now: Timestamp) -> Option<Request> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let mut fields = vec![("grant_type", "client_credentials".to_owned())];
        fields.extend(self.scope.clone().map(|scope| ("scope", scope)));
        match &self.proof {
            Proof::Secret(basic) => {
                headers.insert(AUTHORIZATION, basic.clone());
            }
            Proof::Assertion { client, key } => {
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                fields.push(("client_assertion_type", kind.to_owned()));
                fields.push(("client_assertion", key.sign(client, self.url.as_str(), now)?));
            }
        }
        let mut form = self.url.clone();
        form.set_query(None);
        form.query_pairs_mut().extend_pairs(&fields);
        let body = Some(form.query().unwrap_or_default().to_owned().into());
        let (url, deadline, max_bytes) = (self.url.clone(), FETCH_TIMEOUT, MAX_ANSWER_BYTES);
        Some(Request { method: Method::POST, url, headers, body, deadline, max_bytes })
    }
}

/// The header and the time for which it is used. `None` if the answer holds no bearer token.
fn read_token(body: &[u8]) -> Option<(HeaderValue, SignedDuration)> {
    let answer: TokenAnswer = serde_json::from_slice(body).ok()?;
    if answer.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) || answer.access_token.is_empty() {
        return None;
    }
    let mut header = HeaderValue::from_str(&format!("Bearer {}", answer.access_token)).ok()?;
    header.set_sensitive(true);
    // Some endpoints write the number as a text.
    let seconds = match answer.expires_in {
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let seconds = seconds.unwrap_or(DEFAULT_SECONDS).clamp(0, MAX_SECONDS);
    Some((header, SignedDuration::from_secs(seconds - MARGIN_SECONDS.min(seconds / 2))))
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
