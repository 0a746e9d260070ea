//! Metrics and tracing: the metrics registry, and the trace of a request or an event. Passed down, never global. Nothing
//! here may carry a person's id, a name, a query, or a path that is not a template.

mod level;
pub mod meter;
pub mod trace;

pub use level::{Level, sample};
pub use meter::{Error, Meter};
pub use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec};
