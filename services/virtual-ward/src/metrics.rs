//! The metrics of virtual-ward: its consumers, and delays by ward and specialty. A label must never identify a person.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use lcr_contracts::ward::Delay;
use lcr_observe::{Error, IntGaugeVec, Meter};

/// The metrics. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) bus: lcr_bus::ConsumerMetrics,
    people: IntGaugeVec,
    days: IntGaugeVec,
    /// The label sets that are exported now.
    exported: Arc<Mutex<BTreeSet<[String; 4]>>>,
}

impl Metrics {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        const LABELS: [&str; 4] = ["source", "ward", "specialty", "what"];
        Ok(Self {
            bus: lcr_bus::ConsumerMetrics::new(meter, "virtual-ward")?,
            people: meter.gauges(
                "lcr_ward_people",
                "People in hospital beds by ward and specialty: all, past their expected day, fit to leave.",
                &LABELS,
            )?,
            days: meter.gauges(
                "lcr_ward_days",
                "Days by ward and specialty: since expected days passed, and bed days lost since people were fit.",
                &LABELS,
            )?,
            exported: Arc::default(),
        })
    }

    /// Sets the delays by source, ward and specialty. Series of wards without patients are removed.
    pub(crate) fn set_delays(&self, delays: &BTreeMap<(String, String, String), Delay>) {
        let mut exported = self.exported.lock().unwrap_or_else(PoisonError::into_inner);
        let mut current = BTreeSet::new();
        for ((source, ward, specialty), delay) in delays {
            let mut set = |gauges: &IntGaugeVec, what: &'static str, value: u32| {
                let labels = [source.clone(), ward.clone(), specialty.clone(), what.to_owned()];
                gauges.with_label_values(&labels.each_ref().map(String::as_str)).set(i64::from(value));
                current.insert(labels);
            };
            set(&self.people, "in-hospital", delay.in_hospital);
            set(&self.people, "expected-day-passed", delay.expected_passed);
            set(&self.people, "fit-to-leave", delay.fit);
            set(&self.days, "days-since-expected-day", delay.expected_passed_days);
            set(&self.days, "bed-days-lost", delay.bed_days_lost);
        }
        for gone in exported.difference(&current) {
            let labels = gone.each_ref().map(String::as_str);
            for gauges in [&self.people, &self.days] {
                // Each series is in one of the two gauges; removing it from the other fails.
                let _ = gauges.remove_label_values(&labels);
            }
        }
        *exported = current;
    }
}
