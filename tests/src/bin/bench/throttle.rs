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

/// Of a processor: little enough that all others have more than they need.
pub const SHARE: f64 = 0.05;
const RUNS: Duration = Duration::from_millis(4);

/// It runs freely again when this goes.
pub struct Throttle {
    over: Arc<AtomicBool>,
    turns: Option<JoinHandle<()>>,
}

impl Throttle {
    pub fn start(process: u32) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (ends, process) = (over.clone(), Pid::from_raw(i32::try_from(process).unwrap()));
        let turns = thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) && kill(process, Signal::SIGSTOP).is_ok() {
                thread::sleep(RUNS.mul_f64(1.0 / SHARE - 1.0));
                let _ = kill(process, Signal::SIGCONT);
                thread::sleep(RUNS);
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
