//! The fuzz target `record` (`tests/fuzz`): reads a FHIR searchset from bytes into entries of a record. No input may panic or take
//! long. It is not part of the service.

#![no_main]
#![allow(dead_code, unused_imports, reason = "the target uses a part of the rules")]

mod domain;

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::registry::{System, SystemSetup};
use lcr_fhir::Searchset;
use lcr_model::{OdsCode, SourceId};

use domain::{entry, resource_type::ResourceType};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let system = system();
    for resource_type in ResourceType::ALL {
        let Ok(page) = Searchset::read(bytes, resource_type.as_str()) else { return };
        for item in &page.items {
            let item_entries = entry::read_item(*resource_type, item, &system, Timestamp::UNIX_EPOCH);
            assert!(
                !item_entries.entries.is_empty() || !item_entries.omitted.is_empty(),
                "an item is shown or counted"
            );
            for entry in &item_entries.entries {
                let json = serde_json::to_string(entry).unwrap_or_default();
                assert!(
                    serde_json::from_str(&json).is_ok_and(|parsed| *entry == parsed),
                    "an entry survives serialisation"
                );
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
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: BTreeMap::new(),
        rhythm: "real-time".to_owned(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}
