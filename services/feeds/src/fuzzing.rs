//! The rules alone as a library for the fuzz targets (`tests/fuzz`): any bytes in, and what must hold of whatever they
//! give. Not part of the service.

#![allow(dead_code, unused_imports, reason = "the targets use a part of the rules")]

mod domain;

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::identity::{Feed, System};
use lcr_hl7::{Charset, Code, Condition, Fault, Header, Message, ack::Answer};
use lcr_model::{LocalIdKey, OdsCode, SourceId};

use domain::{Arrival, Mapped, Mapping, StayBook, bundle, over, released};

/// The messages of a file: mapped, and each answered so that the answer reads.
pub fn hl7(bytes: &[u8]) {
    let system = anybody();
    for bytes in lcr_hl7::messages(bytes).into_iter().take(100) {
        let Ok(message) = Message::read(bytes) else { continue };
        let header = Header::of(&message);
        let received = Timestamp::from_second(1_795_000_000).unwrap_or_default();
        let content = domain::content(bytes);
        let arrival =
            Arrival { message: &message, header: &header, system: &system, received, content: &content, local_ids: &key() };
        check(domain::map(&arrival));
        let fault = Fault::at(Condition::RequiredField, "PID", 3, "no identifier");
        let answer =
            Answer { code: Code::Ae, control_id: "LCR1", at: received, words: "no", fault: Some(&fault) };
        let answer = Message::read(&answer.to(&message)).ok();
        let named = answer.map(|answer| answer.field("MSA", 2).words());
        // In another character set the same bytes may read as UTF-8 where they stand alone.
        if message.charset() == Charset::UTF_8 {
            assert_eq!(named, Some(message.field("MSH", 10).words()), "the answer names the message");
        }
    }
}

fn key() -> LocalIdKey {
    LocalIdKey::new([7; 32])
}

/// A Bundle of JSON.
pub fn bundle(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice(bytes) else { return };
    let (system, received) = (anybody(), Timestamp::UNIX_EPOCH);
    let control_id = bundle::control_id(&value).unwrap_or_default();
    let _ = (bundle::source(&value), bundle::is_taken(&value));
    check(bundle::map(&bundle::Coming { system: &system, received, content: "c", control_id: &control_id, local_ids: &key() }, &value));
}

/// What is mapped can be written, read again and put over itself.
fn check(mapping: Mapping) {
    let Ok(mapped) = mapping else { return };
    let _ = StayBook::default().resolve(mapped.clone());
    for one in mapped {
        match one {
            Mapped::Demographics(told) => {
                let now = told.clone().over(None);
                assert!(now == told.over(Some(now.clone())), "the same said again changes nothing");
            }
            Mapped::Encounter(_, message) => {
                let text = serde_json::to_string(&message).unwrap_or_default();
                assert!(serde_json::from_str(&text).is_ok_and(|read| message == read), "a stay reads back");
            }
            Mapped::Item(item) => {
                let again = over(&item.change, Some(item.pushed.clone()), item.pushed.clone());
                assert!(again.resources.len() >= item.pushed.resources.len(), "nothing is lost");
                let text = serde_json::to_string(&released(again)).unwrap_or_default();
                assert!(!text.is_empty(), "an item can be written");
            }
            Mapped::Withdrawal(_) => {}
        }
    }
}

/// The source that takes any sender.
fn anybody() -> System {
    System {
        id: SourceId::new("sandbox"),
        name: "Sandbox".to_owned(),
        organisation: OdsCode::new("Z9K01"),
        base_url: String::new(),
        kind: "hospital".to_owned(),
        authority: false,
        discreet: false,
        datasets: BTreeMap::new(),
        rhythm: "real-time".to_owned(),
        default_practice: None,
        suspended: false,
        feed: Some(Feed { training: true, ..Feed::default() }),
    }
}
