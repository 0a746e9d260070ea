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
    bytes::{ByteBudget, SourceBytes},
    copies,
    fhir::{self, Exchange, FhirError},
    links,
    pace::Pace,
    search::{self, Progress},
};
use crate::{
    domain::{
        answer::{Ended, TypeAnswer},
        kind::Kind,
        subject::Who,
    },
    metrics::SourceNumbers,
};

/// Calls to one source at once, over all views.
const AT_ONCE: usize = 48;
/// Failures in a row after which a source is skipped, and for how long.
const FAILURES: u32 = 5;
const PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// A source that answered within this time does not fail as a whole: one of its types does.
const JUST_ANSWERED: SignedDuration = SignedDuration::from_secs(2);

/// Retries one view may spend over all its sources.
#[derive(Debug)]
pub struct RetryBudget(AtomicU32);

impl RetryBudget {
    pub fn of(retries: u32) -> Self {
        Self(AtomicU32::new(retries))
    }

    pub fn spend(&self) -> bool {
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
    pace: Pace,
    bytes: SourceBytes,
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
            pace: Pace::default(),
            bytes: SourceBytes::default(),
            calls,
            health,
            types,
        })
    }

    pub fn system(&self) -> &System {
        &self.system
    }

    /// What one view may hold of this source.
    pub fn view_bytes(&self) -> ByteBudget {
        self.bytes.view()
    }

    pub fn health(&self) -> Health {
        let mut health = self.health.lock().map(|health| *health).unwrap_or_default();
        health.paused = self.breaker.is_open(self.clock.now());
        health
    }

    /// One type about one person, until `until` at the latest: a fresh copy, the source's answer, or an older copy
    /// marked as such. What comes meanwhile stands in `progress`.
    pub async fn ask(
        &self,
        kind: Kind,
        who: &Who,
        until: Instant,
        (retries, bytes): (&RetryBudget, &ByteBudget),
        progress: &Progress,
    ) -> TypeAnswer {
        let place = copies::place(&self.cache, self.system.id.as_str(), &who.local_id, kind).await;
        let found = self.copy(place.as_ref(), bytes).await;
        if let Some(found) = found.as_ref().filter(|found| found.fresh) {
            return found.answer.clone();
        }
        match self.call(kind, who, until, (retries, bytes), progress).await {
            Ok(answer) => {
                // A part never takes the place of a whole copy.
                let better = answer.partial.is_none()
                    || found.as_ref().is_none_or(|found| found.answer.partial.is_some());
                if let Some(place) = place.filter(|_| better) {
                    copies::keep(&self.cache, &place, &answer).await;
                }
                answer
            }
            Err(error) => {
                let missed = match error {
                    FhirError::TimedOut => Ended::TimedOut,
                    FhirError::NotOffered => Ended::NotOffered,
                    _ => Ended::Failed,
                };
                TypeAnswer { wrong_patient: error == FhirError::OtherPatient, ..older(found, missed, error) }
            }
        }
    }

    /// Drops every copy about the person it knows by this id.
    pub async fn forget(&self, local_id: &str) {
        copies::forget(&self.cache, self.system.id.as_str(), local_id).await;
    }

    /// What stands in, at the deadline, for an answer that is still to come: the part that came, or an older copy
    /// marked as such.
    pub async fn instead(
        &self,
        kind: Kind,
        local_id: &str,
        bytes: &ByteBudget,
        progress: &Progress,
    ) -> TypeAnswer {
        if let Some(part) = progress.answer(Some(FhirError::TimedOut.reason())) {
            return part;
        }
        let place = copies::place(&self.cache, self.system.id.as_str(), local_id, kind).await;
        older(self.copy(place.as_ref(), bytes).await, Ended::TimedOut, FhirError::TimedOut)
    }

    /// A copy, if the view may hold as much.
    async fn copy(&self, place: Option<&copies::Place>, bytes: &ByteBudget) -> Option<copies::Found> {
        copies::find(&self.cache, place?, self.clock.now(), bytes).await
    }

    async fn call(
        &self,
        kind: Kind,
        who: &Who,
        until: Instant,
        (retries, bytes): (&RetryBudget, &ByteBudget),
        progress: &Progress,
    ) -> Result<TypeAnswer, FhirError> {
        if !self.breaker.lets_through(self.clock.now()) {
            self.numbers.not_asked(&self.system.id);
            return Err(FhirError::Paused);
        }
        let started = Instant::now();
        let exchange = self.exchange(until, retries, bytes);
        let outcome = self.once(&exchange, kind, who, progress).instrument(self.span(kind)).await;
        self.numbers.asked(&self.system.id, &outcome, started.elapsed());
        self.note(outcome.as_ref().map(|_| ()).map_err(|error| *error));
        outcome
    }

    fn exchange<'a>(
        &'a self,
        until: Instant,
        retries: &'a RetryBudget,
        bytes: &'a ByteBudget,
    ) -> Exchange<'a> {
        Exchange {
            outbound: &self.outbound,
            base: &self.base,
            pace: &self.pace,
            clock: &*self.clock,
            retries,
            bytes,
            until,
        }
    }

    /// The span of one question. A source is told of no trace of ours.
    fn span(&self, kind: Kind) -> tracing::Span {
        let name = format!("source {}", kind.fhir());
        tracing::info_span!("source", otel.name = name, otel.kind = "client", source = %self.system.id)
    }

    async fn once(
        &self,
        exchange: &Exchange<'_>,
        kind: Kind,
        who: &Who,
        progress: &Progress,
    ) -> Result<TypeAnswer, FhirError> {
        let slot = tokio::time::timeout_at(exchange.until, self.calls.acquire()).await;
        let _slot = slot.map_err(|_| FhirError::TimedOut)?.map_err(|_| FhirError::Broken)?;
        match search::ask(exchange, kind, who, progress).await {
            Err(FhirError::Status(400 | 404 | 405 | 501)) if !self.offers(kind, exchange.until).await => {
                Err(FhirError::NotOffered)
            }
            other => other,
        }
    }

    /// Whether the source says that it offers this type; yes, where it says nothing.
    async fn offers(&self, kind: Kind, until: Instant) -> bool {
        let left = until.saturating_duration_since(Instant::now());
        let offered = || fhir::offered(&self.outbound, &self.base, left, self.clock.now());
        let types = self.types.get_or_try_init(offered).await;
        types.map_or(true, |types| types.contains(kind.fhir()))
    }

    fn note(&self, outcome: Result<(), FhirError>) {
        let now = self.clock.now();
        let error = match outcome {
            // That it does not offer a type is an answer like any other.
            Ok(()) | Err(FhirError::NotOffered) => None,
            Err(error) => Some(error),
        };
        let mut just_answered = false;
        if let Ok(mut health) = self.health.lock() {
            let recent = |at: Timestamp| now.duration_since(at) < JUST_ANSWERED;
            just_answered = health.last_answer.is_some_and(recent);
            health.failing = error.is_some() && !just_answered;
            health.last_answer = if error.is_none() { Some(now) } else { health.last_answer };
        }
        match error {
            None => self.breaker.succeeded(),
            Some(FhirError::OtherPatient) => {
                self.breaker.failed(now);
                tracing::error!(source = %self.system.id, alarm = "other-patient", "a source answered about another patient");
            }
            Some(error) => {
                if error.is_of_the_source() && !just_answered {
                    self.breaker.failed(now);
                }
                tracing::debug!(source = %self.system.id, %error, "a source did not answer");
            }
        }
    }

    /// A document's bytes from a link to the source, tried once more after a failure while there is time.
    pub async fn bytes(&self, link: &str, left: Duration) -> Result<bytes::Bytes, FhirError> {
        // Never onto another path of this source: the same id there may be another patient's file.
        let url = links::followed(&self.base, link)?;
        let (retries, bytes) = (RetryBudget::of(1), self.view_bytes());
        let exchange = self.exchange(Instant::now() + left, &retries, &bytes);
        let request = |left| {
            let mut request = Outbound::get(url.clone(), left);
            request.headers.insert("accept", reqwest::header::HeaderValue::from_static("*/*"));
            request
        };
        exchange.send(request).await
    }
}

/// The copy with its time, or why there is nothing.
fn older(found: Option<copies::Found>, missed: Ended, error: FhirError) -> TypeAnswer {
    let reason = (error != FhirError::NotOffered).then(|| error.reason());
    let answer = found.map_or_else(
        || TypeAnswer::empty(missed),
        |found| TypeAnswer { ended: Ended::Stale { as_of: found.at }, ..found.answer },
    );
    TypeAnswer { reason, ..answer }
}

#[cfg(test)]
#[path = "connector_tests.rs"]
mod tests;
