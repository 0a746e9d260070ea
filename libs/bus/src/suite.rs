//! The test suite that every bus must pass, embedded or NATS. A `Bench` reopens the same bus, as after a restart, and
//! commits events to an outbox.

mod recording_consumer;

use std::{
    collections::HashSet,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use lcr_contracts::{
    FailureKind,
    events::{CloudEvent, Stream},
};
use recording_consumer::RecordingConsumer;
use uuid::Uuid;

use crate::{Bus, Mode};

const STREAM: Stream = Stream::People;
/// The longest wait; the embedded bus needs milliseconds.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What the suite needs from an adapter.
pub trait SuiteFixture {
    fn reopen(&mut self) -> impl Future<Output = Arc<dyn Bus>> + Send;
    /// Commits `count` events to the PEOPLE stream.
    fn publish(&mut self, count: usize) -> impl Future<Output = ()> + Send;
}

type Outcome = Result<(), &'static str>;

/// Runs every case in turn.
///
/// # Panics
/// When a case does not hold.
pub async fn run(bench: &mut impl SuiteFixture) -> Outcome {
    let bus = bench.reopen().await;
    bench.publish(3).await;
    // Work receives the log from its start, and again if it was not acknowledged.
    assert_eq!(receive(&bus, "a", 3, false).await?, 3);
    assert_eq!(receive(&bus, "a", 3, true).await?, 3);
    // Another consumer receives everything too.
    assert_eq!(receive(&bus, "b", 3, true).await?, 3);
    // After a restart an acknowledged event does not return; a new one arrives.
    let bus = bench.reopen().await;
    bench.publish(2).await;
    assert_eq!(receive(&bus, "a", 2, true).await?, 2);
    a_replay_reaches_one_consumer(&bus).await?;
    unacknowledged_batches_return(&bus).await?;
    watchers_receive_new_events(bench, &bus).await?;
    replicas_share_the_work(bench, &bus).await?;
    dead_letters_are_redelivered(bench, &bus).await?;
    transient_failures_are_retried(bench, &bus).await
}

/// Receives until `count` distinct events arrived.
async fn receive(bus: &Arc<dyn Bus>, name: &'static str, count: usize, ack: bool) -> Result<usize, &'static str> {
    let mut subscription = bus.subscribe(STREAM, Mode::Work(name)).await.map_err(|_| "subscribe")?;
    let mut got = HashSet::new();
    while got.len() < count {
        let next = tokio::time::timeout(TIMEOUT, subscription.next());
        let batch = next.await.map_err(|_| "nothing came")?.map_err(|_| "next")?;
        got.extend(batch.events.iter().map(|event| event.id));
        if ack {
            subscription.ack(batch).await.map_err(|_| "ack")?;
        }
    }
    Ok(got.len())
}

/// A replay delivers the whole log to the consumer that asked, and to no other.
async fn a_replay_reaches_one_consumer(bus: &Arc<dyn Bus>) -> Outcome {
    assert_eq!(receive(bus, "b", 2, true).await?, 2);
    bus.replay(STREAM, "a").await.map_err(|_| "replay")?;
    assert_eq!(receive(bus, "a", 5, true).await?, 5);
    no_lag(bus, "a").await?;
    assert_eq!(bus.lag(STREAM, "b").await.map_err(|_| "behind")?, 0);
    Ok(())
}

/// A dropped batch is delivered again, even to the same subscription.
async fn unacknowledged_batches_return(bus: &Arc<dyn Bus>) -> Outcome {
    let mut subscription = bus.subscribe(STREAM, Mode::Work("drops")).await.map_err(|_| "subscribe")?;
    let mut first = HashSet::new();
    while first.len() < 5 {
        first.extend(ids(&subscription.next().await.map_err(|_| "next")?.events));
    }
    let mut second = HashSet::new();
    while second.len() < 5 {
        let next = tokio::time::timeout(TIMEOUT, subscription.next());
        let batch = next.await.map_err(|_| "what was dropped did not come")?.map_err(|_| "next")?;
        second.extend(ids(&batch.events));
        subscription.ack(batch).await.map_err(|_| "ack")?;
    }
    assert_eq!(first, second);
    no_lag(bus, "drops").await
}

/// Each watcher receives new events, and only those.
async fn watchers_receive_new_events(bench: &mut impl SuiteFixture, bus: &Arc<dyn Bus>) -> Outcome {
    let mut watchers = Vec::new();
    for _ in 0..2 {
        watchers.push(bus.subscribe(STREAM, Mode::Watch).await.map_err(|_| "watch")?);
    }
    bench.publish(1).await;
    for watch in &mut watchers {
        let received = tokio::time::timeout(TIMEOUT, watch.next()).await;
        let batch = received.map_err(|_| "the watcher received nothing")?.map_err(|_| "watch")?;
        assert_eq!((batch.events.len(), batch.resync), (1, false));
    }
    Ok(())
}

/// Replicas of one consumer receive every event between them.
async fn replicas_share_the_work(bench: &mut impl SuiteFixture, bus: &Arc<dyn Bus>) -> Outcome {
    receive(bus, "shared", 6, true).await?;
    let consumer = RecordingConsumer::default();
    let replicas: Vec<_> = (0..2).map(|_| consumer.start(bus, "shared")).collect();
    for _ in 0..10 {
        bench.publish(20).await;
    }
    consumer.wait_for(200).await?;
    no_lag(bus, "shared").await?;
    replicas.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(())
}

/// An event that keeps failing blocks no other, is stored, and can be redelivered.
async fn dead_letters_are_redelivered(bench: &mut impl SuiteFixture, bus: &Arc<dyn Bus>) -> Outcome {
    receive(bus, "fails", 206, true).await?;
    let consumer = RecordingConsumer::default();
    consumer.fail_next(2, FailureKind::Internal);
    let running = consumer.start(bus, "fails");
    bench.publish(5).await;
    consumer.wait_for(3).await?;
    let (mut count, mut letters) = (0, vec![]);
    let started = Instant::now();
    while count < 2 && started.elapsed() < TIMEOUT {
        tokio::time::sleep(Duration::from_millis(50)).await;
        (count, letters) = bus.dead_letters(STREAM, "fails").await.map_err(|_| "dead letters")?;
    }
    assert_eq!((count, letters.len()), (2, 2), "both became dead letters");
    assert!(letters.iter().all(|letter| letter.cause.contains("internal")));
    no_lag(bus, "fails").await?;
    consumer.fail_next(0, FailureKind::Internal);
    assert_eq!(bus.redeliver(STREAM, "fails").await.map_err(|_| "revive")?, 2);
    consumer.wait_for(5).await?;
    no_lag(bus, "fails").await?;
    assert_eq!(bus.dead_letters(STREAM, "fails").await.map_err(|_| "dead letters")?.0, 0);
    running.abort();
    Ok(())
}

/// While another service is down, no event becomes a dead letter.
async fn transient_failures_are_retried(bench: &mut impl SuiteFixture, bus: &Arc<dyn Bus>) -> Outcome {
    receive(bus, "waits", 211, true).await?;
    let consumer = RecordingConsumer::default();
    consumer.fail_next(usize::MAX, FailureKind::Unavailable);
    let running = consumer.start(bus, "waits");
    bench.publish(2).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(bus.dead_letters(STREAM, "waits").await.map_err(|_| "dead letters")?.0, 0);
    assert!(bus.lag(STREAM, "waits").await.map_err(|_| "behind")? >= 2);
    consumer.fail_next(0, FailureKind::Unavailable);
    consumer.wait_for(2).await?;
    no_lag(bus, "waits").await?;
    running.abort();
    Ok(())
}

fn ids(events: &[CloudEvent]) -> impl Iterator<Item = Uuid> {
    events.iter().map(|event| event.id)
}

async fn no_lag(bus: &Arc<dyn Bus>, name: &'static str) -> Outcome {
    let started = Instant::now();
    while started.elapsed() < TIMEOUT {
        if bus.lag(STREAM, name).await.map_err(|_| "behind")? == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("something is left unacknowledged")
}
