//! All subscriptions of a process. A process that stops waits here until its consumers have finished their current batch,
//! so that no other replica has to process it again. A batch that was still arriving is never acknowledged.

use std::{fmt, sync::Arc, time::Duration};

use lcr_contracts::events::Stream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Bus, Consumer, ConsumerMetrics, Mode, consumer_loop::consume_until};

/// The running consumers on one bus.
#[derive(Clone)]
pub struct Subscriptions {
    bus: Arc<dyn Bus>,
    stop: CancellationToken,
    open: TaskTracker,
}

impl fmt::Debug for Subscriptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscriptions({})", self.open.len())
    }
}

impl Subscriptions {
    pub fn new(bus: Arc<dyn Bus>, stop: CancellationToken) -> Self {
        Self { bus, stop, open: TaskTracker::new() }
    }

    /// Starts a consumer of `stream`.
    pub fn subscribe(&self, stream: Stream, mode: Mode, consumer: Arc<dyn Consumer>, metrics: ConsumerMetrics) {
        let (bus, stop) = (self.bus.clone(), self.stop.clone().cancelled_owned());
        self.open.spawn(consume_until(bus, stream, mode, consumer, metrics, stop));
    }

    /// Starts the `Work` consumer `name` and replays the whole log to it first: for projections kept only in memory.
    pub fn subscribe_from_start(
        &self,
        stream: Stream,
        name: &'static str,
        consumer: Arc<dyn Consumer>,
        metrics: ConsumerMetrics,
    ) {
        let (bus, stop) = (self.bus.clone(), self.stop.clone());
        self.open.spawn(async move {
            let replay = async {
                while bus.replay(stream, name).await.is_err() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            };
            if stop.run_until_cancelled(replay).await.is_some() {
                let stopped = stop.cancelled_owned();
                consume_until(bus, stream, Mode::Work(name), consumer, metrics, stopped).await;
            }
        });
    }

    /// Waits for the stop signal, then until every consumer has finished its current batch.
    pub async fn finished(self) {
        self.stop.cancelled().await;
        self.open.close();
        self.open.wait().await;
    }
}
