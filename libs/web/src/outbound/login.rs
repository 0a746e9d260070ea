//! One of the credentials of a source, and what became of a request with it. Credentials must never be printed.

use std::sync::{Arc, Mutex};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use lcr_contracts::registry::Credentials;
use lcr_model::Clock;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{AUTHORIZATION, HeaderValue};

use super::{
    AuthenticatedError, OpenAnswer, Outbound, OutboundError, Request,
    assertion::AssertionKey,
    token::{Proof, TokenSource},
};

/// For how long refused credentials come after the others, and no new token is fetched for them.
const REFUSED_FOR: SignedDuration = SignedDuration::from_secs(10);

/// All but the characters that a form leaves as they are (RFC 6749, section 2.3.1).
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

type Outcome = Result<OpenAnswer, AuthenticatedError>;

/// What became of a request with one of the credentials.
pub enum Attempt {
    /// The credentials are not why it ended so.
    Settled(Outcome),
    /// They were not accepted.
    Refused(Outcome),
}

/// One of the credentials of a source.
#[derive(Debug)]
pub struct Login {
    kind: LoginKind,
    refused_at: Mutex<Option<Timestamp>>,
}

#[derive(Debug)]
enum LoginKind {
    /// An `Authorization` header that never changes.
    Header(HeaderValue),
    Token(Arc<TokenSource>),
    /// A client of its own, which shows our certificate.
    Certificate(Outbound),
}

impl Login {
    /// `None` if the credentials cannot be used.
    pub fn new(credentials: Credentials, outbound: &Outbound) -> Option<Self> {
        let kind = match credentials {
            // RFC 7617: the first colon ends the name.
            Credentials::Basic { user, .. } if user.contains(':') => return None,
            Credentials::Basic { user, password } => LoginKind::Header(basic(&user, password.as_ref())?),
            Credentials::OAuth2Secret { token_url, client_id, client_secret, scope } => {
                let encode = |text: &str| utf8_percent_encode(text, FORM).to_string();
                let proof = Proof::Secret(basic(&encode(&client_id), &encode(client_secret.as_ref()))?);
                LoginKind::Token(Arc::new(TokenSource::new(outbound.clone(), &token_url, scope, proof)?))
            }
            Credentials::PrivateKeyJwt { token_url, client_id, scope, key_id, algorithm, private_key } => {
                let key = AssertionKey::new(&algorithm, key_id, private_key.as_ref())?;
                let proof = Proof::Assertion { client: client_id, key: Box::new(key) };
                LoginKind::Token(Arc::new(TokenSource::new(outbound.clone(), &token_url, scope, proof)?))
            }
            Credentials::MutualTls { certificate, private_key } => {
                LoginKind::Certificate(outbound.with_certificate(&certificate, private_key.as_ref())?)
            }
        };
        Some(Self { kind, refused_at: Mutex::default() })
    }

    /// A token that somebody else has fetched. `None` if it cannot be sent.
    pub fn bearer(token: &str) -> Option<Self> {
        let header = sensitive(&format!("Bearer {token}"))?;
        Some(Self { kind: LoginKind::Header(header), refused_at: Mutex::default() })
    }

    pub fn was_refused_recently(&self, now: Timestamp) -> bool {
        let refused_at = self.refused_at.lock().map(|at| *at).unwrap_or_default();
        refused_at.is_some_and(|at| now.duration_since(at) < REFUSED_FOR)
    }

    pub async fn attempt(&self, outbound: &Outbound, request: &Request, clock: &Arc<dyn Clock>) -> Attempt {
        let attempt = match &self.kind {
            LoginKind::Header(header) => judge(open(outbound, request, header).await),
            LoginKind::Token(source) => self.attempt_with_token(source, outbound, request, clock).await,
            LoginKind::Certificate(own) => match own.open(request.clone()).await {
                // A server refuses a certificate after the handshake too, and then ends the connection.
                Err(error @ (OutboundError::Tls | OutboundError::Broken)) => Attempt::Refused(Err(error.into())),
                other => judge(other),
            },
        };
        self.record(&attempt, clock.now());
        attempt
    }

    /// A token that is refused is fetched anew once, since it may have been revoked before its time.
    async fn attempt_with_token(
        &self,
        source: &Arc<TokenSource>,
        outbound: &Outbound,
        request: &Request,
        clock: &Arc<dyn Clock>,
    ) -> Attempt {
        let may_renew = !self.was_refused_recently(clock.now());
        let first = match source.header(clock).await {
            Ok(header) => header,
            Err(error) => return Attempt::Refused(Err(error)),
        };
        match judge(open(outbound, request, &first).await) {
            Attempt::Refused(_) if may_renew => {}
            other => return other,
        }
        source.discard(&first).await;
        match source.header(clock).await {
            Ok(second) => judge(open(outbound, request, &second).await),
            Err(error) => Attempt::Refused(Err(error)),
        }
    }

    /// Keeps the time of the first refusal, so that its end comes although others follow.
    fn record(&self, attempt: &Attempt, now: Timestamp) {
        let was_recent = self.was_refused_recently(now);
        let Ok(mut refused_at) = self.refused_at.lock() else { return };
        match attempt {
            Attempt::Settled(Ok(_)) => *refused_at = None,
            Attempt::Refused(_) if !was_recent => *refused_at = Some(now),
            _ => {}
        }
    }
}

fn judge(outcome: Result<OpenAnswer, OutboundError>) -> Attempt {
    match outcome {
        Ok(answer) if answer.status == 401 => Attempt::Refused(Ok(answer)),
        other => Attempt::Settled(other.map_err(AuthenticatedError::from)),
    }
}

async fn open(outbound: &Outbound, request: &Request, header: &HeaderValue) -> Result<OpenAnswer, OutboundError> {
    let mut request = request.clone();
    request.headers.insert(AUTHORIZATION, header.clone());
    outbound.open(request).await
}

/// HTTP Basic (RFC 7617).
fn basic(user: &str, password: &str) -> Option<HeaderValue> {
    sensitive(&format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}

/// A header that debug output does not show.
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}
