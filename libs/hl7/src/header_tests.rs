//! Tests of `header.rs`.

use super::*;

#[test]
fn the_event_is_found_in_every_place_senders_use() {
    let event = |kind: &str| {
        let text = format!("MSH|^~\\&|A|B|||20260101||{kind}|7|P|2.4\rEVN|A31");
        Header::of(&Message::read(text.as_bytes()).unwrap()).message_type()
    };
    assert_eq!(event("ADT^A01^ADT_A05"), "ADT^A01");
    assert_eq!(event("ADT"), "ADT^A31");
    assert_eq!(event("adt^a03"), "ADT^A03");
    let text = "MSH|^~\\&|A|B|||20260101||ADT_A04|7|P|2.4";
    assert_eq!(Header::of(&Message::read(text.as_bytes()).unwrap()).message_type(), "ADT^A04");
}

#[test]
fn versions_2_1_to_2_9_are_known() {
    let known = |version: &str| Header { version: version.into(), ..Header::default() }.is_known_version();
    assert!(["2.1", "2.3.1", "2.5.1", "2.9"].into_iter().all(known));
    assert!(!["", "2", "2.0", "2.10", "3.0", "two"].into_iter().any(known));
}
