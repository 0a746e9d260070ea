//! Checks whether a message can be accepted: its version, type and purpose (else AR), its segments and required header
//! fields (else AE). A malformed optional field must never refuse a message, because that would block the feed.

use lcr_hl7::{Condition, Fault, Message};

use super::Arrival;

/// Limits per message. A real message of 2 MiB stays far below them.
const MAX_SEGMENTS: usize = 100_000;
const MAX_PATIENTS: usize = 10_000;
const MAX_ORDERS: usize = 10_000;
/// The longest sender name (HD).
const MAX_SENDER_CHARS: usize = 227;

pub fn check_envelope(arrival: &Arrival<'_>) -> Result<(), Fault> {
    let header = arrival.header;
    let required = |value: &str, field: usize, words: &str| {
        let fault = || Fault::at(Condition::RequiredField, "MSH", field, words);
        if value.is_empty() { Err(fault()) } else { Ok(()) }
    };
    required(&header.version, 12, "the version is missing")?;
    if !header.is_known_version() {
        let words = "only versions 2.1 to 2.9 are accepted";
        return Err(Fault::at(Condition::UnsupportedVersion, "MSH", 12, words));
    }
    required(&header.code, 9, "the message type is missing")?;
    if !is_type(&header.code) || !(header.event.is_empty() || is_type(&header.event)) {
        return Err(Fault::at(Condition::UnsupportedType, "MSH", 9, "MSH-9 is not an HL7 v2 message type"));
    }
    let live = matches!(header.processing_id.as_str(), "" | "P");
    if !live && !arrival.system.feed.as_ref().is_some_and(|feed| feed.training) {
        let words = "training and debugging messages are not accepted from this sender";
        return Err(Fault::at(Condition::UnsupportedProcessing, "MSH", 11, words));
    }
    required(&header.control_id, 10, "the message control id is missing")?;
    // The maximum of the standard since version 2.7.
    if header.control_id.chars().count() > 199 {
        return Err(Fault::at(Condition::DataType, "MSH", 10, "the message control id is too long"));
    }
    for (field, name) in [(3, &header.application), (4, &header.facility)] {
        if name.chars().count() > MAX_SENDER_CHARS {
            return Err(Fault::at(Condition::DataType, "MSH", field, "the sender name is too long"));
        }
    }
    check_size(arrival.message)?;
    if let Some(line) = arrival.message.first_malformed_line() {
        let words = format!("line {line} of the message is not a segment");
        return Err(Fault::in_segment(Condition::SegmentSequence, "", line, words));
    }
    if header.code == "ADT" && header.event.is_empty() {
        let fault = Fault::at(Condition::RequiredField, "MSH", 9, "the trigger event is missing");
        return Err(Fault { component: Some(2), ..fault });
    }
    Ok(())
}

/// Checks the limits per message. The fault names the first segment over a limit.
fn check_size(message: &Message) -> Result<(), Fault> {
    let too_many = [
        (message.segments().nth(MAX_SEGMENTS), "the message has more than 100,000 segments"),
        (message.segments_named("PID").nth(MAX_PATIENTS), "the message names more than 10,000 patients"),
        (message.segments_named("OBR").nth(MAX_ORDERS), "the message has more than 10,000 orders"),
    ];
    for (segment, words) in too_many {
        if let Some(segment) = segment {
            let (name, occurrence) = (segment.name(), segment.occurrence());
            return Err(Fault::in_segment(Condition::SegmentSequence, name, occurrence, words));
        }
    }
    Ok(())
}

/// Whether the text is three capital letters or digits, as every HL7 message type is.
pub fn is_type(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
