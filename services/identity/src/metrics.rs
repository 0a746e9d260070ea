//! Identity's metrics: sign-ins. They must never identify a person.

use lcr_observe::{Error, IntCounter, Meter};

/// Identity's metrics. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) sessions: IntCounter,
}

impl Metrics {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        Ok(Self { sessions: meter.counter("lcr_sessions_started_total", "Sessions begun.")? })
    }
}
