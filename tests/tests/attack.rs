//! An attack on each door: nobody slows or stops the platform for others, takes more than their share, or gets in by an
//! old key. What a door costs is measured by its growth and never by a clock alone.

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
