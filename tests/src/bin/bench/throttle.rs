//! Gives a process a small part of a processor, as a cluster's limit does: on a machine with few processors, a second
//! replica would else only take from the first, and from whoever asks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// How often it has its turn: a request needs a few, and whoever holds a lock of the database holds it for as many.
const TURN: Duration = Duration::from_millis(20);

/// It runs freely again when this goes.
pub struct Throttle {
    over: Arc<AtomicBool>,
    turns: Option<JoinHandle<()>>,
}

impl Throttle {
    /// `share` of one processor.
    pub fn start(process: u32, share: f64) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (ends, process) = (over.clone(), Pid::from_raw(i32::try_from(process).unwrap()));
        let turns = thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) && kill(process, Signal::SIGSTOP).is_ok() {
                thread::sleep(TURN.mul_f64(1.0 - share));
                let _ = kill(process, Signal::SIGCONT);
                thread::sleep(TURN.mul_f64(share));
            }
        });
        Self { over, turns: Some(turns) }
    }
}

impl Drop for Throttle {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = self.turns.take().map(JoinHandle::join);
    }
}
