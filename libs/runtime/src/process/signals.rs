//! Told to stop: SIGTERM from Kubernetes, SIGINT from a terminal. A process that is PID 1 gets no default handler, so
//! this one is installed before anything else starts.

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

    /// Until one comes.
    pub async fn told(&mut self) {
        tokio::select! { _ = self.term.recv() => (), _ = self.interrupt.recv() => () }
    }
}
