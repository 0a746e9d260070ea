//! Answers, as a sender's system reads them.

use super::*;
use crate::Condition;

const AT: &str = "20261122084500";

fn answer(text: &str, code: Code, fault: Option<&Fault>) -> String {
    let message = Message::read(text.as_bytes()).unwrap();
    let at = time::timestamp(AT).unwrap();
    let answer = Answer { code, control_id: "LCR1", at, words: "ok", fault };
    String::from_utf8(answer.to(&message)).unwrap()
}

#[test]
fn sender_and_receiver_are_swapped_and_the_control_id_comes_back() {
    let text = "MSH|^~\\&|PAS|Z9H01|LCR|XXX|20261122084455||ADT^A01^ADT_A01|13913204|P|2.4|||AL|NE";
    assert_eq!(
        answer(text, Code::Aa, None),
        "MSH|^~\\&|LCR|XXX|PAS|Z9H01|20261122084500+0000||ACK^A01^ACK|LCR1|P|2.4\rMSA|AA|13913204|ok\r"
    );
}

#[test]
fn the_error_is_placed_as_the_version_writes_it() {
    let fault = Fault::at(Condition::RequiredField, "PID", 3, "no identifier");
    let old = answer("MSH|^~\\&|A|B|||||ADT^A01|1|P|2.4", Code::Ae, Some(&fault));
    assert!(old.ends_with("MSA|AE|1|ok|||101^Required field missing^HL70357\rERR|PID^1^3^101&Required field missing&HL70357\r"), "{old}");
    let new = answer("MSH|^~\\&#|A|B|||||ADT^A01|1|P|2.7.1", Code::Ae, Some(&fault));
    assert!(new.starts_with("MSH|^~\\&#|LCR|"), "{new}");
    assert!(new.ends_with("ERR||PID^1^3|101^Required field missing^HL70357|E||||no identifier\r"), "{new}");
}

#[test]
fn an_answer_is_written_in_the_senders_delimiters() {
    let text = "MSH#*!?@#P*1.2*ISO#Z9#L#X###ADT*A01#a?T?b#P#2.3";
    let said = answer(text, Code::Aa, None);
    assert!(said.contains("#P*1.2*ISO#Z9#") && said.contains("MSA#AA#a?T?b#ok"), "{said}");
    assert_eq!(Header::of(&Message::read(said.as_bytes()).unwrap()).kind(), "ACK^A01");
}

#[test]
fn what_could_not_be_read_is_answered_from_defaults() {
    let at = time::timestamp(AT).unwrap();
    let answer = Answer { code: Code::Ar, control_id: "LCR1", at, words: "not HL7", fault: None };
    let said = String::from_utf8(answer.to_nobody()).unwrap();
    assert!(said.ends_with("MSA|AR||not HL7\r"), "{said}");
}

#[test]
fn a_control_id_comes_back_as_it_was_read_whatever_is_in_it() {
    for id in ["1\t2", "1\u{7}2", "1\u{85}2", "a\\T\\b&c", "1~2", "é"] {
        let text = format!("MSH|^~\\&|A|B|||||ADT^A01|{id}|P|2.4");
        let said = Message::read(answer(&text, Code::Aa, None).as_bytes()).unwrap();
        let sent = Message::read(text.as_bytes()).unwrap();
        assert_eq!(said.field("MSA", 2).words(), sent.field("MSH", 10).words(), "{id:?}");
    }
}
