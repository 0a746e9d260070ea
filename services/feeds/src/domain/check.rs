//! Whether a message can be taken at all: its version, type and purpose (else AR), its segments and the header's
//! required fields (else AE). What only one optional field spoils is never refused: that would block a feed.

use lcr_hl7::{Condition, Fault, Message};

use super::Arrival;

/// The most of a segment in one message. A message of 2 MiB that is about people stays far below.
const MOST_SEGMENTS: usize = 100_000;
const MOST_PEOPLE: usize = 10_000;
const MOST_ORDERS: usize = 10_000;
/// The longest name of a sender (HD).
const LONGEST_SENDER: usize = 227;

pub fn envelope(arrival: &Arrival<'_>) -> Result<(), Fault> {
    let header = arrival.header;
    let required = |value: &str, field: usize, words: &str| {
        let fault = || Fault::at(Condition::RequiredField, "MSH", field, words);
        if value.is_empty() { Err(fault()) } else { Ok(()) }
    };
    required(&header.version, 12, "the version is missing")?;
    if !header.version_known() {
        let words = "versions from 2.1 to 2.9 are taken";
        return Err(Fault::at(Condition::UnsupportedVersion, "MSH", 12, words));
    }
    required(&header.code, 9, "the message type is missing")?;
    if !is_type(&header.code) || !(header.event.is_empty() || is_type(&header.event)) {
        return Err(Fault::at(Condition::UnsupportedType, "MSH", 9, "this is no message type of HL7 v2"));
    }
    let live = matches!(header.processing.as_str(), "" | "P");
    if !live && !arrival.system.feed.as_ref().is_some_and(|feed| feed.training) {
        let words = "training and debugging messages are not taken from this sender";
        return Err(Fault::at(Condition::UnsupportedProcessing, "MSH", 11, words));
    }
    required(&header.control_id, 10, "the message control id is missing")?;
    // The widest the standard allows, from 2.7 on.
    if header.control_id.chars().count() > 199 {
        return Err(Fault::at(Condition::DataType, "MSH", 10, "the message control id is too long"));
    }
    for (field, name) in [(3, &header.application), (4, &header.facility)] {
        if name.chars().count() > LONGEST_SENDER {
            return Err(Fault::at(Condition::DataType, "MSH", field, "the name of the sender is too long"));
        }
    }
    size(arrival.message)?;
    if let Some(line) = arrival.message.malformed() {
        let words = format!("line {line} of the message is no segment");
        return Err(Fault::in_segment(Condition::SegmentSequence, "", line, words));
    }
    if header.code == "ADT" && header.event.is_empty() {
        let fault = Fault::at(Condition::RequiredField, "MSH", 9, "the trigger event is missing");
        return Err(Fault { component: Some(2), ..fault });
    }
    Ok(())
}

/// What one message may hold, named by the first segment that is too many.
fn size(message: &Message) -> Result<(), Fault> {
    let too_many = [
        (message.segments().nth(MOST_SEGMENTS), "the message has more than 100,000 segments"),
        (message.all("PID").nth(MOST_PEOPLE), "the message names more than 10,000 patients"),
        (message.all("OBR").nth(MOST_ORDERS), "the message has more than 10,000 orders"),
    ];
    for (segment, words) in too_many {
        if let Some(segment) = segment {
            let (name, occurrence) = (segment.name(), segment.occurrence());
            return Err(Fault::in_segment(Condition::SegmentSequence, name, occurrence, words));
        }
    }
    Ok(())
}

/// Three capital letters or digits.
pub fn is_type(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
