//! What a source answered for one dataset; never blank. No state may cover two situations in which a reader
//! would act differently.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The state of a source and dataset on a record. `kebab-case` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum SourceState {
    /// It answered with items.
    HasData,
    /// It knows the person and has no such items.
    NoData,
    /// It does not know the person.
    NoRecord,
    /// It does not offer this dataset, or is not connected yet.
    NotConnected,
    /// The agreement does not cover this dataset for the reader's organisation.
    NotAgreed,
    /// The source gives it, and the agreement of the reader's organisation does not let the organisation receive it.
    NotReceived,
    /// Agreed, and not yet switched on for this reader.
    NotYetOn,
    /// The person has objected.
    OptedOut,
    /// It did not answer within the deadline.
    TimedOut,
    /// It answered with an error, or with an answer that cannot be trusted.
    Failed,
    /// It did not answer; an older copy is shown.
    Stale { as_of: Timestamp },
    /// Asked, not answered yet. Only on an open page, never in a finished answer.
    Asking,
    /// A policy withholds it from this reader.
    // A state of a later version is read as this one: a page that cannot name the reason still says that something may be held.
    #[serde(other)]
    Withheld,
}

impl SourceState {
    /// The fixed name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::HasData => "has-data",
            Self::NoData => "no-data",
            Self::NoRecord => "no-record",
            Self::NotConnected => "not-connected",
            Self::NotAgreed => "not-agreed",
            Self::NotReceived => "not-received",
            Self::NotYetOn => "not-yet-on",
            Self::Withheld => "withheld",
            Self::OptedOut => "opted-out",
            Self::TimedOut => "timed-out",
            Self::Failed => "failed",
            Self::Stale { .. } => "stale",
            Self::Asking => "asking",
        }
    }

    /// Whether the source just answered in full.
    pub fn answered(self) -> bool {
        matches!(self, Self::HasData | Self::NoData | Self::NoRecord)
    }

    /// Whether items may be missing because the source could not be read.
    pub fn may_be_missing(self) -> bool {
        matches!(self, Self::TimedOut | Self::Failed | Self::Stale { .. } | Self::Asking)
    }
}

#[cfg(test)]
#[path = "source_state_tests.rs"]
mod tests;
