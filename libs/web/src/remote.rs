//! The contracts over HTTP, one file each with both sides: the routes a service serves under `/internal/v1`, and the
//! client that other services use. A call is a POST of JSON with the calling service's token and the user's token.
//! Failures arrive unchanged. No rule may live here, and the gateway must not expose these routes.

mod answers;
pub mod audit;
pub mod consent;
pub mod identity;
pub mod messages;
pub mod partners;
pub mod patient_index;
pub mod peer;
pub mod records;
pub mod registrar;
mod stream;
pub mod ward;

pub use peer::{Peer, PeerDirectory};

use lcr_contracts::{Caller, Failure};
use serde::{Deserialize, Serialize};

/// The body of calls about one thing, where the request has no type of its own.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CallBody<A, B = ()> {
    about: A,
    with: B,
}

/// Whether the call itself failed and another attempt may succeed.
fn is_transient(failure: &Failure) -> bool {
    use lcr_contracts::FailureKind::{Internal, Timeout, Unavailable};
    matches!(failure.kind, Unavailable | Timeout | Internal)
}

/// The caller, if the call is for a user.
type MaybeCaller<'c> = Option<&'c Caller>;
