//! Standard output of a command. It must never fail because the reader has left.

use std::io::{ErrorKind, Write};

use super::StartError;

/// Prints to standard output. A reader that closes the pipe is no failure.
pub fn print(text: &str) -> Result<(), StartError> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(StartError::unavailable(error)),
        _ => Ok(()),
    }
}
