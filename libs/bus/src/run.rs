//! The loop every consumer runs: take a batch, apply it, acknowledge; on failure wait, with jitter, and take it
//! again. What a watcher may have missed, or failed to take in, it makes good by looking at everything again, as often
//! as that takes. Told to stop, it finishes what it has in hand and takes no more.

use std::{pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use lcr_contracts::{
    Failure,
    events::{CloudEvent, EventBody, Stream},
};
use tracing::Instrument;

use crate::{Batch, Bus, Held, Mode, Numbers, Subscription, span, taking::Taking};

pub(crate) const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(5);

/// What a service does with a batch. Must be idempotent.
#[async_trait]
pub trait Consumer: Send + Sync + 'static {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure>;

    /// Only for `watch`: events may have been missed, so anything may have changed. Asked again until it succeeds.
    async fn resync(&self) -> Result<(), Failure> {
        Ok(())
    }
}

/// The bodies of type `T` in a batch; events of other types are passed over. One of this type that does not read fails
/// the batch: it is tried alone, and put aside where it can be brought back once it reads. It is never left out.
pub fn bodies<T: EventBody>(events: &[CloudEvent]) -> Result<Vec<T>, Failure> {
    let read = |event: &CloudEvent| Some(event.body::<T>()?.map_err(|_| unreadable(event)));
    events.iter().filter_map(read).collect()
}

/// An event whose body does not read, or does not open with the keys at hand. Why not may hold what it says, so it is
/// not told.
pub fn unreadable(event: &CloudEvent) -> Failure {
    Failure::internal(format!("a body does not open or read: {}", event.event_type))
}

/// Consumes until the task is dropped. A failing store is waited for, up to 5 s between tries.
pub async fn consume(
    bus: Arc<dyn Bus>,
    stream: Stream,
    mode: Mode,
    consumer: Arc<dyn Consumer>,
    numbers: Numbers,
) {
    consume_until(bus, stream, mode, consumer, numbers, std::future::pending()).await;
}

/// The same until told to stop: comes back once the batch in hand has taken effect and is acknowledged.
pub(crate) async fn consume_until(
    bus: Arc<dyn Bus>,
    stream: Stream,
    mode: Mode,
    consumer: Arc<dyn Consumer>,
    numbers: Numbers,
    stop: impl Future<Output = ()> + Send,
) {
    let looking = numbers.look(bus.clone(), stream, mode);
    let taking = Taking { stream, mode, consumer: consumer.as_ref(), numbers: &numbers };
    let hearing = Hearing { taking, wait: SHORTEST, missed: false };
    let stop = std::pin::pin!(stop);
    tokio::select! {
        () = hearing.hear(bus.as_ref(), stop) => {}
        () = looking => {}
    }
}

/// Told to stop, or not yet.
type Stop<'s, S> = Pin<&'s mut S>;

struct Hearing<'h> {
    taking: Taking<'h>,
    wait: Duration,
    /// Whether a watcher may have missed something and has not looked at everything since.
    missed: bool,
}

impl Hearing<'_> {
    async fn hear<S: Future<Output = ()>>(mut self, bus: &dyn Bus, mut stop: Stop<'_, S>) {
        let (stream, mode) = (self.taking.stream, self.taking.mode);
        loop {
            let subscribed = tokio::select! {
                biased;
                () = stop.as_mut() => return,
                subscribed = bus.subscribe(stream, mode) => subscribed,
            };
            match subscribed {
                Ok(mut subscription) => {
                    if self.all_of(subscription.as_mut(), stop.as_mut()).await.is_stopped() {
                        return;
                    }
                }
                Err(failure) => {
                    let cause = failure.inward();
                    tracing::warn!(stream = stream.name(), cause, "not subscribed, trying again");
                }
            }
            self.missed = mode == Mode::Watch;
            if self.rest(stop.as_mut()).await.is_stopped() {
                return;
            }
        }
    }

    /// Until the subscription ends.
    async fn all_of<S: Future<Output = ()>>(
        &mut self,
        subscription: &mut dyn Subscription,
        mut stop: Stop<'_, S>,
    ) -> Told {
        let (stream, mode) = (self.taking.stream, self.taking.mode);
        loop {
            let batch = tokio::select! {
                biased;
                () = stop.as_mut() => return Told::Stop,
                batch = next(subscription, self.missed) => batch,
            };
            let Ok(batch) = batch else { return Told::Nothing };
            let span = span::of(stream, mode, &batch.events);
            // What is in hand is finished whatever is told meanwhile.
            match self.taking.take(subscription, batch).instrument(span).await {
                Ok(()) => (self.wait, self.missed) = (SHORTEST, false),
                Err(failure) => {
                    let cause = failure.inward();
                    tracing::warn!(stream = stream.name(), cause, "batch not applied, trying again");
                    // A watcher's batch does not come again: what it said is made good by looking at everything.
                    self.missed = mode == Mode::Watch;
                    if self.rest(stop.as_mut()).await.is_stopped() {
                        return Told::Stop;
                    }
                }
            }
        }
    }

    async fn rest<S: Future<Output = ()>>(&mut self, stop: Stop<'_, S>) -> Told {
        tokio::select! {
            biased;
            () = stop => Told::Stop,
            () = pause(&mut self.wait) => Told::Nothing,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Stop,
    Nothing,
}

impl Told {
    fn is_stopped(self) -> bool {
        self == Self::Stop
    }
}

async fn next(subscription: &mut dyn Subscription, missed: bool) -> Result<Batch, Failure> {
    if missed {
        return Ok(Batch { events: vec![], resync: true, held: Held::Nothing });
    }
    subscription.next().await
}

pub(crate) async fn pause(wait: &mut Duration) {
    tokio::time::sleep(jittered(*wait)).await;
    *wait = (*wait * 2).min(LONGEST);
}

/// Between half and the whole of `wait`, by the clock's last digits: enough to keep replicas apart.
pub(crate) fn jittered(wait: Duration) -> Duration {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    wait / 2 + wait.mul_f64(f64::from(nanos % 1000) / 2000.0)
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
