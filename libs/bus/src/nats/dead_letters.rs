//! Dead letters at the broker: the stream DEAD, with one subject per stream and consumer. A letter must never be deleted
//! before its event was published to the consumer again.

use async_nats::jetstream::{
    Context,
    message::PublishMessage,
    stream::{DirectGetErrorKind, Stream as JetStream},
};
use futures::TryStreamExt;
use lcr_contracts::{
    Failure,
    events::{CloudEvent, Stream},
};

use crate::{
    DeadLetter, MAX_LISTED,
    nats::{stream_names, unavailable},
};

pub(crate) async fn store(
    jetstream: &Context,
    stream: Stream,
    consumer: &str,
    event: &CloudEvent,
    cause: &str,
) -> Result<(), Failure> {
    let letter = DeadLetter::new(event, cause);
    let payload = serde_json::to_vec(&letter).map_err(Failure::internal)?;
    publish(jetstream, stream_names::dead_letter_subject(stream, consumer), payload).await
}

async fn publish(jetstream: &Context, subject: String, payload: Vec<u8>) -> Result<(), Failure> {
    let message = PublishMessage::build().payload(payload.into());
    let sent = jetstream.send_publish(subject, message).await.map_err(|e| unavailable(&e))?;
    sent.await.map_err(|e| unavailable(&e))?;
    Ok(())
}

/// The number of letters, and the oldest with their sequence numbers.
pub(crate) async fn list(
    jetstream: &Context,
    stream: Stream,
    consumer: &str,
) -> Result<(u64, Vec<(u64, DeadLetter)>), Failure> {
    let broker_stream = jetstream.get_stream(stream_names::DEAD).await.map_err(|e| unavailable(&e))?;
    let subject = stream_names::dead_letter_subject(stream, consumer);
    let count = count(&broker_stream, &subject).await?;
    let mut letters = Vec::new();
    let mut after = 1;
    while (letters.len() as u64) < count.min(MAX_LISTED) {
        let message = match broker_stream.direct_get_next_for_subject(&subject, Some(after)).await {
            Ok(message) => message,
            Err(error) if error.kind() == DirectGetErrorKind::NotFound => break,
            Err(error) => return Err(unavailable(&error)),
        };
        after = message.sequence + 1;
        let letter = serde_json::from_slice(&message.payload).map_err(Failure::internal)?;
        letters.push((message.sequence, letter));
    }
    Ok((count, letters))
}

/// The number of letters.
pub(crate) async fn count_for(jetstream: &Context, stream: Stream, consumer: &str) -> Result<u64, Failure> {
    let broker_stream = jetstream.get_stream(stream_names::DEAD).await.map_err(|e| unavailable(&e))?;
    count(&broker_stream, &stream_names::dead_letter_subject(stream, consumer)).await
}

async fn count(broker_stream: &JetStream, subject: &str) -> Result<u64, Failure> {
    let counted = broker_stream.info_with_subjects(subject).await.map_err(|e| unavailable(&e))?;
    let counts: Vec<(String, usize)> = counted.try_collect().await.map_err(|e| unavailable(&e))?;
    Ok(counts.iter().map(|(_, count)| *count as u64).sum())
}

pub(crate) async fn redeliver(jetstream: &Context, stream: Stream, consumer: &str) -> Result<u64, Failure> {
    let broker_stream = jetstream.get_stream(stream_names::DEAD).await.map_err(|e| unavailable(&e))?;
    let (_, letters) = list(jetstream, stream, consumer).await?;
    let count = letters.len() as u64;
    for (sequence, letter) in letters {
        let payload = serde_json::to_vec(&letter.event).map_err(Failure::internal)?;
        publish(jetstream, stream_names::replay_subject(stream, consumer), payload).await?;
        broker_stream.delete_message(sequence).await.map_err(|e| unavailable(&e))?;
    }
    Ok(count)
}
