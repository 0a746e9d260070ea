//! The last answer of a source, sealed, with its time: served for a moment instead of asking again, and for a
//! day when the source does not answer, marked as of then.

use std::time::Duration;

use jiff::Timestamp;
use lcr_cache::{SealedCache, Slot};
use lcr_contracts::record::{MissingReason, Partial};
use lcr_fhir::Item;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bytes::ByteBudget;
use crate::domain::{
    answer::{Ended, TypeAnswer},
    kind::Kind,
};

/// How long an answer is served without asking again.
const FRESH_SECONDS: i64 = 15;
/// How long it stands in for a source that does not answer.
const KEPT: Duration = Duration::from_hours(24);

#[derive(Serialize, Deserialize)]
struct Copy {
    at: Timestamp,
    items: Vec<Value>,
    not_readable: u32,
    warnings: Vec<String>,
    /// Set on a copy of which the rest did not come.
    #[serde(default)]
    partial: Option<Partial>,
    #[serde(default)]
    reason: Option<MissingReason>,
}

/// Where one answer is kept, and the generation it was asked under.
pub struct Place {
    slot: Slot,
    generation: u64,
}

/// A copy and whether it may still be served as it is.
pub struct Found {
    pub at: Timestamp,
    pub fresh: bool,
    pub answer: TypeAnswer,
}

/// The generation is read before the fetch, so that a late refill cannot undo an invalidation.
pub async fn place(cache: &SealedCache, source: &str, local_id: &str, kind: Kind) -> Option<Place> {
    let slot = cache.slot(&format!("{source}|{local_id}"), kind.fhir());
    let generation = cache.generation(&slot).await.ok()?;
    Some(Place { slot, generation })
}

pub async fn find(cache: &SealedCache, place: &Place, now: Timestamp, budget: &ByteBudget) -> Option<Found> {
    let bytes = cache.get(&place.slot).await.ok()??;
    if !budget.take(bytes.len()) {
        return None;
    }
    let copy: Copy = serde_json::from_slice(&bytes).ok()?;
    let items = copy.items.into_iter().map(Item::kept).collect();
    let ended = Ended::Answered { at: copy.at };
    let answer = TypeAnswer {
        items,
        not_readable: copy.not_readable,
        warnings: copy.warnings,
        partial: copy.partial,
        reason: copy.reason,
        ..TypeAnswer::empty(ended)
    };
    // A part is asked for anew each time.
    let fresh = copy.partial.is_none() && now.as_second() - copy.at.as_second() < FRESH_SECONDS;
    Some(Found { at: copy.at, fresh, answer })
}

/// Keeps an answer with its time; what is no answer is not kept.
pub async fn keep(cache: &SealedCache, place: &Place, answer: &TypeAnswer) {
    let Ended::Answered { at } = answer.ended else { return };
    let copy = Copy {
        at,
        items: answer.items.iter().map(|item| item.value().clone()).collect(),
        not_readable: answer.not_readable,
        warnings: answer.warnings.clone(),
        partial: answer.partial,
        reason: answer.reason,
    };
    if let Ok(bytes) = serde_json::to_vec(&copy) {
        // A cache that is away costs the copy, never the answer.
        let _ = cache.put(&place.slot, &bytes, KEPT, place.generation).await;
    }
}

/// Drops every copy of one person at one source, also those on their way.
pub async fn forget(cache: &SealedCache, source: &str, local_id: &str) {
    let _ = cache.invalidate(&cache.slot(&format!("{source}|{local_id}"), "")).await;
}
