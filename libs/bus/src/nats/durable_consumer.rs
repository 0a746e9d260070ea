//! A durable consumer at the broker: its position in a stream, and its request for a replay. A position beyond the end of
//! the stream must never be trusted: receiving events twice is harmless, missing them is not.

use std::time::Duration;

use async_nats::jetstream::{
    Context, Message,
    consumer::{AckPolicy, Consumer, DeliverPolicy, Info, pull},
    context::ConsumerInfoErrorKind,
    message::PublishMessage,
    stream,
};
use futures::{StreamExt, TryStreamExt};
use lcr_contracts::{Failure, events::Stream};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use crate::nats::{stream_names, unavailable};

/// When the batch of a lost replica is delivered to another: within the ten seconds allowed for recovery. A slow batch is
/// extended meanwhile.
pub(crate) const ACK_WAIT: Duration = Duration::from_secs(8);
/// How long one pull request waits at the broker.
pub(crate) const PULL_TIMEOUT: Duration = Duration::from_secs(3);
/// How much later its last message may arrive. If the server that holds the consumer died while we are connected to
/// another, none ever does.
const PULL_GRACE: Duration = Duration::from_secs(2);
/// The most unacknowledged events of all replicas of a consumer together.
const MAX_ACK_PENDING: i64 = 4000;

pub(crate) fn config(name: &str, subjects: Vec<String>) -> pull::Config {
    pull::Config {
        durable_name: Some(name.to_owned()),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_deliver: -1,
        max_ack_pending: MAX_ACK_PENDING,
        max_waiting: 512,
        filter_subjects: subjects,
        ..pull::Config::default()
    }
}

/// Opens the consumer `name` of `stream`, and creates it if it does not exist.
pub(crate) async fn open(
    jetstream: &Context,
    stream: Stream,
    name: &'static str,
) -> Result<Consumer<pull::Config>, Failure> {
    let broker_stream = jetstream.get_stream(stream.name()).await.map_err(|e| unavailable(&e))?;
    // Read the position before the stream: other replicas advance it meanwhile, and a position newer than the stream's
    // end would look like a loss.
    let position = consumer_info(&broker_stream, name).await?;
    let state = broker_stream.get_info().await.map_err(|e| unavailable(&e))?.state;
    match position {
        Some(position) if position.delivered.stream_sequence > state.last_sequence => {
            tracing::error!(stream = stream.name(), consumer = name, "the bus lost events; all are received again");
            broker_stream.delete_consumer(name).await.map_err(|e| unavailable(&e))?;
        }
        // Request first, create after: a replica that stops in between must not forget the request.
        None if state.first_sequence > 1 => {
            tracing::info!(stream = stream.name(), consumer = name, "a new consumer requests the expired events");
            request_replay(jetstream, stream, name, Some(&state.last_sequence.to_string())).await?;
        }
        _ => {}
    }
    let subjects = vec![stream_names::broadcast_subject(stream), stream_names::replay_subject(stream, name)];
    broker_stream.create_consumer(config(name, subjects)).await.map_err(|e| unavailable(&e))
}

async fn consumer_info(broker_stream: &stream::Stream, name: &str) -> Result<Option<Info>, Failure> {
    match broker_stream.consumer_info(name).await {
        Ok(info) => Ok(Some(info)),
        Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => Ok(None),
        Err(error) => Err(unavailable(&error)),
    }
}

/// Pulls up to `most` messages that are there now, or waits up to `PULL_TIMEOUT` for the first. Returns the messages that
/// arrived before an error.
pub(crate) async fn pull(of: &Consumer<pull::Config>, most: usize) -> Result<Vec<Message>, Failure> {
    // `fetch` with an expiry waits for the first message and then takes only what is there.
    let batch = of.fetch().max_messages(most).expires(PULL_TIMEOUT).messages().await;
    let (mut batch, until) = (batch.map_err(|e| unavailable(&e))?, Instant::now() + PULL_TIMEOUT + PULL_GRACE);
    let mut pulled = Vec::new();
    loop {
        let failure = match timeout_at(until, batch.next()).await {
            Ok(Some(Ok(message))) => {
                pulled.push(message);
                continue;
            }
            Ok(None) => return Ok(pulled),
            Ok(Some(Err(error))) => unavailable(&error),
            Err(_) => unavailable(&"the server that holds the consumer does not answer"),
        };
        return if pulled.is_empty() { Err(failure) } else { Ok(pulled) };
    }
}

/// Deletes all consumers: after a loss, their positions may point at other messages. Each is created again at its next
/// call and receives everything again.
pub(crate) async fn delete_consumers(broker_stream: &stream::Stream) -> Result<(), Failure> {
    let names: Vec<String> = broker_stream.consumer_names().try_collect().await.map_err(|e| unavailable(&e))?;
    for name in names {
        broker_stream.delete_consumer(&name).await.map_err(|e| unavailable(&e))?;
    }
    Ok(())
}

/// Messages not delivered yet, and delivered but not acknowledged. All messages for a consumer that does not exist.
pub(crate) async fn lag(jetstream: &Context, stream: Stream, name: &str) -> Result<u64, Failure> {
    let broker_stream = jetstream.get_stream(stream.name()).await.map_err(|e| unavailable(&e))?;
    let info = consumer_info(&broker_stream, name).await?;
    Ok(info.map_or(broker_stream.cached_info().state.messages, |info| info.num_pending + info.num_ack_pending as u64))
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReplayRequest {
    pub(crate) stream: Stream,
    pub(crate) consumer: String,
}

/// Asks every owner to republish its log. `once` deduplicates requests that replicas make for the same reason.
pub(crate) async fn request_replay(
    jetstream: &Context,
    stream: Stream,
    consumer: &str,
    once: Option<&str>,
) -> Result<(), Failure> {
    let request = ReplayRequest { stream, consumer: consumer.to_owned() };
    let payload = serde_json::to_vec(&request).map_err(Failure::internal)?;
    let mut message = PublishMessage::build().payload(payload.into());
    if let Some(once) = once {
        message = message.message_id(format!("{}/{consumer}/{once}", stream.name()));
    }
    let subject = stream_names::replay_request_subject(stream);
    let sent = jetstream.send_publish(subject, message).await.map_err(|e| unavailable(&e))?;
    sent.await.map_err(|e| unavailable(&e))?;
    Ok(())
}
