//! The metrics registry: the only place that creates counters, gauges and histograms. Labels must come from one closed
//! list, so that none identifies a person; each metric is listed in the golden file.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder, core::Collector,
};

pub use prometheus::Error;

/// All labels. Each has few values, known when the platform is installed: services, streams, source systems, route
/// templates, and words of this code.
const LABELS: [&str; 17] = [
    "callee",
    "code",
    "condition",
    "consumer",
    "half",
    "method",
    "outcome",
    "reason",
    "route",
    "service",
    "source",
    "specialty",
    "status",
    "stream",
    "transport",
    "ward",
    "what",
];

/// Creates metrics. Cheap to clone; all clones share one registry.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    registry: Registry,
    /// A label of every metric made by this handle: services in one process share a registry.
    of: Option<(&'static str, &'static str)>,
    described: Arc<Mutex<BTreeSet<String>>>,
}

impl Meter {
    pub fn new() -> Self {
        Self::default()
    }

    /// A handle to the same registry that labels every metric: `consumer="consent"`.
    #[must_use]
    pub fn of(&self, label: &'static str, value: &'static str) -> Self {
        Self { of: Some((label, value)), ..self.clone() }
    }

    pub fn counter(&self, name: &str, help: &str) -> Result<IntCounter, Error> {
        let made = IntCounter::with_opts(self.opts(name, help, &[])?)?;
        self.keep(made, name, "counter", &[])
    }

    pub fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, Error> {
        let made = IntCounterVec::new(self.opts(name, help, labels)?, labels)?;
        self.keep(made, name, "counter", labels)
    }

    pub fn gauge(&self, name: &str, help: &str) -> Result<IntGauge, Error> {
        let made = IntGauge::with_opts(self.opts(name, help, &[])?)?;
        self.keep(made, name, "gauge", &[])
    }

    pub fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, Error> {
        let made = IntGaugeVec::new(self.opts(name, help, labels)?, labels)?;
        self.keep(made, name, "gauge", labels)
    }

    /// A histogram of seconds, from 5 ms to 10 s.
    pub fn seconds(&self, name: &str, help: &str) -> Result<Histogram, Error> {
        let made = Histogram::with_opts(HistogramOpts::from(self.opts(name, help, &[])?))?;
        self.keep(made, name, "histogram", &[])
    }

    pub fn seconds_by(&self, name: &str, help: &str, labels: &[&str]) -> Result<HistogramVec, Error> {
        let made = HistogramVec::new(HistogramOpts::from(self.opts(name, help, labels)?), labels)?;
        self.keep(made, name, "histogram", labels)
    }

    /// The text of `/metrics`.
    pub fn text(&self) -> String {
        let mut out = Vec::new();
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// One line per metric, `name type label,label`, sorted: the golden list.
    pub fn described(&self) -> Vec<String> {
        self.described.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn opts(&self, name: &str, help: &str, labels: &[&str]) -> Result<Opts, Error> {
        let own = self.of.map(|(label, _)| label);
        let unknown = labels.iter().copied().chain(own).find(|label| !LABELS.contains(label));
        if let Some(label) = unknown {
            return Err(Error::Msg(format!("`{label}` of {name} is not a label that numbers may have")));
        }
        let opts = Opts::new(name, help);
        Ok(self.of.into_iter().fold(opts, |opts, (label, value)| opts.const_label(label, value)))
    }

    fn keep<C: Collector + Clone + 'static>(
        &self,
        made: C,
        name: &str,
        kind: &str,
        labels: &[&str],
    ) -> Result<C, Error> {
        self.registry.register(Box::new(made.clone()))?;
        let own = self.of.map(|(label, _)| label);
        let labels: BTreeSet<&str> = labels.iter().copied().chain(own).collect();
        let labels = labels.into_iter().collect::<Vec<_>>().join(",");
        let line = format!("{name} {kind} {labels}").trim_end().to_owned();
        self.described.lock().unwrap_or_else(PoisonError::into_inner).insert(line);
        Ok(made)
    }
}

#[cfg(test)]
#[path = "meter_tests.rs"]
mod tests;
