//! What a consumer does and how far behind it is, in numbers. They name the consumer and the stream, never an event.

use std::sync::Arc;

use lcr_contracts::events::Stream;
use lcr_observe::{Error, IntCounterVec, IntGauge, IntGaugeVec, Level, Meter, sample};

use crate::{Bus, Mode};

/// One consumer's numbers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Numbers {
    events: IntCounterVec,
    lag: IntGaugeVec,
    dead: IntGauge,
}

impl Numbers {
    /// `service` is what the consumer is called on every stream.
    pub fn new(meter: &Meter, service: &'static str) -> Result<Self, Error> {
        let mine = meter.of("consumer", service);
        Ok(Self {
            events: mine.counters(
                "lcr_bus_events_total",
                "Events that took effect, or were put aside.",
                &["stream", "outcome"],
            )?,
            lag: mine.gauges("lcr_bus_lag", "Events still to be taken in.", &["stream"])?,
            dead: meter.of("service", service).gauge("lcr_dead_letters", "Messages and events put aside.")?,
        })
    }

    /// What a service has put aside, to which it may add what it keeps itself.
    pub fn dead_letters(&self) -> &IntGauge {
        &self.dead
    }

    /// Only what is over and done: a batch that is tried again and again shows as lag, and must not pass for work.
    pub(crate) fn took_effect(&self, stream: Stream, count: usize) {
        self.events.with_label_values(&[stream.name(), "ok"]).inc_by(count as u64);
    }

    pub(crate) fn put_aside(&self, stream: Stream) {
        self.events.with_label_values(&[stream.name(), "put-aside"]).inc();
    }

    /// Looks for ever how a `work` subscription stands. A `watch` is never behind: what it missed is gone.
    pub(crate) async fn look(&self, bus: Arc<dyn Bus>, stream: Stream, mode: Mode) {
        let Mode::Work(consumer) = mode else { return std::future::pending().await };
        // There from the start, so that a rate over the first event is one.
        self.took_effect(stream, 0);
        let lag = self.lag.with_label_values(&[stream.name()]);
        let aside = tokio::sync::Mutex::new(Level::in_sum(&self.dead));
        sample(|| async {
            if let Ok(behind) = bus.behind(stream, consumer).await {
                lag.set(i64::try_from(behind).unwrap_or(i64::MAX));
            }
            if let Ok(count) = bus.put_aside(stream, consumer).await {
                aside.lock().await.set(count);
            }
        })
        .await;
    }
}
