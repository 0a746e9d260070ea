//! HTTP calls to a FHIR R4 source: deadline, retries and `Retry-After`. It must only read.

use std::{collections::BTreeSet, time::Duration};

use bytes::BytesMut;
use futures::StreamExt;
use jiff::Timestamp;
use lcr_contracts::record::MissingReason;
use lcr_fhir::{json, read};
use lcr_model::{Clock, backoff::jitter};
use lcr_web::{
    AuthenticatedError, AuthenticatedOutbound, Outbound, OutboundError,
    outbound::{Answer, OpenAnswer, Request},
};
use reqwest::Url;
use serde_json::Value;
use tokio::time::Instant;

use super::{
    byte_budget::ByteBudget,
    connector::RetryBudget,
    links::url_below,
    rate_limit::{self, CallStart, RateLimit},
};

/// How many times one call waits because its source is busy.
const MAX_WAITS: usize = 8;
/// A retry waits from 30 to 130 ms.
const RETRY_DELAY: Duration = Duration::from_millis(30);
const RETRY_SPREAD: Duration = Duration::from_millis(100);

/// Why a source gave no usable answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FhirError {
    #[error("no answer in time")]
    TimedOut,
    #[error("no connection, or it broke off")]
    Broken,
    /// Status 429, or 503 with `Retry-After`; holds the wait that the source asks for.
    #[error("the source is busy")]
    Busy(Option<Duration>),
    #[error("answered with status {0}")]
    Status(u16),
    #[error("a type the source says it does not offer")]
    NotOffered,
    #[error("larger than we take")]
    TooLarge,
    #[error("not a FHIR answer")]
    NotFhir,
    #[error("the answer is an error report")]
    ReportsError,
    #[error("an answer about another patient")]
    OtherPatient,
    #[error("a link that leaves the source")]
    LinkElsewhere,
    #[error("an address we may not call")]
    Refused,
    #[error("our credentials are not accepted, or cannot be used")]
    NotAuthenticated,
    #[error("not called for a moment after failures")]
    Paused,
}

impl FhirError {
    /// Whether a retry may help and is safe.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Broken | Self::Busy(None) | Self::Status(500 | 502..=504))
    }

    /// Whether the source itself fails, rather than one type or answer.
    pub fn is_source_failure(self) -> bool {
        matches!(self, Self::TimedOut | Self::Broken | Self::OtherPatient | Self::Status(500..))
    }

    /// The reason that the record shows.
    pub fn reason(self) -> MissingReason {
        match self {
            Self::TimedOut => MissingReason::TooSlow,
            Self::Broken => MissingReason::DidNotAnswer,
            Self::Busy(_) => MissingReason::Busy,
            Self::Status(status) => MissingReason::Refused(status),
            // "Not offered" is not a missing answer, so its reason is never shown.
            Self::NotOffered | Self::NotFhir => MissingReason::AnswerNotReadable,
            Self::TooLarge => MissingReason::TooLarge,
            Self::ReportsError => MissingReason::ReportsError,
            Self::OtherPatient => MissingReason::OtherPatient,
            Self::LinkElsewhere => MissingReason::LinkElsewhere,
            Self::Refused => MissingReason::AddressRefused,
            Self::NotAuthenticated => MissingReason::Refused(401),
            Self::Paused => MissingReason::Paused,
        }
    }
}

impl From<OutboundError> for FhirError {
    fn from(error: OutboundError) -> Self {
        match error {
            OutboundError::TimedOut => Self::TimedOut,
            OutboundError::TooLarge => Self::TooLarge,
            OutboundError::Refused => Self::Refused,
            OutboundError::Connect | OutboundError::Tls | OutboundError::Broken => Self::Broken,
        }
    }
}

impl From<AuthenticatedError> for FhirError {
    fn from(error: AuthenticatedError) -> Self {
        match error {
            AuthenticatedError::Outbound(error) => error.into(),
            AuthenticatedError::TokenRefused | AuthenticatedError::UnusableCredentials => Self::NotAuthenticated,
        }
    }
}

/// Makes one call. `now` is compared with an HTTP date in `Retry-After`; each chunk is charged to `budget` as it arrives.
pub async fn get(
    outbound: &AuthenticatedOutbound,
    request: Request,
    now: Timestamp,
    budget: Option<&ByteBudget>,
) -> Result<bytes::Bytes, FhirError> {
    let deadline = request.deadline;
    let answer = tokio::time::timeout(deadline, read_answer(outbound, request, budget)).await;
    let answer = answer.unwrap_or(Err(FhirError::TimedOut))?;
    let requested_wait = || {
        let header = answer.headers.get("retry-after")?.to_str().ok()?;
        rate_limit::parse_retry_after(header, now)
    };
    match answer.status {
        200 => Ok(answer.body),
        429 => Err(FhirError::Busy(requested_wait())),
        503 => Err(requested_wait().map_or(FhirError::Status(503), |wait| FhirError::Busy(Some(wait)))),
        other => Err(FhirError::Status(other)),
    }
}

