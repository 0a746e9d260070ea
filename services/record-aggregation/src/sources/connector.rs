//! One source: its cached answers, breaker, concurrent calls and health. A slow source must never delay the others.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::registry::System;
use lcr_model::{Clock, seal::DataKeys};
use lcr_web::{AuthenticatedOutbound, Outbound, breaker::Breaker};
use reqwest::Url;
use tokio::{
    sync::{OnceCell, Semaphore},
    time::Instant,
};
use tracing::Instrument;

use super::{
    answer_cache::{AnswerCache, CachedAnswer, PersonAnswers},
    byte_budget::{ByteBudget, SourceBudget},
    fhir_client::{self, Exchange, FhirError},
    links,
    rate_limit::RateLimit,
    search::{self, Progress},
};
use crate::{
    domain::{
        resource_type::ResourceType,
        source_answer::{QueryOutcome, TypeAnswer},
        subject::PersonIds,
    },
    metrics::SourceMetrics,
};

/// Concurrent calls to one source over all views.
const MAX_CONCURRENT_CALLS: usize = 48;
/// Failures in a row that open the breaker.
const FAILURES_TO_OPEN: u32 = 5;
/// How long an open breaker skips the source.
const BREAKER_PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// If the source answered within this time, a failure counts against the type only, not against the source.
const RECENT_ANSWER: SignedDuration = SignedDuration::from_secs(2);

/// Retries one view may spend over all its sources.
#[derive(Debug)]
pub struct RetryBudget(AtomicU32);

impl RetryBudget {
    pub fn new(retries: u32) -> Self {
        Self(AtomicU32::new(retries))
    }

    /// Takes one retry. Returns false if none is left.
    pub fn spend(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// The recent health of a source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    pub last_answer: Option<Timestamp>,
    pub failing: bool,
    pub paused: bool,
}

/// A person as one source knows them, and the cached answers about them.
pub struct PersonAtSource {
    pub ids: PersonIds,
    answers: PersonAnswers,
}

#[derive(Debug)]
pub struct Connector {
    system: System,
    base: Url,
    /// `None` if the source has credentials that cannot be used: it is never asked without them.
    outbound: Option<AuthenticatedOutbound>,
    cache: AnswerCache,
    clock: Arc<dyn Clock>,
    metrics: SourceMetrics,
    breaker: Breaker,
    rate_limit: RateLimit,
    budget: SourceBudget,
    call_slots: Semaphore,
    health: Mutex<Health>,
    /// The types that its capability statement names, loaded on first use.
    offered_types: OnceCell<BTreeSet<String>>,
}

impl Connector {
    /// `None` if the system's base address cannot be parsed.
    pub fn new(
        system: System,
        outbound: Outbound,
        data_keys: &DataKeys,
        cache: AnswerCache,
        clock: Arc<dyn Clock>,
        metrics: SourceMetrics,
    ) -> Option<Self> {
        let base = Url::parse(&system.base_url).ok()?;
        let outbound = AuthenticatedOutbound::for_system(outbound, &system, data_keys, clock.clone());
        if let Err(error) = &outbound {
            tracing::error!(source = %system.id, %error, "a source is not asked");
        }
        let outbound = outbound.ok();
        let (call_slots, health, offered_types) =
            (Semaphore::new(MAX_CONCURRENT_CALLS), Mutex::default(), OnceCell::new());
        Some(Self {
            system,
            base,
            outbound,
            cache,
            clock,
            metrics,
            breaker: Breaker::new(FAILURES_TO_OPEN, BREAKER_PAUSE),
            rate_limit: RateLimit::default(),
            budget: SourceBudget::default(),
            call_slots,
            health,
            offered_types,
        })
    }

    pub fn system(&self) -> &System {
        &self.system
    }

    /// The client of this source. `None` if its credentials cannot be used.
    pub fn outbound(&self) -> Option<&AuthenticatedOutbound> {
        self.outbound.as_ref()
    }

    /// The person with these ids. One is made for all resource types of a view.
    pub async fn person(&self, ids: PersonIds) -> PersonAtSource {
        let answers = self.cache.open(self.system.id.as_str(), &ids.local_id).await;
        PersonAtSource { ids, answers }
    }

