//! The cache of sources' last answers, sealed. A fresh answer is served instead of asking again; for a day, an older one stands
//! in for a source that does not answer, and must always be marked with its time. This process also keeps fresh answers as it
//! read them, so that the views of one person open and parse each of them once.

use std::time::Duration;

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

/// The cache slot of one answer, and the slot's generation when the fetch began.
pub struct AnswerSlot {
    slot: Slot,
    generation: u64,
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

/// The cache of all sources. Clones share it.
#[derive(Clone)]
pub struct AnswerCache {
    sealed: SealedCache,
    /// By the slot's key.
    fresh: Cache<String, ReadAnswer>,
}

impl std::fmt::Debug for AnswerCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AnswerCache")
    }
}

impl AnswerCache {
    pub fn new(sealed: SealedCache) -> Self {
        let weight = |key: &String, read: &ReadAnswer| u32::try_from(key.len() + read.bytes).unwrap_or(u32::MAX);
        let fresh = Cache::builder()
            .max_capacity(MAX_FRESH_BYTES)
            .weigher(weight)
            .time_to_live(Duration::from_secs(FRESH_SECONDS.unsigned_abs()))
            .build();
        Self { sealed, fresh }
    }

    /// The group of a source's answers about one person.
    pub fn group(&self, source: &str, local_id: &str) -> Group {
        self.sealed.group(&format!("{source}|{local_id}"))
    }

    /// Opens the slot of an answer. Its generation is read before the fetch, so that a late write cannot undo an
    /// invalidation.
    pub async fn open_slot(&self, group: &Group, resource_type: ResourceType) -> Option<AnswerSlot> {
        let slot = self.sealed.slot_in(group, resource_type.as_str());
        let generation = self.sealed.generation(&slot).await.ok()?;
        Some(AnswerSlot { slot, generation })
    }

    /// Reads the answer, if the view's budget has room for it.
    pub async fn get(&self, slot: &AnswerSlot, now: Timestamp, budget: &ByteBudget) -> Option<CachedAnswer> {
        let known = self.fresh.get(slot.slot.key()).filter(|read| read.generation == slot.generation);
        if let Some(read) = known.filter(|read| is_fresh(&read.answer, read.at, now)) {
            return budget.take(read.bytes).then_some(CachedAnswer { at: read.at, fresh: true, answer: read.answer });
        }
        let bytes = self.sealed.get(&slot.slot).await.ok()??;
        if !budget.take(bytes.len()) {
            return None;
        }
        let stored: StoredAnswer<Value> = serde_json::from_slice(&bytes).ok()?;
        let (at, answer) = (stored.at, read_stored(stored));
        let fresh = is_fresh(&answer, at, now);
        if fresh {
            self.keep_fresh(slot, at, bytes.len(), &answer);
        }
        Some(CachedAnswer { at, fresh, answer })
    }

    /// Stores an answer with its time. Failures are not stored.
    pub async fn put(&self, slot: &AnswerSlot, answer: &TypeAnswer) {
        let QueryOutcome::Answered { at } = answer.outcome else { return };
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
        let is_stored = self.sealed.put(&slot.slot, &bytes, TTL, slot.generation).await;
        if is_stored == Ok(true) {
            self.keep_fresh(slot, at, bytes.len(), answer);
        }
    }

    /// Drops every cached answer about one person at one source, including those being fetched.
    pub async fn invalidate(&self, source: &str, local_id: &str) {
        let _ = self.sealed.invalidate(&self.sealed.slot_in(&self.group(source, local_id), "")).await;
    }

    fn keep_fresh(&self, slot: &AnswerSlot, at: Timestamp, bytes: usize, answer: &TypeAnswer) {
        let read = ReadAnswer { generation: slot.generation, at, bytes, answer: answer.clone() };
        self.fresh.insert(slot.slot.key().to_owned(), read);
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
