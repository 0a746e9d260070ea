//! The one way a service calls another: deadline, breaker, retry budget with jitter, both tokens, the trace. Addresses
//! come from configuration. A call that may have arrived must not be repeated unless that is safe, and no request data
//! may be in a URL.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::stream::BoxStream;
use jiff::{SignedDuration, Timestamp};
use lcr_auth::{KeyRing, sign_service};
use lcr_contracts::{Caller, Failure, call_graph};
use lcr_model::{Clock, ServiceName, backoff::jitter};
use reqwest::{
    Method, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};
use tower::retry::budget::{Budget, TpsBudget};
use tracing::{Instrument, Span};

use super::{MaybeCaller, answers, stream};
use crate::{
    EgressRules, Outbound, OutboundError,
    auth::SERVICE_TOKEN,
    breaker::Breaker,
    metrics::{self, PeerCalls},
    outbound::{Answer, Request},
};

/// The largest answer: a whole record with inline documents.
const MAX_ANSWER_BYTES: usize = 64 << 20;
/// A token with less time left than this is replaced.
const MIN_TOKEN_LIFE: SignedDuration = SignedDuration::from_secs(60);
/// Attempts of one call, including the first.
const MAX_ATTEMPTS: u32 = 3;
/// Failures in a row that open the breaker, and for how long: briefly, because the callee has other replicas.
const BREAKER_FAILURES: u32 = 10;
const BREAKER_PAUSE: SignedDuration = SignedDuration::from_millis(500);

/// Whether a call may be repeated if it is unknown whether it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryPolicy {
    Safe,
    /// Repeat only if the call was certainly not sent.
    IfUnsent,
}

/// The connection to another service.
pub struct Peer {
    outbound: Outbound,
    base: Url,
    me: ServiceName,
    to: ServiceName,
    keys: KeyRing,
    clock: Arc<dyn Clock>,
    breaker: Breaker,
    budget: TpsBudget,
    token: Mutex<Option<(Timestamp, HeaderValue)>>,
    calls: PeerCalls,
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Peer({} at {})", self.to, self.base)
    }
}

/// The callees of a service and their addresses.
#[derive(Debug, Clone)]
pub struct PeerDirectory {
    pub me: ServiceName,
    pub keys: KeyRing,
    pub clock: Arc<dyn Clock>,
    pub addresses: BTreeMap<ServiceName, Url>,
    pub calls: PeerCalls,
}

impl PeerDirectory {
    /// The connection to `to`. The error names the missing setting.
    pub fn peer(&self, to: ServiceName) -> Result<Peer, String> {
        let setting = to.as_str().replace('-', "_");
        if !call_graph::may_call(self.me, to) {
            return Err(format!("{} does not call {to}", self.me));
        }
        let base = self.addresses.get(&to).ok_or_else(|| format!("`{setting}_url` is missing"))?;
        let rules = EgressRules { inside: true, ..EgressRules::default() };
        Ok(Peer {
            outbound: Outbound::new(rules).map_err(|error| error.to_string())?,
            base: base.clone(),
            me: self.me,
            to,
            keys: self.keys.clone(),
            clock: self.clock.clone(),
            breaker: Breaker::new(BREAKER_FAILURES, BREAKER_PAUSE),
            budget: TpsBudget::new(Duration::from_secs(10), 10, 0.2),
            token: Mutex::default(),
            calls: self.calls.clone(),
        })
    }
}

impl Peer {
    /// Calls and waits for the whole answer. `deadline` covers all attempts.
    pub async fn call<A: Serialize + Sync, T: DeserializeOwned>(
        &self,
        caller: MaybeCaller<'_>,
        call: &'static str,
        question: &A,
        (deadline, repeat): (Duration, RetryPolicy),
    ) -> Result<T, Failure> {
        let span = metrics::span(self.to, call);
        self.call_with_deadline(caller, call, question, (deadline, repeat)).instrument(span).await
    }

