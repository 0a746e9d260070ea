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
mod tests {
    use super::*;

    #[test]
    fn one_holder_takes_its_share_and_leaves_the_rest() {
        let slots = Slots::new(8, 2);
        let held: Vec<_> = (0..8).filter_map(|_| slots.take("one").ok()).collect();
        assert_eq!(held.len(), 2);
        assert_eq!(slots.take("one").err(), Some(SlotError::Own));
        assert!(slots.take("other").is_ok());
        drop(held);
        assert!(slots.take("one").is_ok(), "slots come back");
    }

    #[test]
    fn there_are_never_more_than_all() {
        let slots = Slots::new(3, 2);
        let held: Vec<_> = (0..9).filter_map(|at| slots.take(at).ok()).collect();
        assert_eq!(held.len(), 3);
        assert_eq!(slots.take(9).err(), Some(SlotError::All));
    }

    #[test]
    fn holders_that_are_gone_are_forgotten() {
        let slots = Slots::new(8, 2);
        for at in 0..1000 {
            drop(slots.take(at));
        }
        assert!(slots.taken.lock().unwrap().len() <= CLEANUP_THRESHOLD + 1);
    }
}
