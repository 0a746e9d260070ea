//! Splits a message into segments. It must never drop a character of a value.
//!
//! HL7 ends segments with a carriage return. If the first line ends with one (alone or in CRLF), a lone line feed is text of
//! its field. Otherwise the message is a file saved with line feeds, and they end segments.

use std::ops::Range;

/// Known segments, sorted for a binary search.
const KNOWN_SEGMENTS: [&[u8; 3]; 48] = [
    b"ACC", b"AIG", b"AIL", b"AIP", b"AIS", b"AL1", b"ARV", b"AUT", b"CON", b"CTD", b"CTI", b"DB1", b"DG1", b"DRG",
    b"DSC", b"EVN", b"FT1", b"GT1", b"IAM", b"IN1", b"IN2", b"IN3", b"MRG", b"MSH", b"NK1", b"NTE", b"OBR", b"OBX",
    b"ORC", b"PD1", b"PDA", b"PID", b"PR1", b"PRB", b"PRD", b"PRT", b"PV1", b"PV2", b"RF1", b"RGS", b"ROL", b"SAC",
    b"SCH", b"SPM", b"TQ1", b"TQ2", b"TXA", b"UAC",
];

/// The segments of `text` that are not blank, in order.
pub fn segment_spans(text: &str, separator: char) -> Vec<Range<usize>> {
    let carriage_returns = ends_with_carriage_return(text.as_bytes());
    let is_mixed = carriage_returns && every_line_feed_ends_a_segment(text, separator);
    let mut spans = vec![];
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        let ends = match byte {
            b'\r' => true,
            b'\n' => !carriage_returns || start == at || is_mixed,
            _ => false,
        };
        if ends {
            spans.extend(trim_span(text, start..at));
            start = at + 1;
        }
    }
    spans.extend(trim_span(text, start..text.len()));
    spans
}

/// Whether a message with carriage returns mixes its line ends, that is, every lone line feed is followed by a segment. A
/// single one that is not makes all of them text.
fn every_line_feed_ends_a_segment(text: &str, separator: char) -> bool {
    let bytes = text.as_bytes();
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        let is_lone = byte == b'\n' && start < at && bytes.get(at + 1) != Some(&b'\r');
        if is_lone && !begins_segment(&text[start..at], &text[at + 1..], separator) {
            return false;
        }
        if matches!(byte, b'\r' | b'\n') {
            start = at + 1;
        }
    }
    true
}

/// Whether the first line ends with a carriage return, before or after a line feed.
fn ends_with_carriage_return(text: &[u8]) -> bool {
    let Some(end) = text.iter().position(|byte| matches!(byte, b'\r' | b'\n')) else { return false };
    text[end] == b'\r' || text.get(end + 1) == Some(&b'\r')
}

/// `span` without line feeds at its ends. `None` if it is blank.
fn trim_span(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let line = &text[span.clone()];
    if line.trim().is_empty() {
        return None;
    }
    let start = span.start + (line.len() - line.trim_start_matches('\n').len());
    Some(start..start + line.trim_matches('\n').len())
}

/// Whether a known segment begins after a line feed. After free text (`OBX`, `NTE`, `TXA`) its first field must also be a
/// number or code, because a line of text may begin with a segment name.
fn begins_segment(segment: &str, rest: &str, separator: char) -> bool {
    let Some(name) = rest.as_bytes().first_chunk::<3>() else { return false };
    let is_local = name[0] == b'Z' && name[1..].iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let is_known = KNOWN_SEGMENTS.binary_search(&name).is_ok();
    let Some(first_field) = rest.get(3..).and_then(|rest| rest.strip_prefix(separator)) else { return false };
    if matches!(segment.get(..3), Some("OBX" | "NTE" | "TXA")) {
        let field = first_field.split([separator, '\r', '\n']).next().unwrap_or_default();
        is_known && !field.is_empty() && !field.contains(' ')
    } else {
        is_known || is_local
    }
}

#[cfg(test)]
#[path = "segments_tests.rs"]
mod tests;
