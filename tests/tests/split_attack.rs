//! The attacks of `attack.rs` on a split platform. A process must not use more memory after them than before.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "attack/bodies.rs"]
mod bodies;
#[path = "attack/connections.rs"]
mod connections;
#[path = "attack/growth.rs"]
mod growth;
#[path = "attack/memory.rs"]
mod memory;
#[path = "attack/searches.rs"]
mod searches;
#[path = "attack/sign_in.rs"]
mod sign_in;
#[path = "attack/streams.rs"]
mod streams;

const FREDRICA: &str = "9434765919";
