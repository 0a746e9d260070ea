//! One source: its copies, breaker, budget of calls at once, and health. Its slowness costs nobody else.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use lcr_cache::SealedCache;
use lcr_contracts::identity::System;
use lcr_model::Clock;
use lcr_web::{Outbound, breaker::Breaker};
use reqwest::Url;
use tokio::{
    sync::{OnceCell, Semaphore},
    time::Instant,
};
use tracing::Instrument;

use super::{
    copies,
    fhir::{self, FhirError},
};
use crate::{
    domain::{
        answer::{Ended, TypeAnswer},
        kind::Kind,
    },
    metrics::SourceNumbers,
};

/// Calls to one source at once, over all views.
const AT_ONCE: usize = 48;
/// Failures in a row after which a source is skipped, and for how long.
const FAILURES: u32 = 5;
const PAUSE: SignedDuration = SignedDuration::from_secs(10);

/// Retries one view may spend over all its sources.
#[derive(Debug)]
pub struct RetryBudget(AtomicU32);

impl RetryBudget {
    pub fn of(retries: u32) -> Self {
        Self(AtomicU32::new(retries))
    }

    fn spend(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// How a source has been doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    pub last_answer: Option<Timestamp>,
    pub failing: bool,
    pub paused: bool,
}

#[derive(Debug)]
pub struct Connector {
    system: System,
    base: Url,
    outbound: Outbound,
    cache: SealedCache,
    clock: Arc<dyn Clock>,
    numbers: SourceNumbers,
    breaker: Breaker,
    calls: Semaphore,
    health: Mutex<Health>,
    /// What its capability statement names, once it was needed.
    types: OnceCell<BTreeSet<String>>,
}

impl Connector {
    /// `None` for a system whose base address does not read.
    pub fn new(
        system: System,
        outbound: Outbound,
        cache: SealedCache,
        clock: Arc<dyn Clock>,
        numbers: SourceNumbers,
    ) -> Option<Self> {
        let base = Url::parse(&system.base_url).ok()?;
        let (calls, health, types) = (Semaphore::new(AT_ONCE), Mutex::default(), OnceCell::new());
        Some(Self {
            system,
            base,
            outbound,
            cache,
            clock,
            numbers,
            breaker: Breaker::new(FAILURES, PAUSE),
            calls,
            health,
            types,
        })
    }

    pub fn system(&self) -> &System {
        &self.system
    }

    pub fn health(&self) -> Health {
        let mut health = self.health.lock().map(|health| *health).unwrap_or_default();
        health.paused = self.breaker.is_open(self.clock.now());
        health
    }

    /// One type about one patient, until `until` at the latest: a fresh copy, the source's answer, or an older
    /// copy marked as such.
    pub async fn ask(&self, kind: Kind, local_id: &str, until: Instant, retries: &RetryBudget) -> TypeAnswer {
        let place = copies::place(&self.cache, self.system.id.as_str(), local_id, kind).await;
        let found = match &place {
            Some(place) => copies::find(&self.cache, place, self.clock.now()).await,
            None => None,
        };
        if let Some(found) = found.as_ref().filter(|found| found.fresh) {
            return found.answer.clone();
        }
        match self.call(kind, local_id, until, retries).await {
            Ok((at, answer)) => {
                if let Some(place) = &place {
                    copies::keep(&self.cache, place, at, &answer).await;
                }
                answer
            }
            Err(error) => {
                let missed = match error {
                    FhirError::TimedOut => Ended::TimedOut,
                    FhirError::NotOffered => Ended::NotOffered,
                    _ => Ended::Failed,
                };
                TypeAnswer { wrong_patient: error == FhirError::OtherPatient, ..older(found, missed) }
            }
        }
    }

    /// Drops every copy about the person it knows by this id.
    pub async fn forget(&self, local_id: &str) {
        copies::forget(&self.cache, self.system.id.as_str(), local_id).await;
    }

    /// What stands in, at the deadline, for an answer that is still to come: an older copy marked as such.
    pub async fn instead(&self, kind: Kind, local_id: &str) -> TypeAnswer {
        let place = copies::place(&self.cache, self.system.id.as_str(), local_id, kind).await;
        let found = match &place {
            Some(place) => copies::find(&self.cache, place, self.clock.now()).await,
            None => None,
        };
        older(found, Ended::TimedOut)
    }

