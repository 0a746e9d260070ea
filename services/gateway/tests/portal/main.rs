//! Tests of the gateway over HTTP, as browsers and machines use it, with fakes of every service.

#![allow(clippy::unwrap_used, clippy::wildcard_imports, clippy::pedantic, reason = "tests")]

mod browser;
mod choices;
mod claims;
mod error_pages;
mod fake_audit;
mod fake_consent;
mod fake_launch;
mod fake_messages;
mod fake_partners;
mod fake_ward;
mod fakes;
mod form_problems;
mod forms;
mod incidents;
mod launch;
mod overrides;
mod pages;
mod partners;
mod patient_pages;
mod people_in_care;
mod privacy;
mod proxy;
mod record;
mod reviews;
mod rules;
mod sample;
mod sign_in;
mod stays;
mod streams;
mod waiting;
mod ward;
mod ward_settings;
