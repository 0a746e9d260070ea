//! The MLLP frame: 0x0B, the message, 0x1C, 0x0D. A reader takes bytes as they come and gives frames as they are
//! whole. What is spoilt is given as spoilt, and costs nothing but itself: reading goes on at the next 0x0B. The
//! last 0x0D may be missing.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt};

pub const START: u8 = 0x0B;
pub const END: u8 = 0x1C;
const CR: u8 = 0x0D;

/// The longest message taken, in bytes.
pub const MAX: usize = 2 << 20;
/// How much is kept of what is spoilt.
const KEPT: usize = 64 << 10;

/// What came.
#[derive(Clone, PartialEq, Eq)]
pub enum Frame {
    Whole(Vec<u8>),
    /// Ended, but longer than `MAX`: its beginning.
    TooLong(Vec<u8>),
    /// A new frame began, or the connection ended, before this one did: its beginning.
    Broken(Vec<u8>),
    /// Bytes outside any frame: their beginning.
    Unframed(Vec<u8>),
}

/// Frames out of bytes.
#[derive(Default)]
pub struct Framer {
    held: Vec<u8>,
    inside: bool,
    too_long: bool,
}

impl Framer {
    /// Takes bytes as they came, and returns what became whole with them.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<Frame> {
        let mut frames = vec![];
        for byte in bytes {
            match (*byte, self.inside) {
                (START, _) => {
                    frames.extend(self.close(Frame::Broken));
                    self.inside = true;
                }
                (END, true) => {
                    let whole = if self.too_long { Frame::TooLong } else { Frame::Whole };
                    frames.push(whole(std::mem::take(&mut self.held)));
                    (self.inside, self.too_long) = (false, false);
                }
                // Between frames: the last byte of one, and line ends that some add.
                (CR | b'\n' | END, false) if self.held.is_empty() => {}
                (other, inside) => {
                    let most = if inside { MAX } else { KEPT };
                    if self.too_long || self.held.len() >= most {
                        self.too_long = inside;
                        self.held.truncate(KEPT);
                    } else {
                        self.held.push(other);
                    }
                }
            }
        }
        frames
    }

    /// What is left when the connection ends.
    pub fn end(&mut self) -> Option<Frame> {
        self.close(Frame::Broken)
    }

    /// Whether a frame has begun and not ended.
    pub fn inside(&self) -> bool {
        self.inside
    }

    fn close(&mut self, broken: fn(Vec<u8>) -> Frame) -> Option<Frame> {
        let (inside, mut held) = (self.inside, std::mem::take(&mut self.held));
        (self.inside, self.too_long) = (false, false);
        held.truncate(KEPT);
        match (inside, held.is_empty()) {
            (_, true) => None,
            (true, false) => Some(broken(held)),
            (false, false) => Some(Frame::Unframed(held)),
        }
    }
}

/// The frame around `message`.
pub fn framed(message: &[u8]) -> Vec<u8> {
    [&[START], message, &[END, CR]].concat()
}

pub async fn write(to: &mut (impl AsyncWrite + Unpin), message: &[u8]) -> io::Result<()> {
    to.write_all(&framed(message)).await?;
    to.flush().await
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, bytes) = match self {
            Self::Whole(bytes) => ("Whole", bytes),
            Self::TooLong(bytes) => ("TooLong", bytes),
            Self::Broken(bytes) => ("Broken", bytes),
            Self::Unframed(bytes) => ("Unframed", bytes),
        };
        write!(f, "{name}({} bytes)", bytes.len())
    }
}

impl std::fmt::Debug for Framer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Framer({} bytes held)", self.held.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(bytes: &[u8]) -> Vec<Frame> {
        let mut framer = Framer::default();
        let mut frames = framer.take(bytes);
        frames.extend(framer.end());
        frames
    }

    fn whole(text: &str) -> Frame {
        Frame::Whole(text.into())
    }

    #[test]
    fn frames_come_whole_one_after_the_other() {
        assert_eq!(
            all(b"\x0Bone\x1C\r\x0Btwo\x1C\x0Bthree\x1C"),
            [whole("one"), whole("two"), whole("three")]
        );
        assert_eq!(all(b"\x0B\x1C\r"), [whole("")]);
    }

    #[test]
    fn a_spoilt_frame_costs_only_itself() {
        let broken = Frame::Broken(b"half".to_vec());
        let unframed = Frame::Unframed(b"junk".to_vec());
        assert_eq!(
            all(b"\x0Bhalf\x0Bone\x1C\rjunk\x0Btwo\x1C\r"),
            [broken, whole("one"), unframed, whole("two")]
        );
        assert_eq!(all(b"\x0Bhalf"), [Frame::Broken(b"half".to_vec())]);
    }

    #[test]
    fn a_frame_without_end_is_not_held_without_end() {
        let mut framer = Framer::default();
        assert!(framer.take(&[START]).is_empty());
        for _ in 0..5 {
            assert!(framer.take(&vec![b'x'; 1 << 20]).is_empty());
            assert!(framer.held.len() <= MAX);
        }
        let frames = framer.take(b"\x1C\r\x0Bone\x1C\r");
        assert!(matches!(&frames[..], [Frame::TooLong(head), Frame::Whole(_)] if head.len() == KEPT));
    }

    proptest! {
        #[test]
        fn however_bytes_are_split_the_frames_are_the_same(
            bytes in proptest::collection::vec(prop_oneof![Just(START), Just(END), Just(CR), any::<u8>()], 0..200),
            portion in 1usize..20,
        ) {
            let mut framer = Framer::default();
            let mut frames: Vec<Frame> = bytes.chunks(portion).flat_map(|some| framer.take(some)).collect();
            frames.extend(framer.end());
            prop_assert_eq!(frames, all(&bytes));
        }

        #[test]
        fn what_is_framed_is_read_back(message in "[^\u{b}\u{1c}]*") {
            prop_assert_eq!(all(&framed(message.as_bytes())), [whole(&message)]);
        }
    }
}
