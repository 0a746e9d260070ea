//! The feed rules (`domain`) as a library for the fuzz targets in `tests/fuzz`, with the properties that must hold for any
//! bytes. It must never be compiled into the service.

#![allow(dead_code, unused_imports, reason = "the targets use only part of the rules")]

mod domain;

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::registry::{Feed, System, SystemSetup};
use lcr_hl7::{AckCode, Charset, Condition, Fault, Header, Message, ack::Acknowledgement};
use lcr_model::{LocalIdKey, OdsCode, SourceId};

use domain::{Arrival, MappedEvent, MappingResult, StayResolver, apply_change, bundle, withhold_unreleased};

/// Maps and acknowledges each message of a file, and checks that the acknowledgement can be read.
pub fn fuzz_hl7(bytes: &[u8]) {
    let system = sandbox();
    for bytes in lcr_hl7::split_messages(bytes).into_iter().take(100) {
        let Ok(message) = Message::read(bytes) else { continue };
        let header = Header::of(&message);
        let received = Timestamp::from_second(1_795_000_000).unwrap_or_default();
        let content = domain::content_hash(bytes);
        let arrival = Arrival {
            message: &message,
            header: &header,
            system: &system,
            received,
            content: &content,
            local_id_key: &key(),
        };
        check_mapping(domain::map(&arrival));
        let fault = Fault::at(Condition::RequiredField, "PID", 3, "no identifier");
        let ack =
            Acknowledgement { code: AckCode::Ae, control_id: "LCR1", at: received, text: "no", fault: Some(&fault) };
        let ack = Message::read(&ack.encode_for(&message)).ok();
        let control_id = ack.map(|ack| ack.field("MSA", 2).first_text());
        // In another character set the control id alone may read as valid UTF-8.
        if message.charset() == Charset::UTF_8 {
            assert_eq!(control_id, Some(message.field("MSH", 10).first_text()), "the answer names the message");
        }
    }
}

fn key() -> LocalIdKey {
    LocalIdKey::new([7; 32])
}

/// Maps a Bundle in JSON.
pub fn fuzz_bundle(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice(bytes) else { return };
    let (system, received) = (sandbox(), Timestamp::UNIX_EPOCH);
    let control_id = bundle::control_id(&value).unwrap_or_default();
    let _ = (bundle::source_name(&value), bundle::is_supported(&value));
    check_mapping(bundle::map(
        &bundle::BundleArrival {
            system: &system,
            received,
            content: "c",
            control_id: &control_id,
            local_id_key: &key(),
        },
        &value,
    ));
}

/// Checks that mapped events can be written, read back and applied twice.
fn check_mapping(mapping: MappingResult) {
    let Ok(mapped) = mapping else { return };
    let _ = StayResolver::default().resolve(mapped.clone());
    for event in mapped {
        match event {
            MappedEvent::Demographics(update) => {
                let details = update.clone().apply_to(None);
                assert!(details == update.apply_to(Some(details.clone())), "a repeated update changes nothing");
            }
            MappedEvent::Encounter(_, message) => {
                let text = serde_json::to_string(&message).unwrap_or_default();
                assert!(serde_json::from_str(&text).is_ok_and(|read| message == read), "a stay reads back");
            }
            MappedEvent::Item(item) => {
                let repeated = apply_change(&item.change, Some(item.pushed.clone()), item.pushed.clone());
                assert!(repeated.resources.len() >= item.pushed.resources.len(), "nothing is lost");
                let text = serde_json::to_string(&withhold_unreleased(repeated)).unwrap_or_default();
                assert!(!text.is_empty(), "an item can be written");
            }
            MappedEvent::CareLink(update) => {
                let text = serde_json::to_string(&update.link).unwrap_or_default();
                assert!(serde_json::from_str(&text).is_ok_and(|read| update.link == read), "a care link reads back");
            }
            MappedEvent::CareList(list) => {
                let (_, known) = list.clone().changes(None);
                assert!(list.changes(Some(&known)).0.is_empty(), "a repeated list changes nothing");
            }
            MappedEvent::Withdrawal(_) | MappedEvent::CareLinkDeletion(_) => {}
        }
    }
}

/// A source that accepts any sender.
fn sandbox() -> System {
    System {
        id: SourceId::new("sandbox"),
        name: "Sandbox".to_owned(),
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
        feed: Some(Feed { training: true, ..Feed::default() }),
    }
}
