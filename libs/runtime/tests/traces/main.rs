//! What a collector receives: one trace from a request through a call to another service, and from a write through its
//! event to the consumer, and no patient data. Each test runs in its own process, because the subscriber is global.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod collector;
mod events;
mod http;