async fn read_answer(
    outbound: &AuthenticatedOutbound,
    request: Request,
    budget: Option<&ByteBudget>,
) -> Result<Answer, FhirError> {
    let max_bytes = request.max_bytes;
    let OpenAnswer { status, headers, body: mut chunks } = outbound.open(request).await?;
    let mut body = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        let is_in_budget = budget.is_none_or(|budget| budget.take(chunk.len()));
        if body.len() + chunk.len() > max_bytes || !is_in_budget {
            return Err(FhirError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: body.freeze() })
}

/// Fetches the types that the source's capability statement names.
pub async fn fetch_offered_types(
    outbound: &AuthenticatedOutbound,
    base: &Url,
    timeout: Duration,
    now: Timestamp,
) -> Result<BTreeSet<String>, FhirError> {
    let statement = fetch_capability(outbound, base, timeout, now).await?;
    let types = read::list(&statement, "rest").iter().flat_map(|rest| read::list(rest, "resource"));
    Ok(types.filter_map(|resource| read::text(resource, "type")).collect())
}

/// Fetches the parameters with which the source lets a type be searched. `None` if it offers no search of the type.
pub async fn fetch_search_parameters(
    outbound: &AuthenticatedOutbound,
    base: &Url,
    resource_type: &str,
    timeout: Duration,
    now: Timestamp,
) -> Result<Option<BTreeSet<String>>, FhirError> {
    let statement = fetch_capability(outbound, base, timeout, now).await?;
    Ok(read::list(&statement, "rest").iter().find_map(|rest| {
        let mut resources = read::list(rest, "resource").iter();
        let resource = resources.find(|one| read::str_at(one, "type") == Some(resource_type))?;
        let interactions = read::list(resource, "interaction");
        let is_search = |one: &Value| read::str_at(one, "code") == Some("search-type");
        // Parameters of all types stand beside the types.
        let parameters = [rest, resource].into_iter().flat_map(|one| read::list(one, "searchParam"));
        let names = parameters.filter_map(|parameter| read::text(parameter, "name")).collect();
        (interactions.is_empty() || interactions.iter().any(is_search)).then_some(names)
    }))
}

async fn fetch_capability(
    outbound: &AuthenticatedOutbound,
    base: &Url,
    timeout: Duration,
    now: Timestamp,
) -> Result<Value, FhirError> {
    let body = get(outbound, Outbound::get(url_below(base, "metadata"), timeout), now, None).await?;
    let statement = json::parse(&body).ok_or(FhirError::NotFhir)?;
    let is_statement = read::str_at(&statement, "resourceType") == Some("CapabilityStatement");
    if is_statement { Ok(statement) } else { Err(FhirError::NotFhir) }
}

/// What the calls of one query share.
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    pub outbound: &'a AuthenticatedOutbound,
    pub base: &'a Url,
    pub rate_limit: &'a RateLimit,
    pub clock: &'a dyn Clock,
    pub retries: &'a RetryBudget,
    pub budget: &'a ByteBudget,
    pub until: Instant,
}

impl Exchange<'_> {
    /// Gets a JSON body. Waits when the source asks for it, and retries once after a failure, until the deadline.
    pub async fn get(&self, url: &Url) -> Result<bytes::Bytes, FhirError> {
        self.send(|left| Outbound::get(url.clone(), left)).await
    }

    /// Waits until this call may start. The source counts as busy if that is after the deadline.
    async fn wait_to_start(&self) -> Result<Instant, FhirError> {
        loop {
            let now = Instant::now();
            match self.rate_limit.reserve_call(now) {
                CallStart::Now => return Ok(now),
                CallStart::At(next) if next >= self.until => return Err(FhirError::Busy(None)),
                CallStart::At(next) => tokio::time::sleep_until(next).await,
            }
        }
    }

    /// Sends any request with the same waits and retry. `request` builds it anew for each attempt.
    pub async fn send(&self, request: impl Fn(Duration) -> Request) -> Result<bytes::Bytes, FhirError> {
        let mut has_retried = false;
        for _ in 0..=MAX_WAITS {
            let started = self.wait_to_start().await?;
            let left = self.until.saturating_duration_since(started);
            match get(self.outbound, request(left), self.clock.now(), Some(self.budget)).await {
                Err(FhirError::Busy(Some(wait))) => {
                    self.rate_limit.record_wait(started, Instant::now(), wait);
                }
                Err(error) if !has_retried && error.is_retryable() && self.retries.spend() => {
                    has_retried = true;
                    tokio::time::sleep(RETRY_DELAY + jitter(RETRY_SPREAD)).await;
                }
                Err(error) => return Err(error),
                Ok(body) => {
                    self.rate_limit.record_answer(started);
                    return Ok(body);
                }
            }
        }
        Err(FhirError::Busy(None))
    }
}
