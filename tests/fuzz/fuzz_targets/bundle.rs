//! Fuzzes a FHIR Bundle from bytes to events. No input may panic or take long.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lcr_feeds_rules::fuzz_bundle(bytes));
