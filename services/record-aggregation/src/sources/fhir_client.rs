//! HTTP calls to a FHIR R4 source: deadline, retries and `Retry-After`. It must only read.

mod fhir_error;

use std::{collections::BTreeSet, time::Duration};

use bytes::BytesMut;
use futures::StreamExt;
use jiff::Timestamp;
use lcr_fhir::{json, read};
use lcr_model::{Clock, backoff::jitter};
use lcr_web::{
    AuthenticatedOutbound, Outbound,
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
pub use fhir_error::FhirError;

/// How many times one call waits because its source is busy.
const MAX_WAITS: usize = 8;
/// A retry waits from 30 to 130 ms.
const RETRY_DELAY: Duration = Duration::from_millis(30);
const RETRY_SPREAD: Duration = Duration::from_millis(100);

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