    /// The fresh answer that this process keeps, if there is one.
    pub fn fresh(&self, resource_type: ResourceType, who: &PersonAtSource, budget: &ByteBudget) -> Option<TypeAnswer> {
        Some(self.cache.fresh(&who.answers, resource_type, self.clock.now(), budget)?.answer)
    }

    /// The budget of one view for this source.
    pub fn view_budget(&self) -> ByteBudget {
        self.budget.view_budget()
    }

    pub fn health(&self) -> Health {
        let mut health = self.health.lock().map(|health| *health).unwrap_or_default();
        health.paused = self.breaker.is_open(self.clock.now());
        health
    }

    /// Fetches one type about one person: a fresh cached answer, the source's answer, or an older cached answer marked as
    /// stale. `progress` holds the part that has arrived so far.
    pub async fn fetch_type(
        &self,
        resource_type: ResourceType,
        who: &PersonAtSource,
        until: Instant,
        (retries, budget): (&RetryBudget, &ByteBudget),
        progress: &Progress,
    ) -> TypeAnswer {
        let cached = match self.cached(resource_type, who, budget).await {
            Some(cached) if cached.fresh => return cached.answer,
            older => older,
        };
        match self.call(resource_type, &who.ids, until, (retries, budget), progress).await {
            Ok(answer) => {
                // A partial answer never replaces a complete cached one.
                let is_better =
                    answer.partial.is_none() || cached.as_ref().is_none_or(|cached| cached.answer.partial.is_some());
                if is_better {
                    self.cache.put(&who.answers, resource_type, &answer).await;
                }
                answer
            }
            Err(error) => {
                let outcome = match error {
                    FhirError::TimedOut => QueryOutcome::TimedOut,
                    FhirError::NotOffered => QueryOutcome::NotOffered,
                    _ => QueryOutcome::Failed,
                };
                TypeAnswer { wrong_patient: error == FhirError::OtherPatient, ..stale_or_empty(cached, outcome, error) }
            }
        }
    }

    /// Drops every cached answer about the person with this id.
    pub async fn clear_cache(&self, local_id: &str) {
        self.cache.invalidate(self.system.id.as_str(), local_id).await;
    }

    /// The answer at the deadline while the source has not finished: the part that has arrived, or an older cached answer
    /// marked as stale.
    pub async fn fallback(
        &self,
        resource_type: ResourceType,
        who: &PersonAtSource,
        budget: &ByteBudget,
        progress: &Progress,
    ) -> TypeAnswer {
        if let Some(part) = progress.answer(Some(FhirError::TimedOut.reason())) {
            return part;
        }
        // The group as it is now: its answers may have been dropped since the view began.
        let answers = self.cache.open(self.system.id.as_str(), &who.ids.local_id).await;
        let cached = self.cache.get(&answers, resource_type, self.clock.now(), budget).await;
        stale_or_empty(cached, QueryOutcome::TimedOut, FhirError::TimedOut)
    }

    /// The cached answer, if the view's budget has room for it.
    async fn cached(
        &self,
        resource_type: ResourceType,
        who: &PersonAtSource,
        budget: &ByteBudget,
    ) -> Option<CachedAnswer> {
        self.cache.get(&who.answers, resource_type, self.clock.now(), budget).await
    }

    async fn call(
        &self,
        resource_type: ResourceType,
        who: &PersonIds,
        until: Instant,
        (retries, budget): (&RetryBudget, &ByteBudget),
        progress: &Progress,
    ) -> Result<TypeAnswer, FhirError> {
        if !self.breaker.allows(self.clock.now()) {
            self.metrics.record_skipped(&self.system.id);
            return Err(FhirError::Paused);
        }
        let started = Instant::now();
        let outcome = match self.exchange(until, retries, budget) {
            Some(exchange) => {
                self.search(&exchange, resource_type, who, progress).instrument(self.span(resource_type)).await
            }
            None => Err(FhirError::NotAuthenticated),
        };
        self.metrics.record_call(&self.system.id, &outcome, started.elapsed());
        self.record_outcome(outcome.as_ref().map(|_| ()).map_err(|error| *error));
        outcome
    }

