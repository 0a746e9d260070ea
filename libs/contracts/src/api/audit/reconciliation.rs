//! The comparison of the log with what a sender of entries remembers. A state that is not known must never settle anything.

use serde::{Deserialize, Serialize};

/// The size of the tree and its root hash, as in a signed checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeHead {
    /// 0 before the first checkpoint.
    pub size: u64,
    /// Base64url.
    pub root: String,
}

/// The log's state of an entry that its sender remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryState {
    /// In the tree and unchanged.
    Placed,
    /// Unchanged and not yet sequenced.
    Waiting,
    /// Changed.
    Altered,
    /// Missing from the log.
    Missing,
    /// A state of a later version. It settles nothing.
    #[serde(other)]
    Unknown,
}

/// The states of the entries asked about, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    pub states: Vec<EntryState>,
    pub head: TreeHead,
}

/// The most entries in one reconciliation request.
pub const MAX_RECONCILED: usize = 200;
