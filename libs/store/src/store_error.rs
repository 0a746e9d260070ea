//! Why a read or a write failed, and the only place where that becomes a failure for callers. The database's own message
//! may hold values, so it must never become the text of a failure.

use lcr_contracts::{Failure, FailureKind};
use sea_orm::DbErr;

/// What callers learn of a store that a later attempt may find in order.
const OUTAGE: &str = "The store did not answer. Try again in a minute.";

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database or the work itself failed. What a write had changed was undone.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// Not committed: the queue is full, the store is closing, or the commit failed.
    #[error("the write was not committed")]
    NotCommitted,
}

impl StoreError {
    /// The kind without values, for the log.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Database(error) => crate::kind_of(error),
            Self::NotCommitted => "not committed",
        }
    }
}

impl From<StoreError> for Failure {
    /// Unavailable while the database is down, internal if the request is wrong. The cause goes to the log.
    fn from(error: StoreError) -> Self {
        let outage = |cause: String| Self::new(FailureKind::Unavailable, OUTAGE).because(cause);
        match error {
            StoreError::Database(error) if crate::db_error::is_unavailable(&error) => outage(crate::cause_of(&error)),
            StoreError::Database(error) => Self::internal(crate::cause_of(&error)),
            StoreError::NotCommitted => outage("not committed".to_owned()),
        }
    }
}

impl From<StoreError> for DbErr {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Database(error) => error,
            StoreError::NotCommitted => Self::Custom("not committed".into()),
        }
    }
}

/// The failure for an error of the driver, where a function returns failures: `.map_err(db_failure)?`.
pub fn db_failure(error: DbErr) -> Failure {
    StoreError::from(error).into()
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnAcquireErr;

    use super::*;

    #[test]
    fn the_failure_follows_from_the_error() {
        let timeout = DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        assert_eq!(db_failure(timeout).kind, FailureKind::Unavailable);
        let unreadable = db_failure(DbErr::Json("a value".into()));
        assert_eq!((unreadable.kind, unreadable.inward()), (FailureKind::Internal, "a stored value does not read"));
        let lost = Failure::from(StoreError::NotCommitted);
        assert_eq!((lost.kind, lost.inward()), (FailureKind::Unavailable, "not committed"));
    }
}
