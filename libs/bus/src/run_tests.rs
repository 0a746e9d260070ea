//! What the loop owes to those it runs for: a watcher looks again until it has, a stop waits for the batch in hand.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use lcr_contracts::{
    Kind,
    events::{ChoiceChanged, PersonChanged, event_type},
};
use lcr_observe::Meter;
use tokio::sync::{Notify, oneshot};

use tokio_util::sync::CancellationToken;

use super::*;
use crate::{DeadLetter, Ears};

/// A bus that gives the same event again and again, or nothing.
#[derive(Default)]
struct Fake {
    events: usize,
    subscriptions: AtomicUsize,
    acknowledged: Arc<AtomicUsize>,
}

struct Given(usize, Arc<AtomicUsize>);

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
impl Subscription for Given {
    async fn next(&mut self) -> Result<Batch, Failure> {
        if self.0 == 0 {
            return std::future::pending().await;
        }
        Ok(Batch { events: vec![event(); self.0], resync: false, held: Held::Nothing })
    }
    async fn ack(&mut self, batch: Batch) -> Result<(), Failure> {
        self.1.fetch_add(batch.events.len(), Ordering::Relaxed);
        Ok(())
    }
    async fn bury(&mut self, _: &CloudEvent, _: &str) -> Result<(), Failure> {
        Ok(())
    }
}

#[async_trait]
impl Bus for Fake {
    async fn subscribe(&self, _: Stream, _: Mode) -> Result<Box<dyn Subscription>, Failure> {
        // The first try fails, as when a process starts before its broker.
        if self.subscriptions.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(Failure::new(Kind::Unavailable, "Away."));
        }
        Ok(Box::new(Given(self.events, self.acknowledged.clone())))
    }
    async fn replay(&self, _: Stream, _: &'static str) -> Result<(), Failure> {
        Ok(())
    }
    async fn behind(&self, _: Stream, _: &'static str) -> Result<u64, Failure> {
        Ok(0)
    }
    async fn dead_letters(&self, _: Stream, _: &'static str) -> Result<(u64, Vec<DeadLetter>), Failure> {
        Ok((0, vec![]))
    }
    async fn revive(&self, _: Stream, _: &'static str) -> Result<u64, Failure> {
        Ok(0)
    }
    fn missing(&self) -> Option<String> {
        None
    }
}

/// Fails to look again twice, then says so.
struct Looks(AtomicUsize, Notify);

#[async_trait]
impl Consumer for Looks {
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

fn numbers() -> Numbers {
    Numbers::new(&Meter::new(), "tests").unwrap()
}

#[tokio::test]
async fn a_watcher_that_could_not_listen_looks_at_everything_again_until_it_has() {
    let looks = Arc::new(Looks(AtomicUsize::new(0), Notify::new()));
    let watching = consume(Arc::new(Fake::default()), Stream::People, Mode::Watch, looks.clone(), numbers());
    tokio::select! {
        () = watching => {}
        () = looks.1.notified() => {}
        () = tokio::time::sleep(Duration::from_secs(10)) => {}
    }
    assert_eq!(looks.0.load(Ordering::Relaxed), 3, "twice in vain, then once");
}

/// Takes its time over a batch.
struct Slow(Mutex<Option<oneshot::Sender<()>>>);

#[async_trait]
impl Consumer for Slow {
    async fn apply(&self, _: &[CloudEvent]) -> Result<(), Failure> {
        let started = self.0.lock().unwrap().take();
        started.map(|started| started.send(()));
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok(())
    }
}

#[tokio::test]
async fn told_to_stop_it_finishes_and_acknowledges_what_it_has_in_hand_and_takes_no_more() {
    let (started, told) = oneshot::channel();
    let bus = Arc::new(Fake { events: 3, ..Fake::default() });
    let slow = Arc::new(Slow(Mutex::new(Some(started))));
    let stop = async { told.await.unwrap() };
    let all = consume_until(bus.clone(), Stream::People, Mode::Work("tests"), slow, numbers(), stop);
    tokio::time::timeout(Duration::from_secs(10), all).await.expect("it comes back");
    assert_eq!(bus.acknowledged.load(Ordering::Relaxed), 3);
}

/// Falls over, whatever it is given.
struct Falls(AtomicUsize);

#[async_trait]
impl Consumer for Falls {
    async fn apply(&self, _: &[CloudEvent]) -> Result<(), Failure> {
        self.0.fetch_add(1, Ordering::Relaxed);
        panic!("whatever it is given")
    }
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_panics_over_an_event_has_it_put_aside_and_goes_on_hearing() {
    let bus = Arc::new(Fake { events: 1, ..Fake::default() });
    let falls = Arc::new(Falls(AtomicUsize::new(0)));
    let ears = Ears::new(bus.clone(), CancellationToken::new());
    ears.hear(Stream::People, Mode::Work("tests"), falls.clone(), numbers());
    while falls.0.load(Ordering::Relaxed) < 100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(bus.acknowledged.load(Ordering::Relaxed) > 10, "those behind it were taken");
}

#[tokio::test]
async fn ears_are_finished_when_they_were_told_and_nothing_is_in_hand_any_more() {
    let (started, told) = oneshot::channel();
    let bus = Arc::new(Fake { events: 3, ..Fake::default() });
    let stop = CancellationToken::new();
    let ears = Ears::new(bus.clone(), stop.clone());
    let slow = Arc::new(Slow(Mutex::new(Some(started))));
    ears.hear(Stream::People, Mode::Work("tests"), slow, numbers());
    told.await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(20), ears.clone().finished()).await;
    assert!(early.is_err(), "nobody told them");
    stop.cancel();
    ears.finished().await;
    assert_eq!(bus.acknowledged.load(Ordering::Relaxed), 3);
}

#[test]
fn events_of_other_types_are_passed_over_and_one_that_does_not_read_fails_its_batch() {
    let mut event = event();
    assert!(
        bodies::<PersonChanged>(std::slice::from_ref(&event)).unwrap().is_empty(),
        "a later version's type"
    );
    event.event_type = event_type::<PersonChanged>();
    event.data = serde_json::json!({ "person": "of no use to anybody" });
    assert!(bodies::<ChoiceChanged>(std::slice::from_ref(&event)).unwrap().is_empty());
    let failure = bodies::<PersonChanged>(std::slice::from_ref(&event)).unwrap_err();
    assert_eq!(failure.kind, Kind::Internal, "so that it is put aside");
    assert!(!failure.inward().contains("of no use"), "what it says is not told");
}
