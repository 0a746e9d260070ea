//! Tests of `stream_names.rs`.

use super::*;

#[test]
fn a_subject_names_the_event_and_no_person() {
    let event = CloudEvent {
        specversion: "1.0".into(),
        id: uuid::Uuid::now_v7(),
        source: "//feeds".into(),
        event_type: "uk.leedscarerecord.feeds.demographics.v1".into(),
        subject: "gp-east|4711".into(),
        time: jiff::Timestamp::UNIX_EPOCH,
        datacontenttype: "application/json".into(),
        lcrversion: 1,
        traceparent: None,
        data: serde_json::Value::Null,
    };
    let subject = subject(&event);
    assert_eq!(subject.len(), "lcr.feeds.demographics.00".len());
    assert!(subject.starts_with("lcr.feeds.demographics."));
    assert!((0..1000).all(|n| bucket(&format!("key {n}")) < 0x40));
    assert!((0..0x40).all(|one| (0..1000).any(|n| bucket(&format!("key {n}")) == one)));
}
