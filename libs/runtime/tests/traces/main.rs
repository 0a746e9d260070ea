//! What a collector is told: one trace from a request through a call to another service, and from a write through its
//! event to whoever hears it; and nothing of anybody. Each test is a process of its own, as the subscriber is.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod collector;
mod events;
mod http;
