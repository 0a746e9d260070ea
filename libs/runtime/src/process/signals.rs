//! Stop signals: SIGTERM from Kubernetes, SIGINT from a terminal. Process 1 has no default handler, so this one must be
//! installed before anything else starts.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

#[derive(Debug)]
pub struct Signals {
    term: Signal,
    interrupt: Signal,
}

impl Signals {
    pub fn install() -> io::Result<Self> {
        Ok(Self { term: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for a stop signal.
    pub async fn received(&mut self) {
        tokio::select! { _ = self.term.recv() => (), _ = self.interrupt.recv() => () }
    }
}
