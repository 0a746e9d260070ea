//! The metrics of feeds: messages by transport and answer. A label must never name a sender or a person.

use lcr_hl7::AckCode;
use lcr_observe::{Error, Histogram, IntCounterVec, Meter};
use tokio::time::Instant;

use crate::service::Transport;

/// The metrics of feeds. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) bus: lcr_bus::ConsumerMetrics,
    messages: IntCounterVec,
    seconds: Histogram,
}

impl Metrics {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        Ok(Self {
            bus: lcr_bus::ConsumerMetrics::new(meter, "feeds")?,
            messages: meter.counters(
                "lcr_messages_total",
                "Messages answered, by how they came and the answer.",
                &["transport", "code"],
            )?,
            seconds: meter.seconds("lcr_message_seconds", "Time until a message is answered.")?,
        })
    }

    pub(crate) fn record_answer(&self, transport: Transport, code: AckCode, started: Instant) {
        self.messages.with_label_values(&[transport.as_str(), code.as_str()]).inc();
        self.seconds.observe(started.elapsed().as_secs_f64());
    }
}
