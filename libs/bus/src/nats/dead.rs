//! What the clustered bus has put aside: the stream DEAD, one subject for each stream and consumer. A letter is
//! removed only after the event is on its way to its consumer again.

use async_nats::jetstream::{
    Context,
    message::PublishMessage,
    stream::{DirectGetErrorKind, Stream as Held},
};
use futures::TryStreamExt;
use lcr_contracts::{
    Failure,
    events::{CloudEvent, Stream},
};

use super::{away, streams};
use crate::{DeadLetter, dead::MOST};

pub(crate) async fn bury(
    jetstream: &Context,
    stream: Stream,
    consumer: &str,
    event: &CloudEvent,
    cause: &str,
) -> Result<(), Failure> {
    let letter = DeadLetter::new(event, cause);
    let payload = serde_json::to_vec(&letter).map_err(Failure::internal)?;
    put(jetstream, streams::dead(stream, consumer), payload).await
}

async fn put(jetstream: &Context, subject: String, payload: Vec<u8>) -> Result<(), Failure> {
    let message = PublishMessage::build().payload(payload.into());
    let sent = jetstream.send_publish(subject, message).await.map_err(|e| away(&e))?;
    sent.await.map_err(|e| away(&e))?;
    Ok(())
}

/// How many, and the oldest with their places.
pub(crate) async fn list(
    jetstream: &Context,
    stream: Stream,
    consumer: &str,
) -> Result<(u64, Vec<(u64, DeadLetter)>), Failure> {
    let held = jetstream.get_stream(streams::DEAD).await.map_err(|e| away(&e))?;
    let subject = streams::dead(stream, consumer);
    let count = count(&held, &subject).await?;
    let mut letters = Vec::new();
    let mut after = 1;
    while (letters.len() as u64) < count.min(MOST) {
        let message = match held.direct_get_next_for_subject(&subject, Some(after)).await {
            Ok(message) => message,
            Err(error) if error.kind() == DirectGetErrorKind::NotFound => break,
            Err(error) => return Err(away(&error)),
        };
        after = message.sequence + 1;
        let letter = serde_json::from_slice(&message.payload).map_err(Failure::internal)?;
        letters.push((message.sequence, letter));
    }
    Ok((count, letters))
}

/// How many.
pub(crate) async fn put_aside(jetstream: &Context, stream: Stream, consumer: &str) -> Result<u64, Failure> {
    let held = jetstream.get_stream(streams::DEAD).await.map_err(|e| away(&e))?;
    count(&held, &streams::dead(stream, consumer)).await
}

async fn count(held: &Held, subject: &str) -> Result<u64, Failure> {
    let counted = held.info_with_subjects(subject).await.map_err(|e| away(&e))?;
    let counts: Vec<(String, usize)> = counted.try_collect().await.map_err(|e| away(&e))?;
    Ok(counts.iter().map(|(_, count)| *count as u64).sum())
}

pub(crate) async fn revive(jetstream: &Context, stream: Stream, consumer: &str) -> Result<u64, Failure> {
    let held = jetstream.get_stream(streams::DEAD).await.map_err(|e| away(&e))?;
    let (_, letters) = list(jetstream, stream, consumer).await?;
    let count = letters.len() as u64;
    for (sequence, letter) in letters {
        let payload = serde_json::to_vec(&letter.event).map_err(Failure::internal)?;
        put(jetstream, streams::again(stream, consumer), payload).await?;
        held.delete_message(sequence).await.map_err(|e| away(&e))?;
    }
    Ok(count)
}
