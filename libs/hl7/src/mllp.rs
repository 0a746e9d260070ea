//! Reads and writes MLLP frames: 0x0B, the message, 0x1C, 0x0D (the last byte may be missing). A malformed frame must never
//! affect the frames after it: reading continues at the next 0x0B.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Starts a frame.
pub const START_BLOCK: u8 = 0x0B;
/// Ends a frame.
pub const END_BLOCK: u8 = 0x1C;
const CR: u8 = 0x0D;

/// The longest message accepted, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 2 << 20;
/// How much of a malformed frame is returned, in bytes.
const MAX_MALFORMED_BYTES: usize = 64 << 10;

/// A frame, or the beginning of a malformed one.
#[derive(Clone, PartialEq, Eq)]
pub enum Frame {
    Complete(Vec<u8>),
    /// A frame longer than `MAX_MESSAGE_BYTES`.
    TooLong(Vec<u8>),
    /// A frame without an end: another began, or the connection ended.
    Truncated(Vec<u8>),
    /// Bytes outside any frame.
    Unframed(Vec<u8>),
}

/// Splits a byte stream into frames.
#[derive(Default)]
pub struct Framer {
    buffer: Vec<u8>,
    is_inside_frame: bool,
    is_too_long: bool,
}

impl Framer {
    /// Adds received bytes and returns the frames that end with them.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Frame> {
        let mut frames = vec![];
        for byte in bytes {
            match (*byte, self.is_inside_frame) {
                (START_BLOCK, _) => {
                    frames.extend(self.take_malformed(Frame::Truncated));
                    self.is_inside_frame = true;
                }
                (END_BLOCK, true) => {
                    let frame = if self.is_too_long { Frame::TooLong } else { Frame::Complete };
                    frames.push(frame(std::mem::take(&mut self.buffer)));
                    (self.is_inside_frame, self.is_too_long) = (false, false);
                }
                // Between frames: the last byte of a frame, and line ends that some senders add.
                (CR | b'\n' | END_BLOCK, false) if self.buffer.is_empty() => {}
                (other, inside) => {
                    let max = if inside { MAX_MESSAGE_BYTES } else { MAX_MALFORMED_BYTES };
                    if self.is_too_long || self.buffer.len() >= max {
                        self.is_too_long = inside;
                        self.buffer.truncate(MAX_MALFORMED_BYTES);
                    } else {
                        self.buffer.push(other);
                    }
                }
            }
        }
        frames
    }

    /// Returns the rest when the connection ends.
    pub fn finish(&mut self) -> Option<Frame> {
        self.take_malformed(Frame::Truncated)
    }

    /// Whether a frame has started and not ended.
    pub fn is_inside_frame(&self) -> bool {
        self.is_inside_frame
    }

    fn take_malformed(&mut self, truncated: fn(Vec<u8>) -> Frame) -> Option<Frame> {
        let (inside, mut bytes) = (self.is_inside_frame, std::mem::take(&mut self.buffer));
        (self.is_inside_frame, self.is_too_long) = (false, false);
        bytes.truncate(MAX_MALFORMED_BYTES);
        match (inside, bytes.is_empty()) {
            (_, true) => None,
            (true, false) => Some(truncated(bytes)),
            (false, false) => Some(Frame::Unframed(bytes)),
        }
    }
}

/// Puts a message into a frame.
pub fn encode_frame(message: &[u8]) -> Vec<u8> {
    [&[START_BLOCK], message, &[END_BLOCK, CR]].concat()
}

/// Writes a message as a frame.
pub async fn write_frame(to: &mut (impl AsyncWrite + Unpin), message: &[u8]) -> io::Result<()> {
    to.write_all(&encode_frame(message)).await?;
    to.flush().await
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, bytes) = match self {
            Self::Complete(bytes) => ("Complete", bytes),
            Self::TooLong(bytes) => ("TooLong", bytes),
            Self::Truncated(bytes) => ("Truncated", bytes),
            Self::Unframed(bytes) => ("Unframed", bytes),
        };
        write!(f, "{name}({} bytes)", bytes.len())
    }
}

impl std::fmt::Debug for Framer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Framer({} bytes)", self.buffer.len())
    }
}

#[cfg(test)]
#[path = "mllp_tests.rs"]
mod tests;