    /// `None` if the credentials of the source cannot be used.
    fn exchange<'a>(
        &'a self,
        until: Instant,
        retries: &'a RetryBudget,
        budget: &'a ByteBudget,
    ) -> Option<Exchange<'a>> {
        Some(Exchange {
            outbound: self.outbound.as_ref()?,
            base: &self.base,
            rate_limit: &self.rate_limit,
            clock: &*self.clock,
            retries,
            budget,
            until,
        })
    }

    /// The span of one call. No trace header is sent to the source.
    fn span(&self, resource_type: ResourceType) -> tracing::Span {
        let name = format!("source {}", resource_type.as_str());
        tracing::info_span!("source", otel.name = name, otel.kind = "client", source = %self.system.id)
    }

    async fn search(
        &self,
        exchange: &Exchange<'_>,
        resource_type: ResourceType,
        who: &PersonIds,
        progress: &Progress,
    ) -> Result<TypeAnswer, FhirError> {
        let slot = tokio::time::timeout_at(exchange.until, self.call_slots.acquire()).await;
        let _slot = slot.map_err(|_| FhirError::TimedOut)?.map_err(|_| FhirError::Broken)?;
        match search::fetch_all(exchange, resource_type, who, progress).await {
            Err(FhirError::Status(400 | 404 | 405 | 501)) if !self.offers_type(resource_type, exchange).await => {
                Err(FhirError::NotOffered)
            }
            other => other,
        }
    }

    /// Whether the source's capability statement names this type; true if it cannot be read.
    async fn offers_type(&self, resource_type: ResourceType, exchange: &Exchange<'_>) -> bool {
        let left = exchange.until.saturating_duration_since(Instant::now());
        let fetch = || fhir_client::fetch_offered_types(exchange.outbound, &self.base, left, self.clock.now());
        let types = self.offered_types.get_or_try_init(fetch).await;
        types.map_or(true, |types| types.contains(resource_type.as_str()))
    }

    fn record_outcome(&self, outcome: Result<(), FhirError>) {
        let now = self.clock.now();
        let error = match outcome {
            // "Not offered" is a regular answer.
            Ok(()) | Err(FhirError::NotOffered) => None,
            Err(error) => Some(error),
        };
        let mut just_answered = false;
        if let Ok(mut health) = self.health.lock() {
            let is_recent = |at: Timestamp| now.duration_since(at) < RECENT_ANSWER;
            just_answered = health.last_answer.is_some_and(is_recent);
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
                if error.is_source_failure() && !just_answered {
                    self.breaker.failed(now);
                }
                tracing::debug!(source = %self.system.id, %error, "a source did not answer");
            }
        }
    }

    /// Fetches a document from a link to the source, with one retry.
    pub async fn fetch_document(&self, link: &str, timeout: Duration) -> Result<bytes::Bytes, FhirError> {
        // The link is not rebased: under another path, the same id may be another patient's file.
        let url = links::resolve_link(&self.base, link)?;
        let (retries, budget) = (RetryBudget::new(1), self.view_budget());
        let exchange = self.exchange(Instant::now() + timeout, &retries, &budget);
        let exchange = exchange.ok_or(FhirError::NotAuthenticated)?;
        let request = |left| {
            let mut request = Outbound::get(url.clone(), left);
            request.headers.insert("accept", reqwest::header::HeaderValue::from_static("*/*"));
            request
        };
        exchange.send(request).await
    }
}

/// The cached answer marked as stale, or an empty answer with the reason.
fn stale_or_empty(cached: Option<CachedAnswer>, outcome: QueryOutcome, error: FhirError) -> TypeAnswer {
    let reason = (error != FhirError::NotOffered).then(|| error.reason());
    let answer = cached.map_or_else(
        || TypeAnswer::empty(outcome),
        |cached| TypeAnswer { outcome: QueryOutcome::Stale { as_of: cached.at }, ..cached.answer },
    );
    TypeAnswer { reason, ..answer }
}

#[cfg(test)]
#[path = "connector_tests.rs"]
mod tests;
