//! The suite every bus must pass: embedded now, NATS with the issue on Kubernetes. `make` opens the same bus
//! again, as after a restart; `publish` commits events to an outbox it hears.

use std::{future::Future, sync::Arc, time::Duration};

use lcr_contracts::events::Stream;

use crate::{Bus, Mode};

/// What a run of the suite needs from an adapter.
pub trait Bench {
    fn reopen(&mut self) -> impl Future<Output = Arc<dyn Bus>> + Send;
    /// Commits `count` events to the PEOPLE stream.
    fn publish(&mut self, count: usize) -> impl Future<Output = ()> + Send;
}

/// Takes events until `count` have come, or panics after ten seconds.
async fn take(bus: &Arc<dyn Bus>, mode: Mode, count: usize, ack: bool) -> Result<usize, &'static str> {
    let mut subscription = bus.subscribe(Stream::People, mode).await.map_err(|_| "subscribe")?;
    let mut got = 0;
    while got < count {
        let next = tokio::time::timeout(Duration::from_secs(10), subscription.next());
        let batch = next.await.map_err(|_| "nothing came")?.map_err(|_| "next")?;
        got += batch.events.len();
        if ack {
            subscription.ack(batch).await.map_err(|_| "ack")?;
        }
    }
    Ok(got)
}

/// Runs every case in turn.
///
/// # Panics
/// When a case does not hold.
pub async fn run(bench: &mut impl Bench) -> Result<(), &'static str> {
    let bus = bench.reopen().await;
    bench.publish(3).await;
    // Work hears the log from its beginning, and again when it was not acknowledged.
    assert_eq!(take(&bus, Mode::Work("a"), 3, false).await?, 3);
    assert_eq!(take(&bus, Mode::Work("a"), 3, true).await?, 3);
    // Another consumer hears everything for itself.
    assert_eq!(take(&bus, Mode::Work("b"), 3, true).await?, 3);
    // After a restart an acknowledged event does not come again, a new one does.
    let bus = bench.reopen().await;
    bench.publish(2).await;
    assert_eq!(take(&bus, Mode::Work("a"), 2, true).await?, 2);
    // A replay brings all of it.
    bus.replay(Stream::People, "a").await.map_err(|_| "replay")?;
    assert_eq!(take(&bus, Mode::Work("a"), 5, true).await?, 5);
    // Watch hears what comes from now on, and only that.
    let mut watch = bus.subscribe(Stream::People, Mode::Watch).await.map_err(|_| "watch")?;
    bench.publish(1).await;
    let heard = tokio::time::timeout(Duration::from_secs(10), watch.next()).await;
    assert_eq!(heard.map_err(|_| "watch heard nothing")?.map_err(|_| "watch")?.events.len(), 1);
    Ok(())
}
