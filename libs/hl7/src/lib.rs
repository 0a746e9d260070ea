//! HL7 v2 as hospitals send it: a message with its own delimiters, fields of three states, escapes, character
//! sets, times, acknowledgements, batches and the MLLP frame. Delimiters and escapes are read by `er7`, which knows the
//! fifth delimiter of version 2.7 and refuses nothing but a header it cannot use. Nothing here knows what a hospital
//! is, reads a clock, or prints what a message says. Cost is linear in the length of a message.

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

pub use ack::Code;
pub use charset::Charset;
pub use client::{Client, ClientError};
pub use escape::{escaped, text};
pub use fault::{Condition, Fault};
pub use field::{Field, Repetition};
pub use header::Header;
pub use message::{Message, NotReadable, Segment};
pub use split::messages;
