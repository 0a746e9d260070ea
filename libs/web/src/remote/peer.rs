//! The one way a service calls another: deadline, breaker, retry budget with jitter, both tokens, the trace. Addresses
//! come from configuration. A call that may have arrived must not be repeated unless that is safe, and no request data
//! may be in a URL.

mod directory;
mod request;

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

pub use directory::PeerDirectory;
use futures::stream::BoxStream;
use jiff::Timestamp;
use lcr_auth::KeyRing;
use lcr_contracts::{Caller, Failure};
use lcr_model::{Clock, ServiceName, backoff::jitter};
use reqwest::{Url, header::HeaderValue};
use serde::{Serialize, de::DeserializeOwned};
use tower::retry::budget::{Budget, TpsBudget};
use tracing::{Instrument, Span};

use super::{MaybeCaller, answers, stream};
use crate::{
    Outbound, OutboundError,
    breaker::Breaker,
    metrics::{self, PeerCalls},
    outbound::{Answer, Request},
};

/// Attempts of one call, including the first.
const MAX_ATTEMPTS: u32 = 3;

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
}

/// 20 to 60 ms after the first attempt, twice that after the second.
fn retry_delay(tried: u32) -> Duration {
    (Duration::from_millis(20) + jitter(Duration::from_millis(40))) * tried
}
