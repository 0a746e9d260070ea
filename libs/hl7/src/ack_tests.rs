//! Acknowledgements as a sender's system reads them.

use super::*;
use crate::Condition;

const AT: &str = "20261122084500";

fn answer(text: &str, code: AckCode, fault: Option<&Fault>) -> String {
    let message = Message::read(text.as_bytes()).unwrap();
    let at = time::parse_timestamp(AT).unwrap();
    let answer = Acknowledgement { code, control_id: "LCR1", at, text: "ok", fault };
    String::from_utf8(answer.encode_for(&message)).unwrap()
}

#[test]
fn sender_and_receiver_are_swapped_and_the_control_id_comes_back() {
    let text = "MSH|^~\\&|PAS|Z9H01|LCR|XXX|20261122084455||ADT^A01^ADT_A01|13913204|P|2.4|||AL|NE";
    assert_eq!(
        answer(text, AckCode::Aa, None),
        "MSH|^~\\&|LCR|XXX|PAS|Z9H01|20261122084500+0000||ACK^A01^ACK|LCR1|P|2.4\rMSA|AA|13913204|ok\r"
    );
}

#[test]
fn the_error_has_the_form_of_the_message_version() {
    let fault = Fault::at(Condition::RequiredField, "PID", 3, "no identifier");
    let old = answer("MSH|^~\\&|A|B|||||ADT^A01|1|P|2.4", AckCode::Ae, Some(&fault));
    assert!(
        old.ends_with(
            "MSA|AE|1|ok|||101^Required field missing^HL70357\rERR|PID^1^3^101&Required field missing&HL70357\r"
        ),
        "{old}"
    );
    let new = answer("MSH|^~\\&#|A|B|||||ADT^A01|1|P|2.7.1", AckCode::Ae, Some(&fault));
    assert!(new.starts_with("MSH|^~\\&#|LCR|"), "{new}");
    assert!(new.ends_with("ERR||PID^1^3|101^Required field missing^HL70357|E||||no identifier\r"), "{new}");
}

#[test]
fn an_answer_is_written_in_the_senders_delimiters() {
    let text = "MSH#*!?@#P*1.2*ISO#Z9#L#X###ADT*A01#a?T?b#P#2.3";
    let ack = answer(text, AckCode::Aa, None);
    assert!(ack.contains("#P*1.2*ISO#Z9#") && ack.contains("MSA#AA#a?T?b#ok"), "{ack}");
    assert_eq!(Header::of(&Message::read(ack.as_bytes()).unwrap()).message_type(), "ACK^A01");
}

#[test]
fn unreadable_bytes_get_an_acknowledgement_with_default_delimiters() {
    let at = time::parse_timestamp(AT).unwrap();
    let answer = Acknowledgement { code: AckCode::Ar, control_id: "LCR1", at, text: "not HL7", fault: None };
    let ack = String::from_utf8(answer.encode_without_message()).unwrap();
    assert!(ack.ends_with("MSA|AR||not HL7\r"), "{ack}");
}

#[test]
fn a_control_id_with_special_characters_comes_back_unchanged() {
    for id in ["1\t2", "1\u{7}2", "1\u{85}2", "a\\T\\b&c", "1~2", "é"] {
        let text = format!("MSH|^~\\&|A|B|||||ADT^A01|{id}|P|2.4");
        let ack = Message::read(answer(&text, AckCode::Aa, None).as_bytes()).unwrap();
        let sent = Message::read(text.as_bytes()).unwrap();
        assert_eq!(ack.field("MSA", 2).first_text(), sent.field("MSH", 10).first_text(), "{id:?}");
    }
}
