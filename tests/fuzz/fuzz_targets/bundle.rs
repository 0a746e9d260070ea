//! A FHIR Bundle from bytes to events: nothing that a sender writes may stop it or take long.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lcr_feeds_rules::bundle(bytes));
