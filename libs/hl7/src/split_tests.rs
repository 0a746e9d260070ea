//! Tests of `split.rs`.

use proptest::prelude::*;

use super::*;

#[test]
fn a_batch_is_split_into_its_messages() {
    let batch = b"FHS|^~\\&|F\rBHS|^~\\&|B\rMSH|^~\\&|A\rPID|1\r\rMSH|^~\\&|B\nPID|2\nBTS|2\rFTS|1\r";
    let found: Vec<&str> = split_messages(batch).into_iter().map(|one| std::str::from_utf8(one).unwrap()).collect();
    assert_eq!(found, ["MSH|^~\\&|A\rPID|1", "MSH|^~\\&|B\nPID|2"]);
}

#[test]
fn frames_in_a_file_are_removed() {
    assert_eq!(split_messages(b"\x0BMSH|^~\\&|A\x1C\r\n\x0BMSH|^~\\&|B\x1C\r"), [b"MSH|^~\\&|A", b"MSH|^~\\&|B"]);
}

#[test]
fn a_line_inside_a_field_does_not_begin_a_message() {
    let one = b"MSH|^~\\&|A\rOBX|1|TX|t||Raised:\nMSH||||||F\rNTE|1||see\nBTS|\r";
    assert_eq!(split_messages(one), [&one[..one.len() - 1]]);
    let two = b"MSH|^~\\&|A\rPID|1\n\nMSH|^~\\&|B\rPID|2\nBTS|2\n";
    assert_eq!(split_messages(two), [&b"MSH|^~\\&|A\rPID|1"[..], b"MSH|^~\\&|B\rPID|2"]);
}

#[test]
fn text_without_a_header_is_returned_once() {
    assert_eq!(split_messages(b"hello\nworld"), [b"hello\nworld"]);
    assert!(split_messages(b"\r\n \r").is_empty());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(file in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = split_messages(&file);
    }
}
