//! How much of a source's answers may be in memory: a budget for each view, and one for all views together. A source that
//! answers endlessly costs its own readers its own answer, and nobody else anything. What a view took is given back when
//! the view ends.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Of one source in one view: several times the largest record seen.
const OF_A_VIEW: usize = 24 << 20;
/// Of one source in all views that are open.
const OF_A_SOURCE: usize = 96 << 20;

/// What all views hold of one source.
#[derive(Debug, Clone)]
pub struct SourceBytes {
    held: Arc<AtomicUsize>,
    of_a_view: usize,
    of_a_source: usize,
}

impl Default for SourceBytes {
    fn default() -> Self {
        Self::of(OF_A_VIEW, OF_A_SOURCE)
    }
}

impl SourceBytes {
    pub fn of(of_a_view: usize, of_a_source: usize) -> Self {
        Self { held: Arc::default(), of_a_view, of_a_source }
    }

    /// The budget of one view.
    pub fn view(&self) -> ByteBudget {
        ByteBudget { source: self.clone(), taken: AtomicUsize::new(0) }
    }
}

/// What one view may hold of one source. Dropping it gives everything back.
#[derive(Debug)]
pub struct ByteBudget {
    source: SourceBytes,
    taken: AtomicUsize,
}

impl ByteBudget {
    /// Takes `bytes`, if there are as many.
    pub fn take(&self, bytes: usize) -> bool {
        let within = |most: usize| move |held: usize| held.checked_add(bytes).filter(|held| *held <= most);
        let of_view = within(self.source.of_a_view);
        if self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, of_view).is_err() {
            return false;
        }
        let of_source = within(self.source.of_a_source);
        let took = self.source.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, of_source).is_ok();
        if !took {
            self.taken.fetch_sub(bytes, Ordering::Relaxed);
        }
        took
    }
}

impl Drop for ByteBudget {
    fn drop(&mut self) {
        self.source.held.fetch_sub(self.taken.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_takes_its_share_and_gives_it_back() {
        let source = SourceBytes::of(10, 15);
        let (one, other) = (source.view(), source.view());
        assert!(one.take(10) && !one.take(1), "the share of a view");
        assert!(other.take(5) && !other.take(1), "the share of the source");
        drop(one);
        assert!(other.take(5), "given back");
        drop(other);
        assert_eq!(source.held.load(Ordering::Relaxed), 0);
    }
}
