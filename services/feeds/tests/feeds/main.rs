//! Tests of feeds through MLLP and HTTP, with a real store and the embedded bus.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod answers;
mod care_links;
mod data_set;
mod earlier_messages;
mod fhir;
mod foreign_admissions;
mod foreign_care_links;
mod mapping;
mod message_browser;
mod mllp;
mod pushed;
mod scene;
mod tls;
mod visits;
mod waiting;
