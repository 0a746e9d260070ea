//! The seams across the wire, a file each with both ends side by side: the routes a service serves under
//! `/internal/v1`, and the client that stands for it elsewhere. A call is a POST of JSON with two tokens, the calling
//! service's own and the user's it acts for; a failure comes back as the very failure. No rule lives here, and the
//! gateway routes none of it.

mod answers;
pub mod audit;
pub mod consent;
pub mod identity;
pub mod messages;
pub mod patient_index;
pub mod peer;
pub mod records;
pub mod registrar;
mod stream;
pub mod ward;

pub use peer::{Peer, Peers};

use lcr_contracts::{Caller, Failure};
use serde::{Deserialize, Serialize};

/// What an answer may be: `null` in JSON.
type Nothing = ();

/// A call about one thing, for the few whose question is not a type of its own.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About<A, B = ()> {
    about: A,
    with: B,
}

/// Whether something went wrong on the way, where the callee itself may be well.
fn away(failure: &Failure) -> bool {
    use lcr_contracts::Kind::{Internal, Timeout, Unavailable};
    matches!(failure.kind, Unavailable | Timeout | Internal)
}

/// `caller` as a peer's question carries it.
type From<'c> = Option<&'c Caller>;
