//! Requests to one source with our credentials: HTTP Basic, an `OAuth2` token or a client certificate (S-13). Credentials must
//! never be logged, and never go to another origin than the source's.

use std::sync::Arc;

use lcr_contracts::registry::{Credentials, System};
use lcr_model::{Clock, Phi, seal::DataKeys};
use reqwest::Url;
use thiserror::Error;

use super::{
    Answer, OpenAnswer, Outbound, OutboundError, Request,
    login::{Attempt, Login},
    read_whole,
};

/// Why a request with credentials failed. Names no address and quotes nothing of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AuthenticatedError {
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    #[error("the token endpoint gave no token for our credentials")]
    TokenRefused,
    #[error("our credentials cannot be used: they do not open, or a key or an address in them is not valid")]
    UnusableCredentials,
}

/// The outbound client of one source. Clones share tokens.
#[derive(Debug, Clone)]
pub struct AuthenticatedOutbound {
    outbound: Outbound,
    clock: Arc<dyn Clock>,
    /// In the order in which to try them. Empty for a source that asks for none.
    logins: Arc<[Login]>,
    /// The address of the source. Without it no credentials are sent.
    source: Option<Url>,
}

impl AuthenticatedOutbound {
    /// A client with these credentials: the newest, then those that they replace, for the time until the source accepts the
    /// newest. It sends nothing with credentials until `limited_to` names the source.
    pub fn new(
        outbound: Outbound,
        credentials: Vec<Credentials>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AuthenticatedError> {
        let needs_login = !credentials.is_empty();
        let logins: Arc<[Login]> = credentials.into_iter().filter_map(|one| Login::new(one, &outbound)).collect();
        if needs_login && logins.is_empty() {
            return Err(AuthenticatedError::UnusableCredentials);
        }
        Ok(Self { outbound, clock, logins, source: None })
    }

    /// A client with a bearer token that somebody else has fetched.
    pub fn with_bearer(
        outbound: Outbound,
        token: &Phi<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AuthenticatedError> {
        let login = Login::bearer(token.as_ref()).ok_or(AuthenticatedError::UnusableCredentials)?;
        Ok(Self { outbound, clock, logins: Arc::new([login]), source: None })
    }

    /// The client of a system of the registry. Fails if it has credentials that do not open.
    pub fn for_system(
        outbound: Outbound,
        system: &System,
        keys: &DataKeys,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AuthenticatedError> {
        let sealed = system.setup.credentials.as_ref();
        let opened = sealed.map(|sealed| sealed.open(&system.id, keys)).unwrap_or_default();
        if sealed.is_some() && opened.is_empty() {
            return Err(AuthenticatedError::UnusableCredentials);
        }
        let base = Url::parse(&system.base_url).map_err(|_| OutboundError::Refused)?;
        Ok(Self::new(outbound, opened, clock)?.limited_to(&base))
    }

    /// The same client for the source at this address: a request to another origin is refused.
    #[must_use]
    pub fn limited_to(&self, base: &Url) -> Self {
        Self { source: Some(base.clone()), ..self.clone() }
    }

    pub fn has_credentials(&self) -> bool {
        !self.logins.is_empty()
    }

    /// Returns the head within the deadline. The caller limits the time and the size of the body.
    pub async fn open(&self, request: Request) -> Result<OpenAnswer, AuthenticatedError> {
        let deadline = request.deadline;
        let opened = tokio::time::timeout(deadline, self.open_accepted(&request)).await;
        opened.unwrap_or(Err(AuthenticatedError::Outbound(OutboundError::TimedOut)))
    }

    pub async fn send(&self, request: Request) -> Result<Answer, AuthenticatedError> {
        let (deadline, max_bytes) = (request.deadline, request.max_bytes);
        let whole = async {
            let opened = self.open_accepted(&request).await?;
            read_whole(opened, max_bytes).await.map_err(AuthenticatedError::from)
        };
        let answer = tokio::time::timeout(deadline, whole).await;
        answer.unwrap_or(Err(AuthenticatedError::Outbound(OutboundError::TimedOut)))
    }

    /// The answer with the first credentials that are accepted. If none are, the answer with those that were tried first.
    async fn open_accepted(&self, request: &Request) -> Result<OpenAnswer, AuthenticatedError> {
        self.check_origin(&request.url)?;
        if self.logins.is_empty() {
            return Ok(self.outbound.open(request.clone()).await?);
        }
        let mut refusal = Err(AuthenticatedError::UnusableCredentials);
        for (tried, login) in self.logins_in_order().into_iter().enumerate() {
            match login.attempt(&self.outbound, request, &self.clock).await {
                Attempt::Settled(outcome) => return outcome,
                Attempt::Refused(outcome) if tried == 0 => refusal = outcome,
                Attempt::Refused(_) => {}
            }
        }
        refusal
    }

    fn check_origin(&self, url: &Url) -> Result<(), OutboundError> {
        let is_permitted =
            self.source.as_ref().map_or(self.logins.is_empty(), |source| source.origin() == url.origin());
        if is_permitted { Ok(()) } else { Err(OutboundError::Refused) }
    }

    /// Those that were not refused a moment ago come first.
    fn logins_in_order(&self) -> Vec<&Login> {
        let now = self.clock.now();
        let mut logins: Vec<&Login> = self.logins.iter().collect();
        logins.sort_by_key(|login| login.was_refused_recently(now));
        logins
    }
}

#[cfg(test)]
#[path = "authenticated_tests.rs"]
mod tests;
