//! A batch that fails as a whole is applied event by event: a bad event must never take its neighbours with it, and an outage
//! must never make a dead letter.

use uuid::Uuid;

use super::*;

/// Records what happens to the events of a batch.
#[derive(Default)]
struct RecordingSubscription {
    acknowledged: Vec<Uuid>,
    dead_letters: Vec<Uuid>,
}

#[async_trait]
impl Subscription for RecordingSubscription {
    async fn next(&mut self) -> Result<Batch, Failure> {
        std::future::pending().await
    }
    async fn ack(&mut self, batch: Batch) -> Result<(), Failure> {
        self.acknowledged.extend(batch.events.iter().map(|event| event.id));
        Ok(())
    }
    async fn dead_letter(&mut self, event: &CloudEvent, _: &str) -> Result<(), Failure> {
        self.dead_letters.push(event.id);
        Ok(())
    }
}

/// Applies a whole slice of events or nothing, as a consumer with one transaction does. It always refuses one event.
struct RefusingConsumer {
    refused: Uuid,
    kind: FailureKind,
    applied: Mutex<Vec<Uuid>>,
}

#[async_trait]
impl Consumer for RefusingConsumer {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        if events.iter().any(|event| event.id == self.refused) {
            return Err(Failure::new(self.kind, "It refuses this event."));
        }
        self.applied.lock().unwrap().extend(events.iter().map(|event| event.id));
        Ok(())
    }
}

/// Processes four events, the second of which fails in this way.
async fn process(kind: FailureKind) -> (Vec<Uuid>, Result<(), Failure>, RefusingConsumer, RecordingSubscription) {
    let events: Vec<CloudEvent> = (0..4).map(|_| event()).collect();
    let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
    let consumer = RefusingConsumer { refused: ids[1], kind, applied: Mutex::default() };
    let (mut subscription, metrics) = (RecordingSubscription::default(), metrics());
    let (stream, mode) = (Stream::People, Mode::Work("tests"));
    let processor = BatchProcessor { stream, mode, consumer: &consumer, metrics: &metrics };
    let batch = Batch { events, resync: false, ack_handle: AckHandle::Nothing };
    let done = processor.process(&mut subscription, batch).await;
    (ids, done, consumer, subscription)
}

#[tokio::test(start_paused = true)]
async fn one_bad_event_is_set_aside_alone_and_each_of_its_neighbours_is_applied_once() {
    let (ids, done, consumer, subscription) = process(FailureKind::Internal).await;
    done.unwrap();
    assert_eq!(*consumer.applied.lock().unwrap(), [ids[0], ids[2], ids[3]], "in the order of the batch");
    assert_eq!(subscription.dead_letters, [ids[1]]);
    assert_eq!(subscription.acknowledged, ids);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_an_outage_fails_comes_again_whole() {
    let (_, done, consumer, subscription) = process(FailureKind::Unavailable).await;
    assert!(done.is_err());
    assert!(consumer.applied.lock().unwrap().is_empty());
    assert!(subscription.dead_letters.is_empty() && subscription.acknowledged.is_empty());
}
