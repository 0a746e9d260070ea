//! Limits a process to a small share of a processor, as a cluster does. Otherwise, on a machine with few processors, a
//! second replica would only take time from the first and from the clients.

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

/// The period of stop and continue. It is short because a stopped process may hold a database lock.
const PERIOD: Duration = Duration::from_millis(20);

/// A throttled process. Dropping this lets it run freely again.
pub struct Throttle {
    over: Arc<AtomicBool>,
    turns: Option<JoinHandle<()>>,
}

impl Throttle {
    /// Limits a process to `share` of one processor.
    pub fn start(process: u32, share: f64) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (ends, process) = (over.clone(), Pid::from_raw(i32::try_from(process).unwrap()));
        let turns = thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) && kill(process, Signal::SIGSTOP).is_ok() {
                thread::sleep(PERIOD.mul_f64(1.0 - share));
                let _ = kill(process, Signal::SIGCONT);
                thread::sleep(PERIOD.mul_f64(share));
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
