//! The journeys, the access table, the choices and the faults again on a split platform: every service in a process of its
//! own on `PostgreSQL`, NATS and Redis. It must add no tests of its own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "access.rs"]
mod access;
#[path = "choices.rs"]
mod choices;
#[path = "faults.rs"]
mod faults;
#[path = "journeys.rs"]
mod journeys;
