//! Limits how many bytes of a source's answers are in memory: for each view, and for all views together. An endless answer must
//! never cost more than that source's own answer.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// For one source in one view: several times the largest record seen.
const MAX_BYTES_PER_VIEW: usize = 24 << 20;
/// For one source in all open views.
const MAX_BYTES_PER_SOURCE: usize = 96 << 20;

/// The bytes that all views hold of one source.
#[derive(Debug, Clone)]
pub struct SourceBudget {
    used: Arc<AtomicUsize>,
    per_view: usize,
    per_source: usize,
}

impl Default for SourceBudget {
    fn default() -> Self {
        Self::new(MAX_BYTES_PER_VIEW, MAX_BYTES_PER_SOURCE)
    }
}

impl SourceBudget {
    pub fn new(per_view: usize, per_source: usize) -> Self {
        Self { used: Arc::default(), per_view, per_source }
    }

    /// The budget of one view.
    pub fn view_budget(&self) -> ByteBudget {
        ByteBudget { source: self.clone(), used: AtomicUsize::new(0) }
    }
}

/// The bytes that one view may hold of one source. Dropping it returns them all.
#[derive(Debug)]
pub struct ByteBudget {
    source: SourceBudget,
    used: AtomicUsize,
}

impl ByteBudget {
    /// Takes `bytes` from the budget. Returns false, and takes nothing, if they exceed it.
    pub fn take(&self, bytes: usize) -> bool {
        let within = |limit: usize| move |used: usize| used.checked_add(bytes).filter(|used| *used <= limit);
        let for_view = within(self.source.per_view);
        if self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, for_view).is_err() {
            return false;
        }
        let for_source = within(self.source.per_source);
        let is_taken = self.source.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, for_source).is_ok();
        if !is_taken {
            self.used.fetch_sub(bytes, Ordering::Relaxed);
        }
        is_taken
    }
}

impl Drop for ByteBudget {
    fn drop(&mut self) {
        self.source.used.fetch_sub(self.used.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_takes_its_share_and_returns_it() {
        let source = SourceBudget::new(10, 15);
        let (one, other) = (source.view_budget(), source.view_budget());
        assert!(one.take(10) && !one.take(1), "the share of a view");
        assert!(other.take(5) && !other.take(1), "the share of the source");
        drop(one);
        assert!(other.take(5), "returned");
        drop(other);
        assert_eq!(source.used.load(Ordering::Relaxed), 0);
    }
}
