//! The one way a service calls another: deadline, breaker, a budget of retries with jitter, both tokens, the trace it
//! is part of. Its address is configuration. It must never repeat what is not safe to repeat once it may have
//! arrived, nor put anything of a question into an address.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::stream::BoxStream;
use jiff::{SignedDuration, Timestamp};
use lcr_auth::{KeyRing, sign_service};
use lcr_contracts::{Caller, Failure, arrows};
use lcr_model::{Clock, ServiceName};
use reqwest::{
    Method, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};
use tower::retry::budget::{Budget, TpsBudget};
use tracing::{Instrument, Span};

use super::{From, answers, stream};
use crate::{
    EgressRules, Outbound, OutboundError,
    breaker::Breaker,
    client::{Answer, Request},
    gate::SERVICE_TOKEN,
    measure::{self, PeerCalls},
};

/// The largest answer taken: a whole record with inline documents.
const MOST_BYTES: usize = 64 << 20;
/// A token is signed anew when it has less than this to live.
const FRESH: SignedDuration = SignedDuration::from_secs(60);
/// Tries of one call, the first included.
const TRIES: u32 = 3;
/// Failures in a row after which a callee is skipped, and for how long: short, since it has other replicas.
const FAILURES: u32 = 10;
const PAUSE: SignedDuration = SignedDuration::from_millis(500);

/// Whether a call may be made again when it is not known whether it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    Safe,
    /// Only when it surely did not.
    OnlyUnsent,
}

/// A service as another reaches it.
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
    numbers: PeerCalls,
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Peer({} at {})", self.to, self.base)
    }
}

/// Everybody a service calls, by their addresses.
#[derive(Debug, Clone)]
pub struct Peers {
    pub me: ServiceName,
    pub keys: KeyRing,
    pub clock: Arc<dyn Clock>,
    pub addresses: BTreeMap<ServiceName, Url>,
    pub numbers: PeerCalls,
}

impl Peers {
    /// The way to `to`; an error names the setting that is missing.
    pub fn peer(&self, to: ServiceName) -> Result<Peer, String> {
        let setting = to.as_str().replace('-', "_");
        if !arrows::may_call(self.me, to) {
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
            breaker: Breaker::new(FAILURES, PAUSE),
            budget: TpsBudget::new(Duration::from_secs(10), 10, 0.2),
            token: Mutex::default(),
            numbers: self.numbers.clone(),
        })
    }
}

impl Peer {
    /// Asks and waits for the whole answer, `deadline` over all tries.
    pub async fn ask<A: Serialize + Sync, T: DeserializeOwned>(
        &self,
        caller: From<'_>,
        call: &'static str,
        question: &A,
        (deadline, repeat): (Duration, Repeat),
    ) -> Result<T, Failure> {
        let span = measure::span(self.to, call);
        self.ask_within(caller, call, question, (deadline, repeat)).instrument(span).await
    }

    async fn ask_within<A: Serialize + Sync, T: DeserializeOwned>(
        &self,
        caller: From<'_>,
        call: &'static str,
        question: &A,
        (deadline, repeat): (Duration, Repeat),
    ) -> Result<T, Failure> {
        let ends = tokio::time::Instant::now() + deadline;
        let body = serde_json::to_vec(question).map_err(Failure::internal)?;
        let headers = self.headers(caller)?;
        let mut tried = 1;
        loop {
            let left = ends.saturating_duration_since(tokio::time::Instant::now());
            let request = self.request(call, headers.clone(), body.clone(), left)?;
            let started = tokio::time::Instant::now();
            let answered = self.once(request).await;
            let status = answered.as_ref().map(|answer| answer.status).map_err(|error| *error);
            self.numbers.note(self.to, &Span::current(), status, started);
            let answer = match answered {
                Ok(answer) => answer,
                Err(error) if tried < TRIES && self.again(error, repeat) && !left.is_zero() => {
                    tokio::time::sleep(pause(tried)).await;
                    tried += 1;
                    continue;
                }
                Err(error) => return Err(answers::unreached(self.to, call, error)),
            };
            // A replica that is stopping, or has lost something it needs: another may answer. Only the first of a chain
            // of callers asks again, or each of them would for all behind it.
            let first = matches!(self.me, ServiceName::Gateway | ServiceName::Operator) || caller.is_none();
            let away = first && repeat == Repeat::Safe && answers::is_unavailable(&answer);
            if away && tried < TRIES && self.budget.withdraw() {
                tokio::time::sleep(pause(tried)).await;
                tried += 1;
                continue;
            }
            return answers::read(self.to, call, &answer);
        }
    }

    /// Asks and hands on what comes, item by item, for as long as it comes.
    pub async fn follow<A: Serialize + Sync, T: DeserializeOwned + Send + 'static>(
        &self,
        caller: &Caller,
        call: &'static str,
        question: &A,
        deadline: Duration,
    ) -> Result<BoxStream<'static, T>, Failure> {
        let body = serde_json::to_vec(question).map_err(Failure::internal)?;
        let span = measure::span(self.to, call);
        let headers = span.in_scope(|| self.headers(Some(caller)))?;
        let request = self.request(call, headers, body, deadline)?;
        let started = tokio::time::Instant::now();
        let opened = self.outbound.open(request).await;
        let status = opened.as_ref().map(|opened| opened.status).map_err(|error| *error);
        self.numbers.note(self.to, &span, status, started);
        let opened = opened.map_err(|error| answers::unreached(self.to, call, error))?;
        if opened.status != 200 {
            let body = stream::whole(opened.body, deadline).await;
            return Err(answers::failure(self.to, opened.status, &body));
        }
        Ok(stream::items(opened.body))
    }

    async fn once(&self, request: Request) -> Result<Answer, OutboundError> {
        if !self.breaker.lets_through(self.clock.now()) {
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

    fn again(&self, error: OutboundError, repeat: Repeat) -> bool {
        let safe = match error {
            OutboundError::Connect => true,
            OutboundError::Broken => repeat == Repeat::Safe,
            _ => false,
        };
        safe && self.budget.withdraw()
    }

    fn request(
        &self,
        call: &str,
        headers: HeaderMap,
        body: Vec<u8>,
        deadline: Duration,
    ) -> Result<Request, Failure> {
        let url = self.base.join(&format!("/internal/v1/{call}")).map_err(Failure::internal)?;
        let body = Some(body.into());
        Ok(Request { method: Method::POST, url, headers, body, deadline, max_bytes: MOST_BYTES })
    }

    fn headers(&self, caller: From<'_>) -> Result<HeaderMap, Failure> {
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

    /// One signature lasts for many calls.
    fn service_token(&self) -> Result<HeaderValue, Failure> {
        let now = self.clock.now();
        let mut held = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((until, token)) = held.as_ref()
            && *until > now + FRESH
        {
            return Ok(token.clone());
        }
        let text = sign_service(self.keys.own(), self.me, self.to, now).map_err(Failure::internal)?;
        let mut token = HeaderValue::try_from(text).map_err(Failure::internal)?;
        token.set_sensitive(true);
        let until = now + SignedDuration::from_secs(lcr_auth::token::LIFE_SECONDS);
        *held = Some((until, token.clone()));
        Ok(token)
    }
}

/// 20 to 60 ms after the first try, twice that after the second.
fn pause(tried: u32) -> Duration {
    let jitter = u64::from(uuid::Uuid::new_v4().as_bytes()[0] % 40);
    Duration::from_millis(20 + jitter) * tried
}
