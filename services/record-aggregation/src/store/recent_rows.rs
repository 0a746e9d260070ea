//! Rows that every view needs and that are not about a person, such as which lists of people were read: read from the store at
//! most once a second. A process that writes such rows must drop them here at once. Those of a person must never be kept.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How old rows may be that another replica has changed.
const MAX_AGE: Duration = Duration::from_secs(1);

/// The rows as last read.
pub struct RecentRows<T>(Mutex<State<T>>);

struct State<T> {
    /// How many times the rows were dropped. A reading that began before a change is not kept.
    changes: u64,
    /// The rows, and when their reading began.
    rows: Option<(Instant, Arc<[T]>)>,
}

impl<T> Default for RecentRows<T> {
    fn default() -> Self {
        Self(Mutex::new(State { changes: 0, rows: None }))
    }
}

impl<T> RecentRows<T> {
    /// The rows of the last second, else those that `read` returns.
    pub async fn get_or_read<E>(&self, read: impl Future<Output = Result<Vec<T>, E>>) -> Result<Arc<[T]>, E> {
        let (began, changes) = (Instant::now(), self.lock().changes);
        if let Some(rows) = self.recent(began) {
            return Ok(rows);
        }
        let rows: Arc<[T]> = read.await?.into();
        let mut state = self.lock();
        if state.changes == changes {
            state.rows = Some((began, rows.clone()));
        }
        Ok(rows)
    }

    /// Drops the rows, because this process has changed them.
    pub fn clear(&self) {
        let mut state = self.lock();
        state.changes += 1;
        state.rows = None;
    }

    fn recent(&self, now: Instant) -> Option<Arc<[T]>> {
        let state = self.lock();
        let (began, rows) = state.rows.as_ref()?;
        (now.saturating_duration_since(*began) < MAX_AGE).then(|| rows.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "recent_rows_tests.rs"]
mod tests;
