//! The operator's metrics. No label may be the id of a system: metrics say how many, `kubectl` says which.

use std::{collections::BTreeMap, sync::Arc};

use lcr_observe::{Error, IntCounterVec, IntGaugeVec, Meter};

use crate::{
    crd::PartnerSystem,
    domain::conditions::{TYPES, status_of},
};

const STATUSES: [&str; 3] = ["True", "False", "Unknown"];

/// The operator's own metrics.
#[derive(Debug, Clone)]
pub struct Metrics {
    systems: IntGaugeVec,
    failures: IntCounterVec,
}

impl Metrics {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        let systems = "PartnerSystems, by condition and its status.";
        let failures = "Attempts that failed, by reason.";
        Ok(Self {
            systems: meter.gauges("lcr_partner_systems", systems, &["condition", "status"])?,
            failures: meter.counters("lcr_reconcile_failures_total", failures, &["reason"])?,
        })
    }

    /// Sets the number of systems per condition and status.
    pub fn set_system_counts(&self, systems: &[Arc<PartnerSystem>]) {
        let mut counts: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        for system in systems {
            let conditions = system.status.as_ref().map_or(&[][..], |status| &status.conditions);
            for type_ in TYPES {
                *counts.entry((type_, status_of(conditions, type_))).or_default() += 1;
            }
        }
        for type_ in TYPES {
            for status in STATUSES {
                let count = counts.get(&(type_, status)).copied().unwrap_or_default();
                self.systems.with_label_values(&[type_, status]).set(count);
            }
        }
    }

    pub fn count_failure(&self, reason: &str) {
        self.failures.with_label_values(&[reason]).inc();
    }
}
