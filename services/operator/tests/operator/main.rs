//! The operator against a fake API server: what it writes, when it writes nothing, and who writes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

mod credentials;
mod definition;
mod end_to_end;
mod fake_api_server;
mod kube_client;
mod lease;
mod pass;
mod probe;
mod reconcile;
mod scene;
mod schema_compatibility;
