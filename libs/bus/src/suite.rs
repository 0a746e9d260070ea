//! The suite every bus must pass, embedded and clustered alike. A bench opens the same bus again, as after a
//! restart, and commits events to an outbox it hears.

use std::{
    collections::HashSet,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use lcr_contracts::{
    Failure, Kind,
    events::{CloudEvent, Stream},
};
use lcr_observe::Meter;
use uuid::Uuid;

use crate::{Bus, Consumer, Mode, Numbers, consume};

const STREAM: Stream = Stream::People;
/// How long anything may take; an embedded bus takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a run of the suite needs from an adapter.
pub trait Bench {
    fn reopen(&mut self) -> impl Future<Output = Arc<dyn Bus>> + Send;
    /// Commits `count` events to the PEOPLE stream.
    fn publish(&mut self, count: usize) -> impl Future<Output = ()> + Send;
}

type Outcome = Result<(), &'static str>;

/// Runs every case in turn.
///
/// # Panics
/// When a case does not hold.
pub async fn run(bench: &mut impl Bench) -> Outcome {
    let bus = bench.reopen().await;
    bench.publish(3).await;
    // Work hears the log from its beginning, and again when it was not acknowledged.
    assert_eq!(take(&bus, "a", 3, false).await?, 3);
    assert_eq!(take(&bus, "a", 3, true).await?, 3);
    // Another consumer hears everything for itself.
    assert_eq!(take(&bus, "b", 3, true).await?, 3);
    // After a restart an acknowledged event does not come again, a new one does.
    let bus = bench.reopen().await;
    bench.publish(2).await;
    assert_eq!(take(&bus, "a", 2, true).await?, 2);
    replayed(&bus).await?;
    dropped(&bus).await?;
    watched(bench, &bus).await?;
    shared(bench, &bus).await?;
    put_aside(bench, &bus).await?;
    waited_for(bench, &bus).await
}

/// Takes distinct events until `count` have come.
async fn take(
    bus: &Arc<dyn Bus>,
    name: &'static str,
    count: usize,
    ack: bool,
) -> Result<usize, &'static str> {
    let mut subscription = bus.subscribe(STREAM, Mode::Work(name)).await.map_err(|_| "subscribe")?;
    let mut got = HashSet::new();
    while got.len() < count {
        let next = tokio::time::timeout(PATIENCE, subscription.next());
        let batch = next.await.map_err(|_| "nothing came")?.map_err(|_| "next")?;
        got.extend(batch.events.iter().map(|event| event.id));
        if ack {
            subscription.ack(batch).await.map_err(|_| "ack")?;
        }
    }
    Ok(got.len())
}

/// A replay brings all of it, to whom it was asked for and to nobody else.
async fn replayed(bus: &Arc<dyn Bus>) -> Outcome {
    assert_eq!(take(bus, "b", 2, true).await?, 2);
    bus.replay(STREAM, "a").await.map_err(|_| "replay")?;
    assert_eq!(take(bus, "a", 5, true).await?, 5);
    nothing_left(bus, "a").await?;
    assert_eq!(bus.behind(STREAM, "b").await.map_err(|_| "behind")?, 0);
    Ok(())
}

/// A batch that is dropped comes again, to the same subscription too.
async fn dropped(bus: &Arc<dyn Bus>) -> Outcome {
    let mut subscription = bus.subscribe(STREAM, Mode::Work("drops")).await.map_err(|_| "subscribe")?;
    let mut first = HashSet::new();
    while first.len() < 5 {
        first.extend(ids(&subscription.next().await.map_err(|_| "next")?.events));
    }
    let mut second = HashSet::new();
    while second.len() < 5 {
        let next = tokio::time::timeout(PATIENCE, subscription.next());
        let batch = next.await.map_err(|_| "what was dropped did not come")?.map_err(|_| "next")?;
        second.extend(ids(&batch.events));
        subscription.ack(batch).await.map_err(|_| "ack")?;
    }
    assert_eq!(first, second);
    nothing_left(bus, "drops").await
}

/// Watch hears what comes from now on, and only that; each watcher for itself.
async fn watched(bench: &mut impl Bench, bus: &Arc<dyn Bus>) -> Outcome {
    let mut watchers = Vec::new();
    for _ in 0..2 {
        watchers.push(bus.subscribe(STREAM, Mode::Watch).await.map_err(|_| "watch")?);
    }
    bench.publish(1).await;
    for watch in &mut watchers {
        let heard = tokio::time::timeout(PATIENCE, watch.next()).await;
        let batch = heard.map_err(|_| "watch heard nothing")?.map_err(|_| "watch")?;
        assert_eq!((batch.events.len(), batch.resync), (1, false));
    }
    Ok(())
}

