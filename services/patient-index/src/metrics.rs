//! Patient-index's metrics: consumed events, and searches refused because they came too often. They must never identify a
//! person.

use lcr_observe::{Error, IntCounter, Meter};

/// Patient-index's metrics. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) bus: lcr_bus::ConsumerMetrics,
    pub(crate) too_often: IntCounter,
}

impl Metrics {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        Ok(Self {
            bus: lcr_bus::ConsumerMetrics::new(meter, "patient-index")?,
            too_often: meter
                .counter("lcr_searches_too_often_total", "Searches refused because one person searched too often.")?,
        })
    }
}
