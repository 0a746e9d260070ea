//! Launches: a partner's system opens a person's record for its user. Identity verifies the launch; this room finds the person
//! and has the launch recorded. A token or ticket must never be in a URL of ours or in a log.

pub(crate) mod page;
mod person;
mod words;
