//! The loop of every consumer: receive a batch, apply it, acknowledge it; after a failure wait with jitter and try again. A
//! watcher that missed or failed to apply events resyncs until that succeeds. After the stop signal the loop finishes its
//! current batch and must not take another.

use std::{ops::ControlFlow, pin::Pin, sync::Arc};

use async_trait::async_trait;
use lcr_contracts::{
    Failure,
    events::{CloudEvent, EventBody, Stream},
};
use lcr_model::Backoff;
use tracing::Instrument;

use crate::{
    AckHandle, Batch, Bus, ConsumerMetrics, Mode, Subscription,
    batch::{BACKOFF, BatchProcessor},
    span,
};

/// What a service does with a batch. Must be idempotent.
#[async_trait]
pub trait Consumer: Send + Sync + 'static {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure>;

    /// Only for `Watch`: events may have been missed, so everything must be read again. Retried until it succeeds.
    async fn resync(&self) -> Result<(), Failure> {
        Ok(())
    }
}

/// The bodies of type `T` in a batch. Skips events of other types. A body of this type that does not parse fails the batch,
/// so that the event becomes a dead letter and is not lost.
pub fn bodies<T: EventBody>(events: &[CloudEvent]) -> Result<Vec<T>, Failure> {
    let read = |event: &CloudEvent| Some(event.body::<T>()?.map_err(|_| unreadable_body(event)));
    events.iter().filter_map(read).collect()
}

/// The failure for an event whose body does not parse or does not decrypt. It leaves out the parser's message, which may
/// quote the body.
pub fn unreadable_body(event: &CloudEvent) -> Failure {
    Failure::internal(format!("a body does not decrypt or parse: {}", event.event_type))
}

/// Consumes until the task is dropped. Waits up to 5 s after each failure.
pub async fn consume(
    bus: Arc<dyn Bus>,
    stream: Stream,
    mode: Mode,
    consumer: Arc<dyn Consumer>,
    metrics: ConsumerMetrics,
) {
    consume_until(bus, stream, mode, consumer, metrics, std::future::pending()).await;
}

/// Consumes until `stop` completes. Returns once the current batch is applied and acknowledged.
pub(crate) async fn consume_until(
    bus: Arc<dyn Bus>,
    stream: Stream,
    mode: Mode,
    consumer: Arc<dyn Consumer>,
    metrics: ConsumerMetrics,
    stop: impl Future<Output = ()> + Send,
) {
    let lag = metrics.sample_lag(bus.clone(), stream, mode);
    let processor = BatchProcessor { stream, mode, consumer: consumer.as_ref(), metrics: &metrics };
    let consumer_loop = ConsumerLoop { processor, backoff: BACKOFF, needs_resync: false };
    let stop = std::pin::pin!(stop);
    tokio::select! {
        () = consumer_loop.run(bus.as_ref(), stop) => {}
        () = lag => {}
    }
}

/// Completes when the process stops.
type Stop<'s, S> = Pin<&'s mut S>;

struct ConsumerLoop<'h> {
    processor: BatchProcessor<'h>,
    backoff: Backoff,
    /// Whether a watcher may have missed events and has not resynced since.
    needs_resync: bool,
}

impl ConsumerLoop<'_> {
    async fn run<S: Future<Output = ()>>(mut self, bus: &dyn Bus, mut stop: Stop<'_, S>) {
        let (stream, mode) = (self.processor.stream, self.processor.mode);
        loop {
            let subscribed = tokio::select! {
                biased;
                () = stop.as_mut() => return,
                subscribed = bus.subscribe(stream, mode) => subscribed,
            };
            match subscribed {
                Ok(mut subscription) => {
                    if self.process_batches(subscription.as_mut(), stop.as_mut()).await.is_break() {
                        return;
                    }
                }
                Err(failure) => {
                    let cause = failure.inward();
                    tracing::warn!(stream = stream.name(), cause, "not subscribed, trying again");
                }
            }
            self.needs_resync = mode == Mode::Watch;
            if self.back_off(stop.as_mut()).await.is_break() {
                return;
            }
        }
    }

    /// Processes batches until the subscription ends.
    async fn process_batches<S: Future<Output = ()>>(
        &mut self,
        subscription: &mut dyn Subscription,
        mut stop: Stop<'_, S>,
    ) -> ControlFlow<()> {
        let (stream, mode) = (self.processor.stream, self.processor.mode);
        loop {
            let batch = tokio::select! {
                biased;
                () = stop.as_mut() => return ControlFlow::Break(()),
                batch = next(subscription, self.needs_resync) => batch,
            };
            let Ok(batch) = batch else { return ControlFlow::Continue(()) };
            let span = span::of(stream, mode, &batch.events);
            // The current batch is finished even if the stop signal arrives meanwhile.
            match self.processor.process(subscription, batch).instrument(span).await {
                Ok(()) => {
                    self.backoff.reset();
                    self.needs_resync = false;
                }
                Err(failure) => {
                    let cause = failure.inward();
                    tracing::warn!(stream = stream.name(), cause, "batch not applied, trying again");
                    // A watcher's batch is not delivered again: a resync replaces it.
                    self.needs_resync = mode == Mode::Watch;
                    if self.back_off(stop.as_mut()).await.is_break() {
                        return ControlFlow::Break(());
                    }
                }
            }
        }
    }

    async fn back_off<S: Future<Output = ()>>(&mut self, stop: Stop<'_, S>) -> ControlFlow<()> {
        tokio::select! {
            biased;
            () = stop => ControlFlow::Break(()),
            () = tokio::time::sleep(self.backoff.next_delay()) => ControlFlow::Continue(()),
        }
    }
}

async fn next(subscription: &mut dyn Subscription, missed: bool) -> Result<Batch, Failure> {
    if missed {
        return Ok(Batch { events: vec![], resync: true, ack_handle: AckHandle::Nothing });
    }
    subscription.next().await
}

#[cfg(test)]
#[path = "consumer_loop_tests.rs"]
mod tests;
