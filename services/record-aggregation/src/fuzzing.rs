//! The fuzz target `record` (`tests/fuzz`): a FHIR searchset from bytes to the entries of a record. Nothing that a source
//! answers may stop it or take long. Not part of the service.

#![no_main]
#![allow(dead_code, unused_imports, reason = "the target uses a part of the rules")]

mod domain;

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::identity::System;
use lcr_fhir::Searchset;
use lcr_model::{OdsCode, SourceId};

use domain::{entry, kind::Kind};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let system = system();
    for kind in Kind::ALL {
        let Ok(page) = Searchset::read(bytes, kind.fhir()) else { return };
        for item in &page.items {
            let read = entry::read_item(*kind, item, &system, Timestamp::UNIX_EPOCH);
            assert!(!read.entries.is_empty() || !read.omitted.is_empty(), "an item is shown or counted");
            for entry in &read.entries {
                let text = serde_json::to_string(entry).unwrap_or_default();
                assert!(serde_json::from_str(&text).is_ok_and(|again| *entry == again), "an entry reads back");
            }
        }
    }
});

fn system() -> System {
    System {
        id: SourceId::new("source"),
        name: "Source".to_owned(),
        organisation: OdsCode::new("Z9K01"),
        base_url: String::new(),
        kind: "hospital".to_owned(),
        authority: false,
        discreet: false,
        datasets: BTreeMap::new(),
        rhythm: "real-time".to_owned(),
        default_practice: None,
        suspended: false,
        feed: None,
    }
}
