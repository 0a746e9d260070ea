//! Why a list was not read to its end. A reason must never hold anything that a source sent.

use thiserror::Error;

/// Why a list was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StopReason {
    /// Nothing is wrong: the rest is read in the next round.
    #[error("its budget for this round is used")]
    BudgetUsed,
    /// The source will not give this page, however often it is asked.
    #[error("refused")]
    Refused,
    #[error("credentials that are not accepted or cannot be used")]
    Credentials,
    #[error("no answer")]
    NoAnswer,
    #[error("busy")]
    Busy,
    #[error("store")]
    Store,
    #[error("sealing")]
    Sealing,
    #[error("base address")]
    BaseAddress,
    #[error("link")]
    Link,
    #[error("not a searchset")]
    NotASearchset,
    #[error("a page that reports an error")]
    ReportsError,
    #[error("a list that is shorter than its total")]
    Shorter,
    #[error("a next page that was read before")]
    Repeated,
    #[error("more items than one source may list")]
    TooMany,
}

impl StopReason {
    /// Whether the list itself is fine, so that the next round resumes it. After any other reason the list pauses.
    pub fn is_resumable(self) -> bool {
        use StopReason::{BudgetUsed, Busy, Credentials, NoAnswer, Refused, Sealing, Store};
        matches!(self, BudgetUsed | Refused | Credentials | NoAnswer | Busy | Store | Sealing)
    }
}
