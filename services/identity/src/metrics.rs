//! What identity counts: sign-ins. Never whose.

use lcr_observe::{Error, IntCounter, Meter};

/// Identity's numbers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub(crate) sessions: IntCounter,
}

impl Numbers {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        Ok(Self { sessions: meter.counter("lcr_sessions_started_total", "Sessions begun.")? })
    }
}
