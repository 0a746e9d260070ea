//! All HTTP code that services share: failures as `problem+json`, authentication, headers, the outbound client, and the
//! remote clients of the contracts. No rule of a service may live here.

pub mod api;
pub mod auth;
mod body_error;
pub mod breaker;
mod client_limits;
pub mod cookies;
pub mod extract;
pub mod headers;
pub mod host;
pub mod metrics;
pub mod openapi;
pub mod outbound;
pub mod problem;
pub mod rate_limit;
pub mod remote;
pub mod slots;
pub mod streams;
pub mod trace;
pub mod trust_roots;
pub mod varied_rates;

pub use auth::{Authenticator, ServiceCaller, UserCaller};
pub use outbound::{AuthenticatedError, AuthenticatedOutbound, EgressRules, Outbound, OutboundError};
pub use problem::Problem;
