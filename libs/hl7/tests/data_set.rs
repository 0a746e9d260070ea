//! Messages that nobody here wrote: each is read without loss or refused, and answered so that the answer reads.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use lcr_hl7::{Code, Condition, Fault, Header, Message, ack::Answer, time};

#[test]
fn every_message_is_read_whole_or_refused_and_can_be_answered() {
    let Some(folder) = lcr_testkit::data::folder("hl7v2") else { return };
    let at = time::timestamp("20261122084500").unwrap();
    let fault = Fault::at(Condition::RequiredField, "PID", 3, "no identifier");
    let answer = Answer { code: Code::Ae, control_id: "LCR1", at, words: "no", fault: Some(&fault) };
    let (mut read, mut refused) = (0, 0);
    for file in lcr_testkit::data::files(&folder).unwrap() {
        if file.extension().is_some_and(|end| end == "tsv" || end == "md") {
            continue;
        }
        for bytes in lcr_hl7::messages(&std::fs::read(&file).unwrap()) {
            let Ok(message) = Message::read(bytes) else {
                refused += 1;
                continue;
            };
            // Where carriage returns end segments, a line feed is text.
            let first = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or_default();
            let carriage_returns = bytes[first] == b'\r' || bytes.get(first + 1) == Some(&b'\r');
            let lines = bytes.split(|byte| *byte == b'\r' || !carriage_returns && *byte == b'\n');
            let lines = lines.filter(|line| !line.trim_ascii().is_empty()).count();
            assert_eq!(message.segments().count(), lines, "{}", file.display());
            let said = Message::read(&answer.to(&message)).unwrap();
            let (asked, told) = (message.field("MSH", 10).words(), said.field("MSA", 2).words());
            assert_eq!(asked, told, "{}", file.display());
            assert_eq!(Header::of(&said).code, "ACK", "{}", file.display());
            read += 1;
        }
    }
    println!("{read} messages read, {refused} refused");
    assert!(read > refused * 20);
}
