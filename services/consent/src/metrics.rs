//! Consent's metrics: decisions by reason, the time until a choice is in force, overrides, and log mismatches. They must never
//! identify a person.

use lcr_contracts::{
    FailureKind,
    consent::{DecisionRequest, Refusal},
};
use lcr_model::{OverrideReason, PersonId, permit::PersonGrant};
use lcr_observe::{Error, Histogram, IntCounterVec, IntGauge, Meter};

/// Consent's metrics. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) bus: lcr_bus::ConsumerMetrics,
    decisions: IntCounterVec,
    /// The time until a choice is acknowledged and in force.
    pub(crate) choice: Histogram,
    /// Refusals that users overrode, by reason.
    pub(crate) overrides: IntCounterVec,
    pub(crate) log_mismatches: IntGauge,
}

impl Metrics {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        let overrides = meter.counters("lcr_overrides_total", "Emergency overrides of a refusal.", &["reason"])?;
        // From 0 on, so that the first override counts as an increase.
        for reason in OverrideReason::OFFERED {
            overrides.with_label_values(&[reason.as_str()]);
        }
        Ok(Self {
            overrides,
            bus: lcr_bus::ConsumerMetrics::new(meter, "consent")?,
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

    /// Counts one answer. `refusal` is the reason if a question without people is refused.
    pub(crate) fn count_decisions(
        &self,
        ask: &DecisionRequest,
        granted: &[PersonGrant],
        refused: &[(PersonId, Refusal)],
        refusal: Option<Refusal>,
    ) {
        // Labelled with the kind of view: the relationship's text contains a name.
        let without_people = u64::from(ask.people.is_empty() && refusal.is_none());
        let allowed = self.decisions.with_label_values(&["allowed", ask.what.as_str()]);
        allowed.inc_by(granted.len() as u64 + without_people);
        for refusal in refused.iter().map(|(_, refusal)| *refusal).chain(refusal) {
            self.decisions.with_label_values(&["refused", refusal.as_str()]).inc();
        }
    }

    /// Counts a question without an answer.
    pub(crate) fn count_failure(&self, kind: FailureKind) {
        self.decisions.with_label_values(&["failed", kind.slug()]).inc();
    }
}
