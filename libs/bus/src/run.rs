//! The loop every consumer runs: take a batch, apply it, acknowledge; on failure wait, with jitter, and take it
//! again. A batch is never acknowledged before each of its events has taken effect or is put aside, and nothing is
//! put aside because something else is away.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use lcr_contracts::{
    Failure, Kind,
    events::{CloudEvent, EventBody, Stream},
};
use tracing::Instrument;

use crate::{Batch, Bus, Mode, Numbers, Subscription, span};

/// How often an event is tried alone before it is put aside.
const TRIES: u32 = 5;
const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(5);

/// What a service does with a batch. Must be idempotent.
#[async_trait]
pub trait Consumer: Send + Sync + 'static {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure>;

    /// Only for `watch`: events may have been missed, so anything may have changed.
    async fn resync(&self) -> Result<(), Failure> {
        Ok(())
    }
}

/// The bodies of type `T` in a batch; one that does not read is named and left out.
pub fn bodies<T: EventBody>(events: &[CloudEvent]) -> Vec<T> {
    let read = events.iter().filter_map(|event| {
        let body = event.body::<T>()?;
        body.inspect_err(|_| tracing::error!(event = %event.id, "an event that does not read was left out"))
            .ok()
    });
    read.collect()
}

/// Consumes until the task is dropped. A failing store is waited for, up to 5 s between tries.
pub async fn consume(
    bus: Arc<dyn Bus>,
    stream: Stream,
    mode: Mode,
    consumer: Arc<dyn Consumer>,
    numbers: Numbers,
) {
    let looking = numbers.look(bus.clone(), stream, mode);
    futures::future::join(hear(bus, stream, mode, consumer, &numbers), looking).await;
}

async fn hear(bus: Arc<dyn Bus>, stream: Stream, mode: Mode, consumer: Arc<dyn Consumer>, numbers: &Numbers) {
    let taking = Taking { stream, mode, consumer: consumer.as_ref(), numbers };
    let mut wait = SHORTEST;
    loop {
        let mut subscription = match bus.subscribe(stream, mode).await {
            Ok(subscription) => subscription,
            Err(failure) => {
                tracing::warn!(
                    stream = stream.name(),
                    cause = failure.inward(),
                    "not subscribed, trying again"
                );
                pause(&mut wait).await;
                continue;
            }
        };
        while let Ok(batch) = subscription.next().await {
            let span = span::of(stream, mode, &batch.events);
            match taking.take(subscription.as_mut(), batch).instrument(span).await {
                Ok(()) => wait = SHORTEST,
                Err(failure) => {
                    let cause = failure.inward();
                    tracing::warn!(stream = stream.name(), cause, "batch not applied, trying again");
                    pause(&mut wait).await;
                }
            }
        }
        pause(&mut wait).await;
    }
}

/// What a batch is taken with.
struct Taking<'t> {
    stream: Stream,
    mode: Mode,
    consumer: &'t dyn Consumer,
    numbers: &'t Numbers,
}

impl Taking<'_> {
    async fn take(&self, subscription: &mut dyn Subscription, batch: Batch) -> Result<(), Failure> {
        if batch.resync {
            self.consumer.resync().await?;
        }
        if batch.events.is_empty() {
            return subscription.ack(batch).await;
        }
        match self.consumer.apply(&batch.events).await {
            Ok(()) => self.took_effect(batch.events.len()),
            Err(failure) if self.mode == Mode::Watch || passes(failure.kind) => return Err(failure),
            Err(_) => {
                for event in &batch.events {
                    self.alone(subscription, event).await?;
                }
            }
        }
        subscription.ack(batch).await
    }

    /// Applies one event of a failing batch; when it fails by itself again and again, puts it aside.
    async fn alone(&self, subscription: &mut dyn Subscription, event: &CloudEvent) -> Result<(), Failure> {
        let mut wait = SHORTEST;
        let mut tried = 0;
        loop {
            let Err(failure) = self.consumer.apply(std::slice::from_ref(event)).await else {
                self.took_effect(1);
                return Ok(());
            };
            if passes(failure.kind) {
                return Err(failure);
            }
            tried += 1;
            if tried == TRIES {
                let (kind, cause) = (failure.kind.slug(), failure.inward());
                tracing::error!(alarm = "dead-letter", event = %event.id, kind, cause, "an event was put aside");
                subscription.bury(event, &format!("{kind}: {cause}")).await?;
                self.numbers.put_aside(self.stream);
                return Ok(());
            }
            pause(&mut wait).await;
        }
    }

    fn took_effect(&self, count: usize) {
        if self.mode != Mode::Watch {
            self.numbers.took_effect(self.stream, count);
        }
    }
}

/// Failures that are nobody's fault in the event: something is away or behind, and waiting mends it.
fn passes(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Unavailable | Kind::Timeout | Kind::CatchingUp | Kind::CannotRecord | Kind::TooManyRequests
    )
}

async fn pause(wait: &mut Duration) {
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
