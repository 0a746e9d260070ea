//! One exchange with a FHIR R4 source, within the time there is. Only reads; it waits when the source asks it to.

use std::{collections::BTreeSet, time::Duration};

use bytes::BytesMut;
use futures::StreamExt;
use jiff::Timestamp;
use lcr_contracts::record::MissingReason;
use lcr_fhir::{json, read};
use lcr_model::Clock;
use lcr_web::{
    Outbound, OutboundError,
    client::{Answer, Opened, Request},
};
use reqwest::Url;
use tokio::time::Instant;

use super::{
    bytes::ByteBudget,
    connector::RetryBudget,
    links::below,
    pace::{self, Pace, Turn},
};

/// The most waits of one call that its source asks for.
const WAITS: usize = 8;

/// Why a source gave nothing usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FhirError {
    #[error("no answer in time")]
    TimedOut,
    #[error("no connection, or it broke off")]
    Broken,
    /// Status 429, or 503 with a wait; how long it asks to wait.
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
    #[error("not called for a moment after failures")]
    Paused,
}

impl FhirError {
    /// Whether asking once more may help and is safe.
    pub fn worth_retrying(self) -> bool {
        matches!(self, Self::Broken | Self::Busy(None) | Self::Status(500 | 502..=504))
    }

    /// Whether it says that the source itself fails, rather than one of its types or answers.
    pub fn is_of_the_source(self) -> bool {
        matches!(self, Self::TimedOut | Self::Broken | Self::OtherPatient | Self::Status(500..))
    }

    /// As the record names it.
    pub fn reason(self) -> MissingReason {
        match self {
            Self::TimedOut => MissingReason::TooSlow,
            Self::Broken => MissingReason::DidNotAnswer,
            Self::Busy(_) => MissingReason::Busy,
            Self::Status(status) => MissingReason::Refused(status),
            // A type that is not offered has no missing answer; the reason is never shown.
            Self::NotOffered | Self::NotFhir => MissingReason::AnswerNotReadable,
            Self::TooLarge => MissingReason::TooLarge,
            Self::ReportsError => MissingReason::ReportsError,
            Self::OtherPatient => MissingReason::OtherPatient,
            Self::LinkElsewhere => MissingReason::LinkElsewhere,
            Self::Refused => MissingReason::AddressRefused,
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
            OutboundError::Connect | OutboundError::Broken => Self::Broken,
        }
    }
}

/// One call. `now` is the time an HTTP date in `Retry-After` is compared with. What comes is taken from `budget` as it comes.
pub async fn get(
    outbound: &Outbound,
    request: Request,
    now: Timestamp,
    budget: Option<&ByteBudget>,
) -> Result<bytes::Bytes, FhirError> {
    let deadline = request.deadline;
    let answer = tokio::time::timeout(deadline, answer(outbound, request, budget)).await;
    let answer = answer.unwrap_or(Err(FhirError::TimedOut))?;
    let asked_wait = || {
        let header = answer.headers.get("retry-after")?.to_str().ok()?;
        pace::retry_after(header, now)
    };
    match answer.status {
        200 => Ok(answer.body),
        429 => Err(FhirError::Busy(asked_wait())),
        503 => Err(asked_wait().map_or(FhirError::Status(503), |wait| FhirError::Busy(Some(wait)))),
        other => Err(FhirError::Status(other)),
    }
}

async fn answer(
    outbound: &Outbound,
    request: Request,
    budget: Option<&ByteBudget>,
) -> Result<Answer, FhirError> {
    let most = request.max_bytes;
    let Opened { status, headers, body: mut chunks } = outbound.open(request).await?;
    let mut body = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        let in_budget = budget.is_none_or(|budget| budget.take(chunk.len()));
        if body.len() + chunk.len() > most || !in_budget {
            return Err(FhirError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: body.freeze() })
}

/// The types that the source says it offers for searching.
pub async fn offered(
    outbound: &Outbound,
    base: &Url,
    left: Duration,
    now: Timestamp,
) -> Result<BTreeSet<String>, FhirError> {
    let body = get(outbound, Outbound::get(below(base, "metadata"), left), now, None).await?;
    let statement = json::parse(&body).ok_or(FhirError::NotFhir)?;
    if read::str_at(&statement, "resourceType") != Some("CapabilityStatement") {
        return Err(FhirError::NotFhir);
    }
    let types = read::list(&statement, "rest").iter().flat_map(|rest| read::list(rest, "resource"));
    Ok(types.filter_map(|one| read::text(one, "type")).collect())
}

/// What the calls of one question share.
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    pub outbound: &'a Outbound,
    pub base: &'a Url,
    pub pace: &'a Pace,
    pub clock: &'a dyn Clock,
    pub retries: &'a RetryBudget,
    pub bytes: &'a ByteBudget,
    pub until: Instant,
}

impl Exchange<'_> {
    /// A body of JSON. Waits as the source asks, and tries once more after a failure, while there is time.
    pub async fn get(&self, url: &Url) -> Result<bytes::Bytes, FhirError> {
        self.send(|left| Outbound::get(url.clone(), left)).await
    }

    /// Waits for this call's turn; the source counts as busy where it is not within the time there is.
    async fn turn(&self) -> Result<Instant, FhirError> {
        loop {
            let now = Instant::now();
            match self.pace.turn(now) {
                Turn::Now => return Ok(now),
                Turn::At(next) if next >= self.until => return Err(FhirError::Busy(None)),
                Turn::At(next) => tokio::time::sleep_until(next).await,
            }
        }
    }

    /// The same for any request, made anew for each try.
    pub async fn send(&self, request: impl Fn(Duration) -> Request) -> Result<bytes::Bytes, FhirError> {
        let mut tried_again = false;
        for _ in 0..=WAITS {
            let started = self.turn().await?;
            let left = self.until.saturating_duration_since(started);
            match get(self.outbound, request(left), self.clock.now(), Some(self.bytes)).await {
                Err(FhirError::Busy(Some(wait))) => {
                    self.pace.asked_to_wait(started, Instant::now(), wait);
                }
                Err(error) if !tried_again && error.worth_retrying() && self.retries.spend() => {
                    tried_again = true;
                    tokio::time::sleep(jitter(self.clock.now())).await;
                }
                Err(error) => return Err(error),
                Ok(body) => {
                    self.pace.answered(started);
                    return Ok(body);
                }
            }
        }
        Err(FhirError::Busy(None))
    }
}

/// 30 to 130 ms, by the clock's last digits.
fn jitter(now: Timestamp) -> Duration {
    Duration::from_millis(30 + u64::from(now.subsec_microsecond().unsigned_abs() % 100))
}
