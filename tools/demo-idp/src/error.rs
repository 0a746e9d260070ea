//! The errors of starting the provider.

use std::io;

/// Why the provider could not be started.
#[derive(Debug, thiserror::Error)]
pub enum IdpError {
    #[error("the demo identity provider cannot listen on 127.0.0.1:{port}: {error}")]
    Listen { port: u16, error: io::Error },
    #[error("a signing key could not be made: {0}")]
    Key(String),
    #[error("the client that fetches the platform's keys could not be made: {0}")]
    Client(#[from] reqwest::Error),
}