    async fn call(
        &self,
        kind: Kind,
        local_id: &str,
        until: Instant,
        retries: &RetryBudget,
    ) -> Result<(Timestamp, TypeAnswer), FhirError> {
        if !self.breaker.lets_through(self.clock.now()) {
            self.numbers.not_asked(&self.system.id);
            return Err(FhirError::Broken);
        }
        let mut attempt = 0;
        loop {
            let started = Instant::now();
            let outcome = self.once(kind, local_id, until).instrument(self.span(kind)).await;
            self.numbers.asked(&self.system.id, &outcome, started.elapsed());
            self.note(outcome.as_ref().map(|(at, _)| *at).map_err(|error| *error));
            match outcome {
                Err(error) if attempt == 0 && error.worth_retrying() && retries.spend() => {
                    attempt += 1;
                    tokio::time::sleep(jitter(self.clock.now())).await;
                }
                other => return other,
            }
        }
    }

    /// The span of one question. A source is told of no trace of ours.
    fn span(&self, kind: Kind) -> tracing::Span {
        let name = format!("source {}", kind.fhir());
        tracing::info_span!("source", otel.name = name, otel.kind = "client", source = %self.system.id)
    }

    async fn once(
        &self,
        kind: Kind,
        local_id: &str,
        until: Instant,
    ) -> Result<(Timestamp, TypeAnswer), FhirError> {
        let left = until.saturating_duration_since(Instant::now());
        let slot = tokio::time::timeout(left, self.calls.acquire()).await;
        let _slot = slot.map_err(|_| FhirError::TimedOut)?.map_err(|_| FhirError::Broken)?;
        let (at, left) = (self.clock.now(), until.saturating_duration_since(Instant::now()));
        let fetched =
            tokio::time::timeout(left, fhir::fetch(&self.outbound, &self.base, kind, local_id, at, left))
                .await;
        match fetched.map_err(|_| FhirError::TimedOut)? {
            Err(FhirError::Status(400 | 404 | 405 | 501)) if !self.offers(kind, left).await => {
                Err(FhirError::NotOffered)
            }
            other => Ok((at, other?)),
        }
    }

    /// Whether the source says that it offers this type; yes, where it says nothing.
    async fn offers(&self, kind: Kind, left: Duration) -> bool {
        let types = self.types.get_or_try_init(|| fhir::offered(&self.outbound, &self.base, left)).await;
        types.map_or(true, |types| types.contains(kind.fhir()))
    }

    fn note(&self, outcome: Result<Timestamp, FhirError>) {
        // That it does not offer a type is an answer like any other.
        let outcome = match outcome {
            Err(FhirError::NotOffered) => Ok(self.clock.now()),
            other => other,
        };
        if let Ok(mut health) = self.health.lock() {
            health.failing = outcome.is_err();
            health.last_answer = outcome.ok().or(health.last_answer);
        }
        match outcome {
            Ok(_) => self.breaker.succeeded(),
            Err(FhirError::OtherPatient) => {
                self.breaker.failed(self.clock.now());
                tracing::error!(source = %self.system.id, alarm = "other-patient", "a source answered about another patient");
            }
            Err(error) => {
                self.breaker.failed(self.clock.now());
                tracing::debug!(source = %self.system.id, %error, "a source did not answer");
            }
        }
    }

    /// A document's bytes from a link under the source's base.
    pub async fn bytes(&self, link: &str, left: Duration) -> Result<bytes::Bytes, FhirError> {
        let mut request = Outbound::get(fhir::followed(&self.base, link)?, left);
        request.headers.insert("accept", reqwest::header::HeaderValue::from_static("*/*"));
        let answer = self.outbound.send(request).await?;
        if answer.status == 200 { Ok(answer.body) } else { Err(FhirError::Status(answer.status)) }
    }
}

/// The copy with its time, or why there is nothing.
fn older(found: Option<copies::Found>, missed: Ended) -> TypeAnswer {
    found.map_or_else(
        || TypeAnswer::empty(missed),
        |found| TypeAnswer { ended: Ended::Stale { as_of: found.at }, ..found.answer },
    )
}

/// 30 to 130 ms, by the clock's last digits.
fn jitter(now: Timestamp) -> Duration {
    Duration::from_millis(30 + u64::from(now.subsec_microsecond().unsigned_abs() % 100))
}
