//! Why a change of an organisation or of a system was not stored. A refusal must come before the first write: what was written
//! before it stays.

use lcr_contracts::{Failure, FailureKind};
use lcr_store::StoreError;
use sea_orm::DbErr;

/// The refusal of a change of a row that the operator keeps.
pub const KEPT_BY_OPERATOR: &str =
    "This is kept in the cluster's PartnerSystem, which the platform's operators change; change it there.";

/// A refusal in words for the author, or a failure of the store.
#[derive(Debug)]
pub enum ChangeError {
    Refused(Failure),
    Store(DbErr),
}

impl From<Failure> for ChangeError {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

impl From<DbErr> for ChangeError {
    fn from(error: DbErr) -> Self {
        Self::Store(error)
    }
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

/// The result of a write: the value or the refusal, or the store's error, which undoes the write.
pub fn settle<T>(outcome: Result<T, ChangeError>) -> Result<Result<T, Failure>, DbErr> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(ChangeError::Refused(failure)) => Ok(Err(failure)),
        Err(ChangeError::Store(error)) => Err(error),
    }
}

/// A refusal because of how things stand.
pub fn conflict(outward: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    Failure::new(FailureKind::Conflict, outward)
}
