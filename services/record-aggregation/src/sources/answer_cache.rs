//! The cache of sources' last answers, sealed. A fresh answer is served instead of asking again; for a day, an older one stands
//! in for a source that does not answer, and must always be marked with its time. This process also keeps fresh answers as it
//! read them, so that the views of one person open and parse each of them once.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use lcr_cache::{Group, SealedCache, Slot};
use lcr_contracts::record::{MissingReason, Partial};
use lcr_fhir::Item;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::byte_budget::ByteBudget;
use crate::domain::{
    resource_type::ResourceType,
    source_answer::{QueryOutcome, TypeAnswer},
};

/// How long an answer is served without asking the source again.
const FRESH_SECONDS: i64 = 15;
/// How long an answer stands in for a source that does not answer.
const TTL: Duration = Duration::from_hours(24);
/// The most bytes of fresh answers in memory, as JSON text. Read, and with their entries, they take several times as much, for
/// fifteen seconds.
const MAX_FRESH_BYTES: u64 = 16 << 20;

/// `V` is the JSON of an item: owned when it is read, borrowed when it is written.
#[derive(Serialize, Deserialize)]
struct StoredAnswer<V> {
    at: Timestamp,
    items: Vec<V>,
    not_readable: u32,
    warnings: Vec<String>,
    /// Set if only a part of the answer arrived.
    #[serde(default)]
    partial: Option<Partial>,
    #[serde(default)]
    reason: Option<MissingReason>,
}

/// The group of a source's answers about one person, and its generation before anything was fetched, so that a late write
/// cannot undo an invalidation. It has none while the cache is down: nothing is read or kept then.
pub struct PersonAnswers {
    group: Group,
    generation: Option<u64>,
}

/// A cached answer and whether it is fresh.
pub struct CachedAnswer {
    pub at: Timestamp,
    pub fresh: bool,
    pub answer: TypeAnswer,
}

/// An answer as this process read it.
#[derive(Clone)]
struct ReadAnswer {
    generation: u64,
    at: Timestamp,
    /// The size of its JSON text.
    bytes: usize,
    answer: TypeAnswer,
}

type FreshKey = (Arc<str>, ResourceType);

/// The cache of all sources. Clones share it.
#[derive(Clone)]
pub struct AnswerCache {
    sealed: SealedCache,
    /// By the group's key and the type.
    fresh: Cache<FreshKey, ReadAnswer>,
}

impl std::fmt::Debug for AnswerCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AnswerCache")
    }
}

impl AnswerCache {
    pub fn new(sealed: SealedCache) -> Self {
        let weight = |key: &FreshKey, read: &ReadAnswer| u32::try_from(key.0.len() + read.bytes).unwrap_or(u32::MAX);
        let fresh = Cache::builder()
            .max_capacity(MAX_FRESH_BYTES)
            .weigher(weight)
            .time_to_live(Duration::from_secs(FRESH_SECONDS.unsigned_abs()))
            .build();
        Self { sealed, fresh }
    }

    /// The answers of a source about one person, before anything is fetched.
    pub async fn open(&self, source: &str, local_id: &str) -> PersonAnswers {
        let group = self.group(source, local_id);
        let generation = self.sealed.generation_of(&group).await.ok();
        PersonAnswers { group, generation }
    }

    fn group(&self, source: &str, local_id: &str) -> Group {
        self.sealed.group(&format!("{source}|{local_id}"))
    }

    fn slot(&self, of: &PersonAnswers, resource_type: ResourceType) -> Slot {
        self.sealed.slot_in(&of.group, resource_type.as_str())
    }

    /// The answer that this process keeps, if it is fresh and the view's budget has room for it.
    pub fn fresh(
        &self,
        of: &PersonAnswers,
        resource_type: ResourceType,
        now: Timestamp,
        budget: &ByteBudget,
    ) -> Option<CachedAnswer> {
        let generation = of.generation?;
        let known = self.fresh.get(&(of.group.key().clone(), resource_type));
        let read = known.filter(|read| read.generation == generation && is_fresh(&read.answer, read.at, now))?;
        budget.take(read.bytes).then_some(CachedAnswer { at: read.at, fresh: true, answer: read.answer })
    }

    /// Reads the answer, fresh or older, if the view's budget has room for it.
    pub async fn get(
        &self,
        of: &PersonAnswers,
        resource_type: ResourceType,
        now: Timestamp,
        budget: &ByteBudget,
    ) -> Option<CachedAnswer> {
        let generation = of.generation?;
        if let Some(fresh) = self.fresh(of, resource_type, now, budget) {
            return Some(fresh);
        }
        let bytes = self.sealed.get(&self.slot(of, resource_type)).await.ok()??;
        if !budget.take(bytes.len()) {
            return None;
        }
        let stored: StoredAnswer<Value> = serde_json::from_slice(&bytes).ok()?;
        let (at, answer) = (stored.at, read_stored(stored));
        let fresh = is_fresh(&answer, at, now);
        if fresh {
            let read = ReadAnswer { generation, at, bytes: bytes.len(), answer: answer.clone() };
            self.fresh.insert((of.group.key().clone(), resource_type), read);
        }
        Some(CachedAnswer { at, fresh, answer })
    }

    /// Stores an answer with its time. Failures are not stored.
    pub async fn put(&self, of: &PersonAnswers, resource_type: ResourceType, answer: &TypeAnswer) {
        let (QueryOutcome::Answered { at }, Some(generation)) = (answer.outcome, of.generation) else { return };
        let stored = StoredAnswer {
            at,
            items: answer.items.iter().map(|item| item.value()).collect(),
            not_readable: answer.unreadable,
            warnings: answer.warnings.clone(),
            partial: answer.partial,
            reason: answer.reason,
        };
        let Ok(bytes) = serde_json::to_vec(&stored) else { return };
        // If the cache is unavailable, only the cached answer is lost.
        let is_stored = self.sealed.put(&self.slot(of, resource_type), &bytes, TTL, generation).await;
        if is_stored == Ok(true) {
            let read = ReadAnswer { generation, at, bytes: bytes.len(), answer: answer.clone() };
            self.fresh.insert((of.group.key().clone(), resource_type), read);
        }
    }

    /// Drops every cached answer about one person at one source, including those being fetched.
    pub async fn invalidate(&self, source: &str, local_id: &str) {
        let _ = self.sealed.invalidate(&self.sealed.slot_in(&self.group(source, local_id), "")).await;
    }
}

/// Whether an answer is served without asking the source again. A partial one never is.
fn is_fresh(answer: &TypeAnswer, at: Timestamp, now: Timestamp) -> bool {
    answer.partial.is_none() && now.as_second() - at.as_second() < FRESH_SECONDS
}

fn read_stored(stored: StoredAnswer<Value>) -> TypeAnswer {
    TypeAnswer {
        items: stored.items.into_iter().map(|value| Item::from_trusted(value).into()).collect(),
        unreadable: stored.not_readable,
        warnings: stored.warnings,
        partial: stored.partial,
        reason: stored.reason,
        ..TypeAnswer::empty(QueryOutcome::Answered { at: stored.at })
    }
}
