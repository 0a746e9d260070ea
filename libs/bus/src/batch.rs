//! Processes one batch: as a whole, or event by event if that fails. An event that keeps failing alone becomes a dead
//! letter. A batch is never acknowledged before each of its events was applied or stored as a dead letter, and an outage
//! of another service never makes a dead letter.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use lcr_contracts::{
    Failure, FailureKind,
    events::{CloudEvent, Stream},
};
use lcr_model::Backoff;

use crate::{Batch, Consumer, ConsumerMetrics, Mode, Subscription};

/// The waits of a consumer between attempts.
pub(crate) const BACKOFF: Backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(5));

/// How often an event is tried alone before it becomes a dead letter.
const MAX_ATTEMPTS: u32 = 5;

/// Processes the batches of one subscription.
pub(crate) struct BatchProcessor<'t> {
    pub(crate) stream: Stream,
    pub(crate) mode: Mode,
    pub(crate) consumer: &'t dyn Consumer,
    pub(crate) metrics: &'t ConsumerMetrics,
}

impl BatchProcessor<'_> {
    pub(crate) async fn process(&self, subscription: &mut dyn Subscription, batch: Batch) -> Result<(), Failure> {
        if batch.resync {
            catch_panic(self.consumer.resync()).await?;
        }
        if batch.events.is_empty() {
            return subscription.ack(batch).await;
        }
        match catch_panic(self.consumer.apply(&batch.events)).await {
            Ok(()) => self.count_applied(batch.events.len()),
            Err(failure) if self.mode == Mode::Watch || is_transient(failure.kind) => return Err(failure),
            Err(_) => {
                for event in &batch.events {
                    self.apply_one(subscription, event).await?;
                }
            }
        }
        subscription.ack(batch).await
    }

    /// Applies one event of a failing batch. Stores it as a dead letter after `MAX_ATTEMPTS` failures.
    async fn apply_one(&self, subscription: &mut dyn Subscription, event: &CloudEvent) -> Result<(), Failure> {
        let mut backoff = BACKOFF;
        let mut attempts = 0;
        loop {
            let Err(failure) = catch_panic(self.consumer.apply(std::slice::from_ref(event))).await else {
                self.count_applied(1);
                return Ok(());
            };
            if is_transient(failure.kind) {
                return Err(failure);
            }
            attempts += 1;
            if attempts == MAX_ATTEMPTS {
                let (kind, cause) = (failure.kind.slug(), failure.inward());
                tracing::error!(alarm = "dead-letter", event = %event.id, kind, cause, "an event became a dead letter");
                subscription.dead_letter(event, &format!("{kind}: {cause}")).await?;
                self.metrics.count_dead_letter(self.stream);
                return Ok(());
            }
            tokio::time::sleep(backoff.next_delay()).await;
        }
    }

    fn count_applied(&self, count: usize) {
        if self.mode != Mode::Watch {
            self.metrics.count_applied(self.stream, count);
        }
    }
}

/// Turns a panic into a failure: one event must not stop the consumer.
async fn catch_panic(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let panicked = |_| Err(Failure::internal("a consumer panicked"));
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(panicked)
}

/// Whether the event is not at fault: another service is down or behind, and a later attempt succeeds.
fn is_transient(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Unavailable
            | FailureKind::Timeout
            | FailureKind::CatchingUp
            | FailureKind::CannotRecord
            | FailureKind::TooManyRequests
    )
}
