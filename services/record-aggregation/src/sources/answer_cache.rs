//! The cache of sources' last answers, sealed. A fresh answer is served instead of asking again; for a day, an older one stands
//! in for a source that does not answer, and must always be marked with its time.

use std::time::Duration;

use jiff::Timestamp;
use lcr_cache::{SealedCache, Slot};
use lcr_contracts::record::{MissingReason, Partial};
use lcr_fhir::Item;
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

#[derive(Serialize, Deserialize)]
struct StoredAnswer {
    at: Timestamp,
    items: Vec<Value>,
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

/// Opens the slot of an answer. Its generation is read before the fetch, so that a late write cannot undo an invalidation.
pub async fn open_slot(
    cache: &SealedCache,
    source: &str,
    local_id: &str,
    resource_type: ResourceType,
) -> Option<AnswerSlot> {
    let slot = cache.slot(&format!("{source}|{local_id}"), resource_type.as_str());
    let generation = cache.generation(&slot).await.ok()?;
    Some(AnswerSlot { slot, generation })
}

/// Reads the answer, if the view's budget has room for it.
pub async fn get(cache: &SealedCache, slot: &AnswerSlot, now: Timestamp, budget: &ByteBudget) -> Option<CachedAnswer> {
    let bytes = cache.get(&slot.slot).await.ok()??;
    if !budget.take(bytes.len()) {
        return None;
    }
    let stored: StoredAnswer = serde_json::from_slice(&bytes).ok()?;
    let items = stored.items.into_iter().map(Item::from_trusted).collect();
    let ended = QueryOutcome::Answered { at: stored.at };
    let answer = TypeAnswer {
        items,
        unreadable: stored.not_readable,
        warnings: stored.warnings,
        partial: stored.partial,
        reason: stored.reason,
        ..TypeAnswer::empty(ended)
    };
    // A partial answer is always asked for again.
    let fresh = stored.partial.is_none() && now.as_second() - stored.at.as_second() < FRESH_SECONDS;
    Some(CachedAnswer { at: stored.at, fresh, answer })
}

/// Stores an answer with its time. Failures are not stored.
pub async fn put(cache: &SealedCache, slot: &AnswerSlot, answer: &TypeAnswer) {
    let QueryOutcome::Answered { at } = answer.outcome else { return };
    let stored = StoredAnswer {
        at,
        items: answer.items.iter().map(|item| item.value().clone()).collect(),
        not_readable: answer.unreadable,
        warnings: answer.warnings.clone(),
        partial: answer.partial,
        reason: answer.reason,
    };
    if let Ok(bytes) = serde_json::to_vec(&stored) {
        // If the cache is unavailable, only the cached answer is lost.
        let _ = cache.put(&slot.slot, &bytes, TTL, slot.generation).await;
    }
}

/// Drops every cached answer about one person at one source, including those being fetched.
pub async fn invalidate(cache: &SealedCache, source: &str, local_id: &str) {
    let _ = cache.invalidate(&cache.slot(&format!("{source}|{local_id}"), "")).await;
}
