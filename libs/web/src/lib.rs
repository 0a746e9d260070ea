//! Everything HTTP that services share: failures as `problem+json` in one place, who is calling, the headers of
//! every answer, the one outbound client, the seams across the wire. No service rule may live here.

pub mod breaker;
pub mod client;
pub mod extract;
pub mod gate;
pub mod headers;
pub mod host;
pub mod measure;
pub mod openapi;
pub mod places;
pub mod problem;
pub mod rate;
pub mod remote;
pub mod roots;
pub mod streams;
pub mod trace;

pub use client::{EgressRules, Outbound, OutboundError};
pub use gate::{Gate, Inside, Reader};
pub use problem::Problem;
