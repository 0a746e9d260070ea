//! The promises of the loop: a watcher resyncs until it succeeds, a stop waits for the current batch.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use lcr_contracts::{
    FailureKind,
    events::{ChoiceChanged, PersonChanged, event_type},
};
use lcr_observe::Meter;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{DeadLetter, Subscriptions};

#[path = "consumer_loop_tests/dead_letters.rs"]
mod dead_letters;

/// A bus that delivers the same event for ever, or none.
#[derive(Default)]
struct FakeBus {
    events: usize,
    subscriptions: AtomicUsize,
    acknowledged: Arc<AtomicUsize>,
}

struct FakeSubscription(usize, Arc<AtomicUsize>);

fn event() -> CloudEvent {
    CloudEvent {
        specversion: "1.0".into(),
        id: uuid::Uuid::now_v7(),
        source: "//index".into(),
        event_type: "uk.leedscarerecord.people.founded.v1".into(),
        subject: "a key".into(),
        time: jiff::Timestamp::UNIX_EPOCH,
        datacontenttype: "application/json".into(),
        lcrversion: 1,
        traceparent: None,
        data: serde_json::Value::Null,
    }
}

#[async_trait]
impl Subscription for FakeSubscription {
    async fn next(&mut self) -> Result<Batch, Failure> {
        if self.0 == 0 {
            return std::future::pending().await;
        }
        Ok(Batch { events: vec![event(); self.0], resync: false, ack_handle: AckHandle::Nothing })
    }
    async fn ack(&mut self, batch: Batch) -> Result<(), Failure> {
        self.1.fetch_add(batch.events.len(), Ordering::Relaxed);
        Ok(())
    }
    async fn dead_letter(&mut self, _: &CloudEvent, _: &str) -> Result<(), Failure> {
        Ok(())
    }
}

#[async_trait]
impl Bus for FakeBus {
    async fn subscribe(&self, _: Stream, _: Mode) -> Result<Box<dyn Subscription>, Failure> {
        // The first attempt fails, as when a process starts before its broker.
        if self.subscriptions.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(Failure::new(FailureKind::Unavailable, "Down."));
        }
        Ok(Box::new(FakeSubscription(self.events, self.acknowledged.clone())))
    }
    async fn replay(&self, _: Stream, _: &'static str) -> Result<(), Failure> {
        Ok(())
    }
    async fn lag(&self, _: Stream, _: &'static str) -> Result<u64, Failure> {
        Ok(0)
    }
    async fn dead_letters(&self, _: Stream, _: &'static str) -> Result<(u64, Vec<DeadLetter>), Failure> {
        Ok((0, vec![]))
    }
    async fn redeliver(&self, _: Stream, _: &'static str) -> Result<u64, Failure> {
        Ok(0)
    }
    fn not_ready_reason(&self) -> Option<String> {
        None
    }
}

/// Fails to resync twice, then notifies.
struct ResyncCounter(AtomicUsize, Notify);

#[async_trait]
impl Consumer for ResyncCounter {
    async fn apply(&self, _: &[CloudEvent]) -> Result<(), Failure> {
        Ok(())
    }
    async fn resync(&self) -> Result<(), Failure> {
        if self.0.fetch_add(1, Ordering::Relaxed) < 2 {
            return Err(Failure::internal("not yet"));
        }
        self.1.notify_one();
        Ok(())
    }
}

fn metrics() -> ConsumerMetrics {
    ConsumerMetrics::new(&Meter::new(), "tests").unwrap()
}

#[tokio::test]
async fn a_watcher_resyncs_until_it_succeeds() {
    let counter = Arc::new(ResyncCounter(AtomicUsize::new(0), Notify::new()));
    let watching = consume(Arc::new(FakeBus::default()), Stream::People, Mode::Watch, counter.clone(), metrics());
    tokio::select! {
        () = watching => {}
        () = counter.1.notified() => {}
        () = tokio::time::sleep(Duration::from_secs(10)) => {}
    }
    assert_eq!(counter.0.load(Ordering::Relaxed), 3, "two failures, then a success");
}

/// Needs 200 ms for a batch.
struct SlowConsumer(Mutex<Option<oneshot::Sender<()>>>);

#[async_trait]
impl Consumer for SlowConsumer {
    async fn apply(&self, _: &[CloudEvent]) -> Result<(), Failure> {
        let started = self.0.lock().unwrap().take();
        started.map(|started| started.send(()));
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok(())
    }
}

#[tokio::test]
async fn after_stop_the_current_batch_is_finished_and_acknowledged() {
    let (started, first_batch) = oneshot::channel();
    let bus = Arc::new(FakeBus { events: 3, ..FakeBus::default() });
    let slow = Arc::new(SlowConsumer(Mutex::new(Some(started))));
    let stop = async { first_batch.await.unwrap() };
    let all = consume_until(bus.clone(), Stream::People, Mode::Work("tests"), slow, metrics(), stop);
    tokio::time::timeout(Duration::from_secs(10), all).await.expect("it returns");
    assert_eq!(bus.acknowledged.load(Ordering::Relaxed), 3);
}

/// Panics on every batch.
struct PanickingConsumer(AtomicUsize);

#[async_trait]
impl Consumer for PanickingConsumer {
    async fn apply(&self, _: &[CloudEvent]) -> Result<(), Failure> {
        self.0.fetch_add(1, Ordering::Relaxed);
        panic!("on every batch")
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_panics_a_consumer_becomes_a_dead_letter() {
    let bus = Arc::new(FakeBus { events: 1, ..FakeBus::default() });
    let consumer = Arc::new(PanickingConsumer(AtomicUsize::new(0)));
    let subscriptions = Subscriptions::new(bus.clone(), CancellationToken::new());
    subscriptions.subscribe(Stream::People, Mode::Work("tests"), consumer.clone(), metrics());
    while consumer.0.load(Ordering::Relaxed) < 100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(bus.acknowledged.load(Ordering::Relaxed) > 10, "later events were processed");
}

#[tokio::test]
async fn subscriptions_end_after_stop_once_no_batch_is_in_progress() {
    let (started, first_batch) = oneshot::channel();
    let bus = Arc::new(FakeBus { events: 3, ..FakeBus::default() });
    let stop = CancellationToken::new();
    let subscriptions = Subscriptions::new(bus.clone(), stop.clone());
    let slow = Arc::new(SlowConsumer(Mutex::new(Some(started))));
    subscriptions.subscribe(Stream::People, Mode::Work("tests"), slow, metrics());
    first_batch.await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(20), subscriptions.clone().finished()).await;
    assert!(early.is_err(), "not stopped yet");
    stop.cancel();
    subscriptions.finished().await;
    assert_eq!(bus.acknowledged.load(Ordering::Relaxed), 3);
}

#[test]
fn bodies_skips_other_types_and_fails_on_an_unreadable_body() {
    let mut event = event();
    assert!(bodies::<PersonChanged>(std::slice::from_ref(&event)).unwrap().is_empty(), "a later version's type");
    event.event_type = event_type::<PersonChanged>();
    event.data = serde_json::json!({ "person": "of no use to anybody" });
    assert!(bodies::<ChoiceChanged>(std::slice::from_ref(&event)).unwrap().is_empty());
    let failure = bodies::<PersonChanged>(std::slice::from_ref(&event)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Internal, "so that it becomes a dead letter");
    assert!(!failure.inward().contains("of no use"), "the body is not quoted");
}
