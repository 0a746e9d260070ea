//! What feeds counts: messages by how they came and what was answered. Never who sent them or whom they are about.

use lcr_hl7::Code;
use lcr_observe::{Error, Histogram, IntCounterVec, Meter};
use tokio::time::Instant;

use crate::service::Transport;

/// Feeds's numbers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub(crate) bus: lcr_bus::Numbers,
    messages: IntCounterVec,
    seconds: Histogram,
}

impl Numbers {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        Ok(Self {
            bus: lcr_bus::Numbers::new(meter, "feeds")?,
            messages: meter.counters(
                "lcr_messages_total",
                "Messages answered, by how they came and the answer.",
                &["transport", "code"],
            )?,
            seconds: meter.seconds("lcr_message_seconds", "Time until a message is answered.")?,
        })
    }

    pub(crate) fn answered(&self, transport: Transport, code: Code, started: Instant) {
        self.messages.with_label_values(&[transport.as_str(), code.as_str()]).inc();
        self.seconds.observe(started.elapsed().as_secs_f64());
    }
}
