//! All a process hears, begun one by one and ended together. A process that ends waits here for what its consumers have
//! in hand, so that another replica need not take it in again. What had only begun to arrive comes again by itself; it
//! must never count as taken.

use std::{fmt, sync::Arc, time::Duration};

use lcr_contracts::events::Stream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Bus, Consumer, Mode, Numbers, run::consume_until};

/// What hears, on one bus, until told to stop.
#[derive(Clone)]
pub struct Ears {
    bus: Arc<dyn Bus>,
    stop: CancellationToken,
    open: TaskTracker,
}

impl fmt::Debug for Ears {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ears({})", self.open.len())
    }
}

impl Ears {
    pub fn new(bus: Arc<dyn Bus>, stop: CancellationToken) -> Self {
        Self { bus, stop, open: TaskTracker::new() }
    }

    /// Begins to hear `stream`.
    pub fn hear(&self, stream: Stream, mode: Mode, consumer: Arc<dyn Consumer>, numbers: Numbers) {
        let (bus, stop) = (self.bus.clone(), self.stop.clone().cancelled_owned());
        self.open.spawn(consume_until(bus, stream, mode, consumer, numbers, stop));
    }

    /// The same as the worker `name`, from the beginning of the log: for what is held in memory alone.
    pub fn hear_all_again(
        &self,
        stream: Stream,
        name: &'static str,
        consumer: Arc<dyn Consumer>,
        numbers: Numbers,
    ) {
        let (bus, stop) = (self.bus.clone(), self.stop.clone());
        self.open.spawn(async move {
            let again = async {
                while bus.replay(stream, name).await.is_err() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            };
            if stop.run_until_cancelled(again).await.is_some() {
                let told = stop.cancelled_owned();
                consume_until(bus, stream, Mode::Work(name), consumer, numbers, told).await;
            }
        });
    }

    /// Comes back when all are told to stop and have finished what they had in hand.
    pub async fn finished(self) {
        self.stop.cancelled().await;
        self.open.close();
        self.open.wait().await;
    }
}
