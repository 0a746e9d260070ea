//! Time as a parameter. Rules take `Timestamp`; only edges hold a `Clock`. Nothing here may keep a time.

use jiff::Timestamp;

/// Where an edge reads the time. Tests hand in one they can move.
pub trait Clock: Send + Sync + std::fmt::Debug {
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