/// Replicas that name the same consumer hear, between them, everything.
async fn shared(bench: &mut impl Bench, bus: &Arc<dyn Bus>) -> Outcome {
    take(bus, "shared", 6, true).await?;
    let heard = Heard::default();
    let replicas: Vec<_> = (0..2).map(|_| heard.start(bus, "shared")).collect();
    for _ in 0..10 {
        bench.publish(20).await;
    }
    heard.until(200).await?;
    nothing_left(bus, "shared").await?;
    replicas.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(())
}

/// An event that fails by itself stops nobody, is kept, and can be brought back.
async fn put_aside(bench: &mut impl Bench, bus: &Arc<dyn Bus>) -> Outcome {
    take(bus, "fails", 206, true).await?;
    let heard = Heard::default();
    heard.fails(2, Kind::Internal);
    let running = heard.start(bus, "fails");
    bench.publish(5).await;
    heard.until(3).await?;
    let (mut count, mut letters) = (0, vec![]);
    let started = Instant::now();
    while count < 2 && started.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
        (count, letters) = bus.dead_letters(STREAM, "fails").await.map_err(|_| "dead letters")?;
    }
    assert_eq!((count, letters.len()), (2, 2), "both are put aside");
    assert!(letters.iter().all(|letter| letter.cause.contains("internal")));
    nothing_left(bus, "fails").await?;
    heard.fails(0, Kind::Internal);
    assert_eq!(bus.revive(STREAM, "fails").await.map_err(|_| "revive")?, 2);
    heard.until(5).await?;
    nothing_left(bus, "fails").await?;
    assert_eq!(bus.dead_letters(STREAM, "fails").await.map_err(|_| "dead letters")?.0, 0);
    running.abort();
    Ok(())
}

/// While something else is merely away, nothing is put aside, however long it takes.
async fn waited_for(bench: &mut impl Bench, bus: &Arc<dyn Bus>) -> Outcome {
    take(bus, "waits", 211, true).await?;
    let heard = Heard::default();
    heard.fails(usize::MAX, Kind::Unavailable);
    let running = heard.start(bus, "waits");
    bench.publish(2).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(bus.dead_letters(STREAM, "waits").await.map_err(|_| "dead letters")?.0, 0);
    assert!(bus.behind(STREAM, "waits").await.map_err(|_| "behind")? >= 2);
    heard.fails(0, Kind::Unavailable);
    heard.until(2).await?;
    nothing_left(bus, "waits").await?;
    running.abort();
    Ok(())
}

fn ids(events: &[CloudEvent]) -> impl Iterator<Item = Uuid> {
    events.iter().map(|event| event.id)
}

async fn nothing_left(bus: &Arc<dyn Bus>, name: &'static str) -> Outcome {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if bus.behind(STREAM, name).await.map_err(|_| "behind")? == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("something is left unacknowledged")
}

/// A consumer that remembers what it applied and fails on demand.
#[derive(Debug, Clone, Default)]
struct Heard(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    applied: HashSet<Uuid>,
    failing: Option<(usize, Kind)>,
    failed: HashSet<Uuid>,
}

impl Heard {
    fn start(&self, bus: &Arc<dyn Bus>, name: &'static str) -> tokio::task::JoinHandle<()> {
        let (bus, consumer) = (bus.clone(), Arc::new(self.clone()));
        tokio::spawn(async move {
            // Of a registry of its own: nothing can be made twice there.
            if let Ok(numbers) = Numbers::new(&Meter::new(), name) {
                consume(bus, STREAM, Mode::Work(name), consumer, numbers).await;
            }
        })
    }

    /// The first `count` events it sees fail from now on, always; none when 0.
    fn fails(&self, count: usize, kind: Kind) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failing = (count > 0).then_some((count, kind));
        state.failed.clear();
    }

    async fn until(&self, count: usize) -> Outcome {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if self.0.lock().unwrap_or_else(PoisonError::into_inner).applied.len() >= count {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err("not everything was applied")
    }
}

#[async_trait]
impl Consumer for Heard {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((count, kind)) = state.failing {
            for id in ids(events) {
                if state.failed.len() < count {
                    state.failed.insert(id);
                }
                if state.failed.contains(&id) {
                    return Err(Failure::new(kind, "It failed on demand."));
                }
            }
        }
        state.applied.extend(ids(events));
        Ok(())
    }
}
