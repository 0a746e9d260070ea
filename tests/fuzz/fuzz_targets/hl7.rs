//! HL7 v2 from bytes to events and answer: nothing that a sender writes may stop it or take long.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lcr_feeds_rules::hl7(bytes));
