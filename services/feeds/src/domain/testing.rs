//! A source and messages for tests of the rules. The service must not use it.

use std::collections::BTreeMap;

use lcr_contracts::registry::{Feed, SystemSetup};
use lcr_model::{OdsCode, SourceId};
use serde_json::Value;

use super::*;

/// An invented patient with an NHS number of the test range.
pub const PID: &str = "PID|1||4711^^^Z9H01^MR~9990000018^^^NHS^NH||Ashdown^Ottilie^^^Mrs^^L||19450714|F";

/// A source with these senders. Without senders it accepts any.
pub fn source(senders: &[(&str, &str)]) -> System {
    let senders: Vec<_> = senders.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect();
    System {
        id: SourceId::new("st-hildas"),
        name: "St Hilda's".to_owned(),
        organisation: OdsCode::new("Z9H01"),
        base_url: String::new(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: BTreeMap::new(),
        rhythm: "real-time".to_owned(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: Some(Feed { training: senders.is_empty(), senders, ..Feed::default() }),
    }
}

/// The key for hashed local ids, the same in every test.
pub fn local_id_key() -> LocalIdKey {
    LocalIdKey::new([7; 32])
}

pub fn mapped_by(system: &System, text: &str) -> MappingResult {
    let message = Message::read(text.as_bytes()).unwrap();
    let header = Header::of(&message);
    let received = "2026-11-20T12:00:00Z".parse().unwrap();
    map(&Arrival { message: &message, header: &header, system, received, content: "c", local_id_key: &local_id_key() })
}

/// Maps a message of the hospital, given its type and the segments after MSH.
pub fn mapped(kind: &str, segments: &[&str]) -> MappingResult {
    mapped_by(&source(&[("PAS", "Z9H01")]), &text(kind, segments))
}

pub fn text(kind: &str, segments: &[&str]) -> String {
    let head = format!("MSH|^~\\&|PAS|Z9H01|LCR|LCR|20261120093000||{kind}|M1|P|2.5");
    std::iter::once(head.as_str()).chain(segments.iter().copied()).collect::<Vec<_>>().join("\r")
}

pub fn items(mapping: MappingResult) -> Vec<Item> {
    let item = |one| if let MappedEvent::Item(item) = one { Some(item) } else { None };
    mapping.unwrap().into_iter().filter_map(item).collect()
}

pub fn links(mapping: MappingResult) -> Vec<CareLinkUpdate> {
    let link = |one| if let MappedEvent::CareLink(link) = one { Some(link) } else { None };
    mapping.unwrap().into_iter().filter_map(link).collect()
}

pub fn people(mapping: MappingResult) -> Vec<PatientUpdate> {
    let person = |one| if let MappedEvent::Demographics(update) = one { Some(update) } else { None };
    mapping.unwrap().into_iter().filter_map(person).collect()
}

pub fn waiting_reason(mapping: MappingResult) -> String {
    match mapping {
        Err(MappingError::Waiting { reason, .. }) => reason,
        other => panic!("does not wait: {}", if other.is_ok() { "mapped" } else { "refused" }),
    }
}

/// The report and the observations of an order with these segments after OBR.
pub fn report(after_obr: &[&str]) -> (Value, Vec<Value>) {
    let obr = "OBR|1||F1|T^Test^L|||20261120080000||||||||||||||||||F";
    let segments: Vec<&str> = [PID, obr].into_iter().chain(after_obr.iter().copied()).collect();
    let mut all = items(mapped("ORU^R01", &segments)).remove(0).pushed.resources;
    let report = all.remove(0);
    (report, all)
}
