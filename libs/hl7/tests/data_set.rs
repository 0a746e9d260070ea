//! Messages of the external data set: each is read without loss or refused, and its acknowledgement can be read.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use lcr_hl7::{AckCode, Condition, Fault, Header, Message, ack::Acknowledgement, time};

#[test]
fn every_message_is_read_completely_or_refused_and_can_be_acknowledged() {
    let Some(folder) = lcr_testkit::data::folder("hl7v2") else { return };
    let at = time::parse_timestamp("20261122084500").unwrap();
    let fault = Fault::at(Condition::RequiredField, "PID", 3, "no identifier");
    let answer = Acknowledgement { code: AckCode::Ae, control_id: "LCR1", at, text: "no", fault: Some(&fault) };
    let (mut read, mut refused) = (0, 0);
    for file in lcr_testkit::data::files(&folder).unwrap() {
        if file.extension().is_some_and(|end| end == "tsv" || end == "md") {
            continue;
        }
        for bytes in lcr_hl7::split_messages(&std::fs::read(&file).unwrap()) {
            let Ok(message) = Message::read(bytes) else {
                refused += 1;
                continue;
            };
            // If carriage returns end segments, a line feed is text.
            let first = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or_default();
            let carriage_returns = bytes[first] == b'\r' || bytes.get(first + 1) == Some(&b'\r');
            let lines = bytes.split(|byte| *byte == b'\r' || !carriage_returns && *byte == b'\n');
            let lines = lines.filter(|line| !line.trim_ascii().is_empty()).count();
            assert_eq!(message.segments().count(), lines, "{}", file.display());
            let ack = Message::read(&answer.encode_for(&message)).unwrap();
            let (sent_id, acknowledged_id) = (message.field("MSH", 10).first_text(), ack.field("MSA", 2).first_text());
            assert_eq!(sent_id, acknowledged_id, "{}", file.display());
            assert_eq!(Header::of(&ack).code, "ACK", "{}", file.display());
            read += 1;
        }
    }
    println!("{read} messages read, {refused} refused");
    assert!(read > refused * 20);
}
