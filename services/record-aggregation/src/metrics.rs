//! The metrics: views, and how each source answers. A label must never identify a person.

use std::{collections::BTreeSet, time::Duration};

use lcr_contracts::Failure;
use lcr_model::SourceId;
use lcr_observe::{Error, HistogramVec, IntCounterVec, IntGaugeVec, Meter};

use crate::sources::FhirError;

/// The metrics of record-aggregation. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) bus: lcr_bus::ConsumerMetrics,
    views: IntCounterVec,
    pub(crate) sources: SourceMetrics,
}

impl Metrics {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        Ok(Self {
            bus: lcr_bus::ConsumerMetrics::new(meter, "record-aggregation")?,
            views: meter.counters("lcr_views_total", "Record views decided.", &["outcome"])?,
            sources: SourceMetrics {
                calls: meter.counters(
                    "lcr_source_calls_total",
                    "Calls to source systems, by outcome.",
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

    /// Counts a view by its decision.
    pub(crate) fn record_view<T>(&self, decision: &Result<T, Failure>) {
        let outcome = decision.as_ref().map_or_else(|failure| failure.kind.slug(), |_| "allowed");
        self.views.with_label_values(&[outcome]).inc();
    }
}

/// The metrics of the source systems, labelled by their ids in the registry.
#[derive(Debug, Clone)]
pub struct SourceMetrics {
    calls: IntCounterVec,
    seconds: HistogramVec,
    skipped: IntGaugeVec,
}

impl SourceMetrics {
    /// Counts one call.
    pub(crate) fn record_call<T>(&self, source: &SourceId, outcome: &Result<T, FhirError>, took: Duration) {
        self.calls.with_label_values(&[source.as_str(), outcome_label(outcome.as_ref().err().copied())]).inc();
        self.seconds.with_label_values(&[source.as_str()]).observe(took.as_secs_f64());
    }

    /// Counts one call that was not made because the breaker is open.
    pub(crate) fn record_skipped(&self, source: &SourceId) {
        self.calls.with_label_values(&[source.as_str(), "skipped"]).inc();
    }

    /// Reports which sources are skipped, and removes the gauges of sources that are no longer registered.
    pub(crate) fn set_skipped(
        &self,
        sources: impl Iterator<Item = (SourceId, bool)>,
        reported: &mut BTreeSet<SourceId>,
    ) {
        let mut registered = BTreeSet::new();
        for (source, skipped) in sources {
            self.skipped.with_label_values(&[source.as_str()]).set(i64::from(skipped));
            registered.insert(source);
        }
        for gone in reported.difference(&registered) {
            let _ = self.skipped.remove_label_values(&[gone.as_str()]);
        }
        *reported = registered;
    }
}

fn outcome_label(error: Option<FhirError>) -> &'static str {
    match error {
        // "Not offered" is a regular answer.
        None | Some(FhirError::NotOffered) => "ok",
        Some(FhirError::Status(404 | 410)) => "no-record",
        Some(FhirError::TimedOut) => "timed-out",
        Some(FhirError::Broken) => "unreached",
        Some(FhirError::OtherPatient) => "other-patient",
        Some(FhirError::Refused | FhirError::LinkElsewhere) => "address-refused",
        Some(FhirError::Status(401) | FhirError::NotAuthenticated) => "credentials-refused",
        Some(FhirError::Busy(_)) => "busy",
        Some(FhirError::Paused) => "skipped",
        Some(FhirError::Status(_) | FhirError::TooLarge | FhirError::NotFhir | FhirError::ReportsError) => "failed",
    }
}
