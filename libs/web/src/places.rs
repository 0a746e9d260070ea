//! A number of places, of which no one holder has more than a share: connections of a peer, open streams of a session,
//! large bodies of a sender. Nobody waits for a place here; who finds none is told so.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Holders that have gone are looked for when more than so many are remembered.
const FEW: usize = 64;

/// Places, shared out among holders named by `K`.
pub struct Places<K> {
    all: Arc<Semaphore>,
    each: usize,
    held: Mutex<HashMap<K, Arc<()>>>,
}

/// One place, given back by dropping it.
#[derive(Debug)]
pub struct Place {
    _all: OwnedSemaphorePermit,
    _own: Arc<()>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All places are taken.
    All,
    /// This holder has its share.
    Own,
}

impl<K> fmt::Debug for Places<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Places({} free, {} each)", self.free(), self.each)
    }
}

impl<K> Places<K> {
    /// `all` places, at most `each` of them for one holder.
    pub fn new(all: usize, each: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), each, held: Mutex::default() }
    }

    /// Places that nobody holds.
    pub fn free(&self) -> usize {
        self.all.available_permits()
    }

    /// The most that one holder may have.
    pub fn share(&self) -> usize {
        self.each
    }
}

impl<K: Hash + Eq> Places<K> {
    /// A place for this holder.
    ///
    /// # Errors
    /// [`Full`], where there is none.
    pub fn take(&self, holder: K) -> Result<Place, Full> {
        let all = self.all.clone().try_acquire_owned().map_err(|_| Full::All)?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() > FEW.max(self.free()) {
            // One count is ours.
            held.retain(|_, places| Arc::strong_count(places) > 1);
        }
        let own = held.entry(holder).or_default();
        if Arc::strong_count(own) > self.each {
            return Err(Full::Own);
        }
        Ok(Place { _all: all, _own: own.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_takes_its_share_and_leaves_the_rest() {
        let places = Places::new(8, 2);
        let held: Vec<_> = (0..8).filter_map(|_| places.take("one").ok()).collect();
        assert_eq!(held.len(), 2);
        assert_eq!(places.take("one").err(), Some(Full::Own));
        assert!(places.take("other").is_ok());
        drop(held);
        assert!(places.take("one").is_ok(), "places come back");
    }

    #[test]
    fn there_are_never_more_than_all() {
        let places = Places::new(3, 2);
        let held: Vec<_> = (0..9).filter_map(|at| places.take(at).ok()).collect();
        assert_eq!(held.len(), 3);
        assert_eq!(places.take(9).err(), Some(Full::All));
    }

    #[test]
    fn holders_that_are_gone_are_forgotten() {
        let places = Places::new(8, 2);
        for at in 0..1000 {
            drop(places.take(at));
        }
        assert!(places.held.lock().unwrap().len() <= FEW + 1);
    }
}
