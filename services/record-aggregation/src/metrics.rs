//! What record-aggregation counts: views, and how each source answers. Never whose record it is.

use std::{collections::BTreeSet, time::Duration};

use lcr_contracts::Failure;
use lcr_model::SourceId;
use lcr_observe::{Error, HistogramVec, IntCounterVec, IntGaugeVec, Meter};

use crate::sources::FhirError;

/// Record-aggregation's numbers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub(crate) bus: lcr_bus::Numbers,
    views: IntCounterVec,
    pub(crate) sources: SourceNumbers,
}

impl Numbers {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        Ok(Self {
            bus: lcr_bus::Numbers::new(meter, "record-aggregation")?,
            views: meter.counters("lcr_views_total", "Record views decided.", &["outcome"])?,
            sources: SourceNumbers {
                calls: meter.counters(
                    "lcr_source_calls_total",
                    "Questions to source systems, by what came of them.",
                    &["source", "outcome"],
                )?,
                seconds: meter.seconds_by(
                    "lcr_source_seconds",
                    "Time to a source system's whole answer.",
                    &["source"],
                )?,
                skipped: meter.gauges(
                    "lcr_source_breaker_open",
                    "1 while a source system is skipped after failures.",
                    &["source"],
                )?,
            },
        })
    }

    /// A view was decided, or could not be.
    pub(crate) fn viewed<T>(&self, decided: &Result<T, Failure>) {
        let outcome = decided.as_ref().map_or_else(|failure| failure.kind.slug(), |_| "allowed");
        self.views.with_label_values(&[outcome]).inc();
    }
}

/// How the source systems do. Labelled by their ids in the registry, which name systems.
#[derive(Debug, Clone)]
pub struct SourceNumbers {
    calls: IntCounterVec,
    seconds: HistogramVec,
    skipped: IntGaugeVec,
}

impl SourceNumbers {
    /// One question, asked and answered or not.
    pub(crate) fn asked<T>(&self, source: &SourceId, outcome: &Result<T, FhirError>, took: Duration) {
        self.calls.with_label_values(&[source.as_str(), words(outcome.as_ref().err().copied())]).inc();
        self.seconds.with_label_values(&[source.as_str()]).observe(took.as_secs_f64());
    }

    /// One question, not asked since the source is skipped.
    pub(crate) fn not_asked(&self, source: &SourceId) {
        self.calls.with_label_values(&[source.as_str(), "skipped"]).inc();
    }

    /// Which sources are skipped now. Those not among them any more are told of no longer.
    pub(crate) fn skipped(&self, now: impl Iterator<Item = (SourceId, bool)>, told: &mut BTreeSet<SourceId>) {
        let mut there = BTreeSet::new();
        for (source, skipped) in now {
            self.skipped.with_label_values(&[source.as_str()]).set(i64::from(skipped));
            there.insert(source);
        }
        for gone in told.difference(&there) {
            let _ = self.skipped.remove_label_values(&[gone.as_str()]);
        }
        *told = there;
    }
}

fn words(error: Option<FhirError>) -> &'static str {
    match error {
        // That it does not offer a type is an answer like any other.
        None | Some(FhirError::NotOffered) => "ok",
        Some(FhirError::Status(404 | 410)) => "no-record",
        Some(FhirError::TimedOut) => "timed-out",
        Some(FhirError::Broken) => "unreached",
        Some(FhirError::OtherPatient) => "other-patient",
        Some(FhirError::Refused | FhirError::LinkElsewhere) => "address-refused",
        Some(FhirError::Busy(_)) => "busy",
        Some(FhirError::Paused) => "skipped",
        Some(FhirError::Status(_) | FhirError::TooLarge | FhirError::NotFhir | FhirError::ReportsError) => {
            "failed"
        }
    }
}
