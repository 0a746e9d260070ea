//! Tests of `segments.rs`.

use super::*;

fn split(text: &str) -> Vec<&str> {
    segment_spans(text, '|').into_iter().map(|span| &text[span]).collect()
}

#[test]
fn the_known_segments_are_sorted() {
    assert!(KNOWN_SEGMENTS.is_sorted());
}

#[test]
fn the_first_line_decides_which_line_end_ends_a_segment() {
    let cases: [(&str, &[&str]); 11] = [
        ("MSH|a\rPID|1\rPV1|1\r", &["MSH|a", "PID|1", "PV1|1"]),
        ("MSH|a\nPID|1\nPV1|1\n", &["MSH|a", "PID|1", "PV1|1"]),
        ("MSH|a\r\nPID|1\r\n\r\nPV1|1", &["MSH|a", "PID|1", "PV1|1"]),
        ("MSH|a\n\rPID|1\n\r", &["MSH|a", "PID|1"]),
        ("MSH|a\rOBX|1|TX|c||one\n\n two\n||F\rNTE|1", &["MSH|a", "OBX|1|TX|c||one\n\n two\n||F", "NTE|1"]),
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
fn with_mixed_line_ends_a_line_feed_before_a_segment_ends_one() {
    let cases: [(&str, &[&str]); 5] = [
        ("MSH|a\nx\rPID|1", &["MSH|a", "x", "PID|1"]),
        ("MSH|a\rPID|1\nPV1||I\rOBX|1", &["MSH|a", "PID|1", "PV1||I", "OBX|1"]),
        ("MSH|a\rOBX|1|NM|k||4.1\nOBX|2|NM|n||139", &["MSH|a", "OBX|1|NM|k||4.1", "OBX|2|NM|n||139"]),
        ("MSH|a\rOBX|1|TX|t||treated with\nTXA||||||F", &["MSH|a", "OBX|1|TX|t||treated with\nTXA||||||F"]),
        ("MSH|a\rPID|1\nZDP|N\r", &["MSH|a", "PID|1", "ZDP|N"]),
    ];
    for (text, expected) in cases {
        assert_eq!(split(text), expected, "{text:?}");
    }
}
