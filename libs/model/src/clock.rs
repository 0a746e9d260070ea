//! Time as a parameter. Rules take a `Timestamp`; only edges hold a `Clock`. Nothing here may store a time.

use jiff::Timestamp;

/// The source of time for an edge. Tests pass one that they can move.
pub trait Clock: Send + Sync + std::fmt::Debug {
    fn now(&self) -> Timestamp;
}

/// The system clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
