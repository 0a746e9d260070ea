//! Tests of `mllp.rs`.

use proptest::prelude::*;

use super::*;

fn all(bytes: &[u8]) -> Vec<Frame> {
    let mut framer = Framer::default();
    let mut frames = framer.push(bytes);
    frames.extend(framer.finish());
    frames
}

fn complete(text: &str) -> Frame {
    Frame::Complete(text.into())
}

#[test]
fn frames_are_read_one_after_the_other() {
    assert_eq!(all(b"\x0Bone\x1C\r\x0Btwo\x1C\x0Bthree\x1C"), [complete("one"), complete("two"), complete("three")]);
    assert_eq!(all(b"\x0B\x1C\r"), [complete("")]);
}

#[test]
fn a_malformed_frame_does_not_affect_the_next() {
    let truncated = Frame::Truncated(b"half".to_vec());
    let unframed = Frame::Unframed(b"junk".to_vec());
    assert_eq!(all(b"\x0Bhalf\x0Bone\x1C\rjunk\x0Btwo\x1C\r"), [truncated, complete("one"), unframed, complete("two")]);
    assert_eq!(all(b"\x0Bhalf"), [Frame::Truncated(b"half".to_vec())]);
}

#[test]
fn a_frame_without_an_end_needs_limited_memory() {
    let mut framer = Framer::default();
    assert!(framer.push(&[START_BLOCK]).is_empty());
    for _ in 0..5 {
        assert!(framer.push(&vec![b'x'; 1 << 20]).is_empty());
        assert!(framer.buffer.len() <= MAX_MESSAGE_BYTES);
    }
    let frames = framer.push(b"\x1C\r\x0Bone\x1C\r");
    assert!(matches!(&frames[..], [Frame::TooLong(head), Frame::Complete(_)] if head.len() == MAX_MALFORMED_BYTES));
}

proptest! {
    #[test]
    fn the_frames_do_not_depend_on_how_bytes_are_split(
        bytes in proptest::collection::vec(prop_oneof![Just(START_BLOCK), Just(END_BLOCK), Just(CR), any::<u8>()], 0..200),
        portion in 1usize..20,
    ) {
        let mut framer = Framer::default();
        let mut frames: Vec<Frame> = bytes.chunks(portion).flat_map(|some| framer.push(some)).collect();
        frames.extend(framer.finish());
        prop_assert_eq!(frames, all(&bytes));
    }

    #[test]
    fn an_encoded_frame_reads_back(message in "[^\u{b}\u{1c}]*") {
        prop_assert_eq!(all(&encode_frame(message.as_bytes())), [complete(&message)]);
    }
}
