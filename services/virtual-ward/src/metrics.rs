//! What the virtual ward counts: what it hears, and delays by ward and specialty. Never of whom.

use std::collections::BTreeMap;

use lcr_contracts::ward::Delay;
use lcr_observe::{Error, IntGaugeVec, Meter};

/// The virtual ward's numbers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub(crate) bus: lcr_bus::Numbers,
    people: IntGaugeVec,
    days: IntGaugeVec,
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
        })
    }

    /// The delays of now, by source, ward and specialty. Those of before are forgotten.
    pub(crate) fn delays(&self, now: &BTreeMap<(String, String, String), Delay>) {
        self.people.reset();
        self.days.reset();
        for ((source, ward, specialty), delay) in now {
            let set = |gauges: &IntGaugeVec, what: &str, value: u32| {
                gauges.with_label_values(&[source.as_str(), ward, specialty, what]).set(i64::from(value));
            };
            set(&self.people, "in-hospital", delay.in_hospital);
            set(&self.people, "expected-day-passed", delay.expected_passed);
            set(&self.people, "fit-to-leave", delay.fit);
            set(&self.days, "expected-day-passed", delay.expected_passed_days);
            set(&self.days, "bed-days-lost", delay.bed_days_lost);
        }
    }
}
