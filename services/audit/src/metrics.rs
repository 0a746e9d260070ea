//! What audit counts: the halves of entries, and what waits for a place in the tree. Never whose.

use lcr_observe::{Error, IntCounterVec, IntGauge, Meter};

/// Audit's numbers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub(crate) bus: lcr_bus::Numbers,
    /// Entries of records whose second half is expected, and those that have it.
    pub(crate) entries: IntCounterVec,
    pub(crate) waiting: IntGauge,
}

impl Numbers {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        Ok(Self {
            bus: lcr_bus::Numbers::new(meter, "audit")?,
            entries: meter.counters(
                "lcr_audit_entries_total",
                "Entries of records shown, opened and completed, by person.",
                &["half"],
            )?,
            waiting: meter.gauge("lcr_audit_waiting", "Entries not yet in the tree.")?,
        })
    }

    pub(crate) fn opened(&self, people: usize) {
        self.entries.with_label_values(&["opened"]).inc_by(people as u64);
    }

    pub(crate) fn completed(&self, entries: u64) {
        self.entries.with_label_values(&["completed"]).inc_by(entries);
    }
}
