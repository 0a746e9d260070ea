//! Attacks on each endpoint: no attacker may slow or stop the platform for others, exceed a limit, or get in with an old
//! credential. Costs are measured by their growth, never by time alone.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "attack/at_rest.rs"]
mod at_rest;
#[path = "attack/bodies.rs"]
mod bodies;
#[path = "attack/connections.rs"]
mod connections;
#[path = "attack/growth.rs"]
mod growth;
#[path = "attack/searches.rs"]
mod searches;
#[path = "attack/sign_in.rs"]
mod sign_in;
#[path = "attack/streams.rs"]
mod streams;

const FREDRICA: &str = "9434765919";
