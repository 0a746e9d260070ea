//! Feeds as senders and desks meet it: a real store, the real bus, MLLP over loopback, HTTP through its router.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod answers;
mod as_sent;
mod data_set;
mod fhir;
mod foreign_admissions;
mod looking;
mod mapping;
mod mllp;
mod pushed;
mod scene;
mod tls;
mod visits;
mod waiting;
