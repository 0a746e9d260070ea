//! The loop every consumer runs: take a batch, apply it, acknowledge; on failure wait, with jitter, and take it
//! again. A batch is never acknowledged before it has taken effect.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use lcr_contracts::{
    Failure,
    events::{CloudEvent, EventBody, Stream},
};

use crate::{Bus, Mode};

/// What a service does with a batch. Must be idempotent.
#[async_trait]
pub trait Consumer: Send + Sync + 'static {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure>;
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
pub async fn consume(bus: Arc<dyn Bus>, stream: Stream, mode: Mode, consumer: Arc<dyn Consumer>) {
    let mut wait = Duration::from_millis(50);
    loop {
        let Ok(mut subscription) = bus.subscribe(stream, mode).await else {
            tokio::time::sleep(wait).await;
            continue;
        };
        while let Ok(batch) = subscription.next().await {
            let applied = consumer.apply(&batch.events).await;
            let done = match applied {
                Ok(()) => subscription.ack(batch).await,
                Err(failure) => Err(failure),
            };
            match done {
                Ok(()) => wait = Duration::from_millis(50),
                Err(failure) => {
                    tracing::warn!(
                        stream = stream.name(),
                        cause = failure.inward(),
                        "batch not applied, trying again"
                    );
                    tokio::time::sleep(jittered(wait)).await;
                    wait = (wait * 2).min(Duration::from_secs(5));
                }
            }
        }
        tokio::time::sleep(jittered(wait)).await;
    }
}

/// Between half and the whole of `wait`, by the clock's last digits: enough to keep replicas apart.
fn jittered(wait: Duration) -> Duration {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    wait / 2 + wait.mul_f64(f64::from(nanos % 1000) / 2000.0)
}
