//! What one source said about one dataset: never a blank (promise 3, design section 5; ).
//! No state may stand for two situations a reader would act on differently.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The state of a source and dataset on a record. `kebab-case` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum SourceState {
    /// It answered, and holds something.
    HasData,
    /// It knows the person and holds nothing of this kind.
    NoData,
    /// It does not know the person.
    NoRecord,
    /// It does not offer this dataset, or is not connected yet.
    NotConnected,
    /// The agreement does not cover this dataset for the reader's organisation.
    NotAgreed,
    /// A rule keeps it from this reader.
    Withheld,
    /// The person has objected.
    OptedOut,
    /// It did not answer within the deadline.
    TimedOut,
    /// It answered with an error, or with something that could not be trusted.
    Failed,
    /// It did not answer; an older copy is shown.
    Stale { as_of: Timestamp },
    /// Asked, not answered yet. Only on an open page, never in a finished answer.
    Asking,
}

impl SourceState {
    /// The fixed name, as on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::HasData => "has-data",
            Self::NoData => "no-data",
            Self::NoRecord => "no-record",
            Self::NotConnected => "not-connected",
            Self::NotAgreed => "not-agreed",
            Self::Withheld => "withheld",
            Self::OptedOut => "opted-out",
            Self::TimedOut => "timed-out",
            Self::Failed => "failed",
            Self::Stale { .. } => "stale",
            Self::Asking => "asking",
        }
    }

    /// Whether the source gave a full answer just now.
    pub fn answered(self) -> bool {
        matches!(self, Self::HasData | Self::NoData | Self::NoRecord)
    }

    /// Whether something may be missing because the source could not be read.
    pub fn may_be_missing(self) -> bool {
        matches!(self, Self::TimedOut | Self::Failed | Self::Stale { .. } | Self::Asking)
    }
}
