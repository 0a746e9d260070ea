//! A limited number of slots, shared among holders: connections of a peer, open streams of a session, large bodies of a
//! sender. One holder must never take more than its share, and no caller waits: without a slot it is refused.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Above this number of holders, those without slots are removed.
const CLEANUP_THRESHOLD: usize = 64;

/// Slots, shared among holders identified by `K`.
pub struct Slots<K> {
    all: Arc<Semaphore>,
    per_holder: usize,
    taken: Mutex<HashMap<K, Arc<()>>>,
}

/// One slot, released when dropped.
#[derive(Debug)]
pub struct Slot {
    _all: OwnedSemaphorePermit,
    _own: Arc<()>,
}

/// Why there is no slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotError {
    /// All slots are taken.
    All,
    /// This holder has its share.
    Own,
}

impl<K> fmt::Debug for Slots<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slots({} free, {} per holder)", self.free(), self.per_holder)
    }
}

impl<K> Slots<K> {
    /// `all` slots, at most `per_holder` for one holder.
    pub fn new(all: usize, each: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), per_holder: each, taken: Mutex::default() }
    }

    /// The number of free slots.
    pub fn free(&self) -> usize {
        self.all.available_permits()
    }

    /// The most slots of one holder.
    pub fn share(&self) -> usize {
        self.per_holder
    }
}

impl<K: Hash + Eq> Slots<K> {
    /// Takes a slot for this holder. Fails with [`SlotError`] if there is none.
    pub fn take(&self, holder: K) -> Result<Slot, SlotError> {
        let all = self.all.clone().try_acquire_owned().map_err(|_| SlotError::All)?;
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.len() > CLEANUP_THRESHOLD.max(self.free()) {
            // One of the counts is ours.
            taken.retain(|_, slots| Arc::strong_count(slots) > 1);
        }
        let own = taken.entry(holder).or_default();
        if Arc::strong_count(own) > self.per_holder {
            return Err(SlotError::Own);
        }
        Ok(Slot { _all: all, _own: own.clone() })
    }
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;
