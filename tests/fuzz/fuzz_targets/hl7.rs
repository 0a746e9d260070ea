//! Fuzzes HL7 v2 from bytes to events and acknowledgements. No input may panic or take long.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lcr_feeds_rules::fuzz_hl7(bytes));
