//! Metrics of a consumer: events processed, lag, dead letters. Labels name the consumer and the stream, never an event.

use std::sync::Arc;

use lcr_contracts::events::Stream;
use lcr_observe::{Error, IntCounterVec, IntGauge, IntGaugeVec, Level, Meter, sample};

use crate::{Bus, Mode};

/// The metrics of one consumer. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ConsumerMetrics {
    events: IntCounterVec,
    lag: IntGaugeVec,
    dead: IntGauge,
}

impl ConsumerMetrics {
    /// `service` is the consumer's name on every stream.
    pub fn new(meter: &Meter, service: &'static str) -> Result<Self, Error> {
        let mine = meter.of("consumer", service);
        Ok(Self {
            events: mine.counters(
                "lcr_bus_events_total",
                "Events that were applied or became dead letters.",
                &["stream", "outcome"],
            )?,
            lag: mine.gauges("lcr_bus_lag", "Events not processed yet.", &["stream"])?,
            dead: meter
                .of("service", service)
                .gauge("lcr_dead_letters", "Messages and events that could not be processed.")?,
        })
    }

    /// The dead letters of the service. A service may add those in its own store.
    pub fn dead_letters(&self) -> &IntGauge {
        &self.dead
    }

    /// Counts only applied events: a batch that is retried is lag, not work.
    pub(crate) fn count_applied(&self, stream: Stream, count: usize) {
        self.events.with_label_values(&[stream.name(), "ok"]).inc_by(count as u64);
    }

    pub(crate) fn count_dead_letter(&self, stream: Stream) {
        self.events.with_label_values(&[stream.name(), "put-aside"]).inc();
    }

    /// Samples the lag of a `Work` subscription for ever. A `Watch` has none: missed events are gone.
    pub(crate) async fn sample_lag(&self, bus: Arc<dyn Bus>, stream: Stream, mode: Mode) {
        let Mode::Work(consumer) = mode else { return std::future::pending().await };
        // Present from the start, so that a rate includes the first event.
        self.count_applied(stream, 0);
        let lag = self.lag.with_label_values(&[stream.name()]);
        let aside = tokio::sync::Mutex::new(Level::in_sum(&self.dead));
        sample(|| async {
            if let Ok(behind) = bus.lag(stream, consumer).await {
                lag.set(i64::try_from(behind).unwrap_or(i64::MAX));
            }
            if let Ok(count) = bus.count_dead_letters(stream, consumer).await {
                aside.lock().await.set(count);
            }
        })
        .await;
    }
}
