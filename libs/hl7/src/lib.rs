//! Reads HL7 v2 messages and writes acknowledgements: delimiters, fields in three states, escapes, character sets, times,
//! batches and MLLP frames. The crate must never read a clock or print content of a message, and every step must be linear
//! in the length of the message. The rules for single hospitals belong in `services/feeds`.

pub mod ack;
mod charset;
mod client;
mod escape;
pub mod fault;
mod field;
mod header;
mod message;
pub mod mllp;
mod segments;
mod split;
pub mod time;
pub mod zone;

pub use ack::AckCode;
pub use charset::Charset;
pub use client::{Client, ClientError};
pub use escape::{escape_text, unescape_text};
pub use fault::{Condition, Fault};
pub use field::{Field, Repetition};
pub use header::Header;
pub use message::{Message, ReadError, Segment};
pub use split::split_messages;
