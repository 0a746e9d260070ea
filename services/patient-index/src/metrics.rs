//! What patient-index counts: what it hears. Never of whom.

use lcr_observe::{Error, Meter};

/// Patient-index's numbers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub(crate) bus: lcr_bus::Numbers,
}

impl Numbers {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        Ok(Self { bus: lcr_bus::Numbers::new(meter, "patient-index")? })
    }
}
