//! The journeys, the access table, the doors and the faults once more, with every service in a process of its own on
//! `PostgreSQL`, NATS and Redis: what holds in one form holds in the other.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "access.rs"]
mod access;
#[path = "choices.rs"]
mod choices;
#[path = "faults.rs"]
mod faults;
#[path = "journeys.rs"]
mod journeys;
