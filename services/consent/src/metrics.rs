//! What consent counts: decisions by their reason, and how long a choice takes to be in force. Never whose.

use lcr_contracts::{
    Kind,
    consent::{Ask, Refusal},
};
use lcr_model::{PersonId, permit::PersonGrant};
use lcr_observe::{Error, Histogram, IntCounterVec, IntGauge, Meter};

/// Consent's numbers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub(crate) bus: lcr_bus::Numbers,
    decisions: IntCounterVec,
    /// Until a choice is acknowledged, and so in force.
    pub(crate) choice: Histogram,
    pub(crate) log_mismatches: IntGauge,
}

impl Numbers {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        Ok(Self {
            bus: lcr_bus::Numbers::new(meter, "consent")?,
            decisions: meter.counters(
                "lcr_decisions_total",
                "Decisions, by person asked about.",
                &["outcome", "reason"],
            )?,
            choice: meter.seconds("lcr_choice_seconds", "Time until a choice is acknowledged.")?,
            log_mismatches: meter
                .gauge("lcr_log_mismatches", "Entries that the log does not have as they were appended.")?,
        })
    }

    /// One answer; `none` is why a question that names nobody is refused.
    pub(crate) fn decided(
        &self,
        ask: &Ask,
        granted: &[PersonGrant],
        refused: &[(PersonId, Refusal)],
        none: Option<Refusal>,
    ) {
        // The link that was found is words with a name in them, so what was asked for stands in its place.
        let about_nobody = u64::from(ask.people.is_empty() && none.is_none());
        let allowed = self.decisions.with_label_values(&["allowed", ask.what.as_str()]);
        allowed.inc_by(granted.len() as u64 + about_nobody);
        for refusal in refused.iter().map(|(_, refusal)| *refusal).chain(none) {
            self.decisions.with_label_values(&["refused", refusal.as_str()]).inc();
        }
    }

    /// No answer at all.
    pub(crate) fn not_decided(&self, kind: Kind) {
        self.decisions.with_label_values(&["failed", kind.slug()]).inc();
    }
}
