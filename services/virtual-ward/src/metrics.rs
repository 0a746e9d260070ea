//! What the virtual ward counts: what it hears, and delays by ward and specialty. Never of whom.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use lcr_contracts::ward::Delay;
use lcr_observe::{Error, IntGaugeVec, Meter};

/// The virtual ward's numbers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub(crate) bus: lcr_bus::Numbers,
    people: IntGaugeVec,
    days: IntGaugeVec,
    /// The series that there are.
    listed: Arc<Mutex<BTreeSet<[String; 4]>>>,
}

impl Numbers {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        const LABELS: [&str; 4] = ["source", "ward", "specialty", "what"];
        Ok(Self {
            bus: lcr_bus::Numbers::new(meter, "virtual-ward")?,
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
            listed: Arc::default(),
        })
    }

    /// The delays of now, by source, ward and specialty. Wards without anybody are not listed any more.
    pub(crate) fn delays(&self, now: &BTreeMap<(String, String, String), Delay>) {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut current = BTreeSet::new();
        for ((source, ward, specialty), delay) in now {
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
        for gone in listed.difference(&current) {
            let labels = gone.each_ref().map(String::as_str);
            for gauges in [&self.people, &self.days] {
                // Each series is in one of the two.
                let _ = gauges.remove_label_values(&labels);
            }
        }
        *listed = current;
    }
}
