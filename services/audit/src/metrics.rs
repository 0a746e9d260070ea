//! Audit's metrics: opened and completed entries, the queue, and the age of the checkpoint. They must never identify a
//! person.

use jiff::Timestamp;
use lcr_observe::{Error, IntCounterVec, IntGauge, Meter};

use crate::{service::checkpoint_monitor::seconds_since, store::tree::QueueState};

/// Audit's metrics. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) bus: lcr_bus::ConsumerMetrics,
    /// Entries of records: opened ones that expect a completion, and completed ones.
    pub(crate) entries: IntCounterVec,
    waiting: IntGauge,
    waiting_seconds: IntGauge,
    refused: IntGauge,
    /// Seconds since the newest checkpoint was signed.
    pub(crate) checkpoint_age: IntGauge,
}

impl Metrics {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        Ok(Self {
            bus: lcr_bus::ConsumerMetrics::new(meter, "audit")?,
            entries: meter.counters(
                "lcr_audit_entries_total",
                "Entries of records shown, opened and completed, by person.",
                &["half"],
            )?,
            waiting: meter.gauge("lcr_audit_waiting", "Entries not yet in the tree.")?,
            waiting_seconds: meter.gauge("lcr_audit_waiting_seconds", "How long the first of them has waited.")?,
            refused: meter.gauge("lcr_audit_refused", "Rows of the queue that are not the log's own.")?,
            checkpoint_age: meter.gauge("lcr_audit_checkpoint_age_seconds", "Time since the checkpoint was signed.")?,
        })
    }

    pub(crate) fn set_queue(&self, queue: &QueueState, now: Timestamp) {
        self.waiting.set(i64::try_from(queue.waiting).unwrap_or(i64::MAX));
        self.waiting_seconds.set(seconds_since(queue.since, now));
        self.refused.set(i64::try_from(queue.refused).unwrap_or(i64::MAX));
    }

    pub(crate) fn count_opened(&self, people: usize) {
        self.entries.with_label_values(&["opened"]).inc_by(people as u64);
    }

    pub(crate) fn count_completed(&self, entries: u64) {
        self.entries.with_label_values(&["completed"]).inc_by(entries);
    }
}
