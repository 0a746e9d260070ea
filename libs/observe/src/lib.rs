//! What is known of a running platform without looking at anybody's data: the registry of numbers, and the trace that
//! a request or an event is part of. Handed down, never global. Nothing here may carry an id of a person, a name, a
//! query or a path that is no template.

mod level;
pub mod meter;
pub mod trace;

pub use level::{Level, sample};
pub use meter::{Error, Meter};
pub use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec};