    async fn call_with_deadline<A: Serialize + Sync, T: DeserializeOwned>(
        &self,
        caller: MaybeCaller<'_>,
        call: &'static str,
        question: &A,
        (deadline, repeat): (Duration, RetryPolicy),
    ) -> Result<T, Failure> {
        let ends = tokio::time::Instant::now() + deadline;
        let body = serde_json::to_vec(question).map_err(Failure::internal)?;
        let headers = self.headers(caller)?;
        let mut tried = 1;
        loop {
            let left = ends.saturating_duration_since(tokio::time::Instant::now());
            let request = self.request(call, headers.clone(), body.clone(), left)?;
            let started = tokio::time::Instant::now();
            let answered = self.send_once(request).await;
            let status = answered.as_ref().map(|answer| answer.status).map_err(|error| *error);
            self.calls.record(self.to, &Span::current(), status, started);
            let answer = match answered {
                Ok(answer) => answer,
                Err(error) if tried < MAX_ATTEMPTS && self.may_retry(error, repeat) && !left.is_zero() => {
                    tokio::time::sleep(retry_delay(tried)).await;
                    tried += 1;
                    continue;
                }
                Err(error) => return Err(answers::unreachable_failure(self.to, call, error)),
            };
            // The replica is stopping or lacks a dependency, so another may answer. Only the first caller in a chain
            // retries, or retries would multiply.
            let first = matches!(self.me, ServiceName::Gateway | ServiceName::Operator) || caller.is_none();
            let retryable = first && repeat == RetryPolicy::Safe && answers::is_unavailable(&answer);
            if retryable && tried < MAX_ATTEMPTS && self.budget.withdraw() {
                tokio::time::sleep(retry_delay(tried)).await;
                tried += 1;
                continue;
            }
            return answers::read(self.to, call, &answer);
        }
    }

    /// Calls and streams the items of the answer.
    pub async fn stream<A: Serialize + Sync, T: DeserializeOwned + Send + 'static>(
        &self,
        caller: &Caller,
        call: &'static str,
        question: &A,
        deadline: Duration,
    ) -> Result<BoxStream<'static, T>, Failure> {
        let body = serde_json::to_vec(question).map_err(Failure::internal)?;
        let span = metrics::span(self.to, call);
        let headers = span.in_scope(|| self.headers(Some(caller)))?;
        let request = self.request(call, headers, body, deadline)?;
        let started = tokio::time::Instant::now();
        let opened = self.outbound.open(request).await;
        let status = opened.as_ref().map(|opened| opened.status).map_err(|error| *error);
        self.calls.record(self.to, &span, status, started);
        let opened = opened.map_err(|error| answers::unreachable_failure(self.to, call, error))?;
        if opened.status != 200 {
            let body = stream::whole(opened.body, deadline).await;
            return Err(answers::failure(self.to, opened.status, &body));
        }
        Ok(stream::items(opened.body))
    }

    async fn send_once(&self, request: Request) -> Result<Answer, OutboundError> {
        if !self.breaker.allows(self.clock.now()) {
            return Err(OutboundError::Connect);
        }
        let answered = self.outbound.send(request).await;
        match &answered {
            Ok(_) => {
                self.breaker.succeeded();
                self.budget.deposit();
            }
            Err(_) => self.breaker.failed(self.clock.now()),
        }
        answered
    }

    fn may_retry(&self, error: OutboundError, repeat: RetryPolicy) -> bool {
        let safe = match error {
            OutboundError::Connect => true,
            OutboundError::Broken => repeat == RetryPolicy::Safe,
            _ => false,
        };
        safe && self.budget.withdraw()
    }

    fn request(&self, call: &str, headers: HeaderMap, body: Vec<u8>, deadline: Duration) -> Result<Request, Failure> {
        let url = self.base.join(&format!("/internal/v1/{call}")).map_err(Failure::internal)?;
        let body = Some(body.into());
        Ok(Request { method: Method::POST, url, headers, body, deadline, max_bytes: MAX_ANSWER_BYTES })
    }

    fn headers(&self, caller: MaybeCaller<'_>) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(HeaderName::from_static(SERVICE_TOKEN), self.service_token()?);
        if let Some(caller) = caller {
            let mut bearer = HeaderValue::try_from(format!("Bearer {}", caller.token.as_ref()))
                .map_err(|_| Failure::internal("the user's token is not one"))?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        crate::trace::inject(&mut headers);
        Ok(headers)
    }

    /// Reuses one signature for many calls.
    fn service_token(&self) -> Result<HeaderValue, Failure> {
        let now = self.clock.now();
        let mut cached = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((until, token)) = cached.as_ref()
            && *until > now + MIN_TOKEN_LIFE
        {
            return Ok(token.clone());
        }
        let text = sign_service(self.keys.own(), self.me, self.to, now).map_err(Failure::internal)?;
        let mut token = HeaderValue::try_from(text).map_err(Failure::internal)?;
        token.set_sensitive(true);
        let until = now + SignedDuration::from_secs(lcr_auth::token::LIFE_SECONDS);
        *cached = Some((until, token.clone()));
        Ok(token)
    }
}

/// 20 to 60 ms after the first attempt, twice that after the second.
fn retry_delay(tried: u32) -> Duration {
    (Duration::from_millis(20) + jitter(Duration::from_millis(40))) * tried
}
