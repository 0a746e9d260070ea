//! Taking one batch: applied whole, or else event by event; what fails by itself again and again is put aside. A batch
//! is never acknowledged before each of its events has taken effect or is put aside, and nothing is put aside because
//! something else is away.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use lcr_contracts::{
    Failure, Kind,
    events::{CloudEvent, Stream},
};

use crate::{
    Batch, Consumer, Mode, Numbers, Subscription,
    run::{SHORTEST, pause},
};

/// How often an event is tried alone before it is put aside.
const TRIES: u32 = 5;

/// What a batch is taken with.
pub(crate) struct Taking<'t> {
    pub(crate) stream: Stream,
    pub(crate) mode: Mode,
    pub(crate) consumer: &'t dyn Consumer,
    pub(crate) numbers: &'t Numbers,
}

impl Taking<'_> {
    pub(crate) async fn take(
        &self,
        subscription: &mut dyn Subscription,
        batch: Batch,
    ) -> Result<(), Failure> {
        if batch.resync {
            caught(self.consumer.resync()).await?;
        }
        if batch.events.is_empty() {
            return subscription.ack(batch).await;
        }
        match caught(self.consumer.apply(&batch.events)).await {
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
            let Err(failure) = caught(self.consumer.apply(std::slice::from_ref(event))).await else {
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

/// A consumer that panics has failed like any other: one event must not make a service deaf.
async fn caught(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let fell = |_| Err(Failure::internal("a consumer panicked"));
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(fell)
}

/// Failures that are nobody's fault in the event: something is away or behind, and waiting mends it.
fn passes(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Unavailable | Kind::Timeout | Kind::CatchingUp | Kind::CannotRecord | Kind::TooManyRequests
    )
}
