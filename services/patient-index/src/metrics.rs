//! What patient-index counts: what it hears, and searches it refused because they came too often. Never of whom.

use lcr_observe::{Error, IntCounter, Meter};

/// Patient-index's numbers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub(crate) bus: lcr_bus::Numbers,
    pub(crate) too_often: IntCounter,
}

impl Numbers {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        Ok(Self {
            bus: lcr_bus::Numbers::new(meter, "patient-index")?,
            too_often: meter.counter(
                "lcr_searches_too_often_total",
                "Searches refused because one person searched too often.",
            )?,
        })
    }
}
