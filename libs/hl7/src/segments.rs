//! Where one segment of a message ends and the next begins. Never drops a character of a value.
//!
//! HL7 ends segments with a carriage return. A message whose first line ends with one (alone or in CRLF) keeps a lone
//! line feed as text of its field; any other message is a file that was saved with line feeds, and they end segments.

use std::ops::Range;

/// Segments of the messages that are read here, sorted.
const NAMES: [&[u8; 3]; 48] = [
    b"ACC", b"AIG", b"AIL", b"AIP", b"AIS", b"AL1", b"ARV", b"AUT", b"CON", b"CTD", b"CTI", b"DB1", b"DG1",
    b"DRG", b"DSC", b"EVN", b"FT1", b"GT1", b"IAM", b"IN1", b"IN2", b"IN3", b"MRG", b"MSH", b"NK1", b"NTE",
    b"OBR", b"OBX", b"ORC", b"PD1", b"PDA", b"PID", b"PR1", b"PRB", b"PRD", b"PRT", b"PV1", b"PV2", b"RF1",
    b"RGS", b"ROL", b"SAC", b"SCH", b"SPM", b"TQ1", b"TQ2", b"TXA", b"UAC",
];

/// The segments of `text` that hold anything, in order.
pub fn spans(text: &str, separator: char) -> Vec<Range<usize>> {
    let carriage_returns = ends_with_carriage_return(text.as_bytes());
    let mixed = carriage_returns && every_line_feed_ends_a_segment(text, separator);
    let mut spans = vec![];
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        let ends = match byte {
            b'\r' => true,
            b'\n' => !carriage_returns || start == at || mixed,
            _ => false,
        };
        if ends {
            spans.extend(trimmed(text, start..at));
            start = at + 1;
        }
    }
    spans.extend(trimmed(text, start..text.len()));
    spans
}

/// Whether a message whose segments end with carriage returns is a file that mixes its line ends: each line feed of its
/// own stands before a segment. One that does not is text, and then all of them are.
fn every_line_feed_ends_a_segment(text: &str, separator: char) -> bool {
    let bytes = text.as_bytes();
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        let of_its_own = byte == b'\n' && start < at && bytes.get(at + 1) != Some(&b'\r');
        if of_its_own && !next_begins(&text[start..at], &text[at + 1..], separator) {
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

/// The part of `span` between line feeds that belong to its ends; none where it is blank.
fn trimmed(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let line = &text[span.clone()];
    if line.trim().is_empty() {
        return None;
    }
    let start = span.start + (line.len() - line.trim_start_matches('\n').len());
    Some(start..start + line.trim_matches('\n').len())
}

/// Whether a segment that we read follows a line feed. After free text (`OBX`, `NTE`, `TXA`) it must have a number or a
/// code for its first field, as segments do: a line of text may begin with the name of one.
fn next_begins(segment: &str, rest: &str, separator: char) -> bool {
    let Some(name) = rest.as_bytes().first_chunk::<3>() else { return false };
    let local = name[0] == b'Z' && name[1..].iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let known = NAMES.binary_search(&name).is_ok();
    let Some(first_field) = rest.get(3..).and_then(|rest| rest.strip_prefix(separator)) else { return false };
    if matches!(segment.get(..3), Some("OBX" | "NTE" | "TXA")) {
        let field = first_field.split([separator, '\r', '\n']).next().unwrap_or_default();
        known && !field.is_empty() && !field.contains(' ')
    } else {
        known || local
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        spans(text, '|').into_iter().map(|span| &text[span]).collect()
    }

    #[test]
    fn the_names_are_sorted() {
        assert!(NAMES.is_sorted());
    }

    #[test]
    fn the_first_line_tells_what_ends_a_segment() {
        let cases: [(&str, &[&str]); 11] = [
            ("MSH|a\rPID|1\rPV1|1\r", &["MSH|a", "PID|1", "PV1|1"]),
            ("MSH|a\nPID|1\nPV1|1\n", &["MSH|a", "PID|1", "PV1|1"]),
            ("MSH|a\r\nPID|1\r\n\r\nPV1|1", &["MSH|a", "PID|1", "PV1|1"]),
            ("MSH|a\n\rPID|1\n\r", &["MSH|a", "PID|1"]),
            (
                "MSH|a\rOBX|1|TX|c||one\n\n two\n||F\rNTE|1",
                &["MSH|a", "OBX|1|TX|c||one\n\n two\n||F", "NTE|1"],
            ),
            (
                "MSH|a\rOBX|1|TX|c||one\nOBX|2 looks like one\nthree||F\rNTE|1",
                &["MSH|a", "OBX|1|TX|c||one\nOBX|2 looks like one\nthree||F", "NTE|1"],
            ),
            (
                "MSH|a\r\nOBX|1|TX|c||one\nNTE|1||inside\nthree||F\r\nNTE|1",
                &["MSH|a", "OBX|1|TX|c||one\nNTE|1||inside\nthree||F", "NTE|1"],
            ),
            ("MSH|a\r\nOBX|1|TX|c||one\ntwo||F\r\nNTE|1", &["MSH|a", "OBX|1|TX|c||one\ntwo||F", "NTE|1"]),
            ("MSH|a\rPID|1||4||A^B||||12 Lane\nLeeds\r", &["MSH|a", "PID|1||4||A^B||||12 Lane\nLeeds"]),
            ("MSH|a", &["MSH|a"]),
            ("\r\n", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_line_feed_before_a_segment_ends_one_even_where_carriage_returns_do() {
        let cases: [(&str, &[&str]); 5] = [
            ("MSH|a\nx\rPID|1", &["MSH|a", "x", "PID|1"]),
            ("MSH|a\rPID|1\nPV1||I\rOBX|1", &["MSH|a", "PID|1", "PV1||I", "OBX|1"]),
            ("MSH|a\rOBX|1|NM|k||4.1\nOBX|2|NM|n||139", &["MSH|a", "OBX|1|NM|k||4.1", "OBX|2|NM|n||139"]),
            (
                "MSH|a\rOBX|1|TX|t||treated with\nTXA||||||F",
                &["MSH|a", "OBX|1|TX|t||treated with\nTXA||||||F"],
            ),
            ("MSH|a\rPID|1\nZDP|N\r", &["MSH|a", "PID|1", "ZDP|N"]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text), expected, "{text:?}");
        }
    }
}
