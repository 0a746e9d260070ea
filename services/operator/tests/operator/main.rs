//! The operator against an API server of its own kind: what it writes, when it writes nothing, who writes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

mod api;
mod compatible;
mod definition;
mod leading;
mod looking;
mod passing;
mod reconciling;
mod scene;
mod whole;
