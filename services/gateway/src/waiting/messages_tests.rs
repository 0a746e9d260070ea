//! Tests of `messages.rs`.

use lcr_model::LocalId;

use super::*;

#[test]
fn a_hashed_number_is_described() {
    let text_for = |id: &str| {
        let identity = SourceIdentity { source: SourceId::new("x"), local_id: LocalId(id.to_owned()) };
        let message = WaitingMessage {
            id: uuid::Uuid::nil(),
            received: Timestamp::UNIX_EPOCH,
            source: None,
            kind: String::new(),
            control_id: String::new(),
            reason: String::new(),
            failed_at: None,
            people: vec![identity],
            visits: vec![],
            withheld: false,
        };
        people_text(&message, |_| "St Hilda's".to_owned()).unwrap()
    };
    assert_eq!(text_for("4711"), "4711 of St Hilda's");
    let hash = format!("nhs-{}", "a".repeat(40));
    assert_eq!(text_for(&hash), "a patient whom St Hilda's identifies by NHS number");
}
