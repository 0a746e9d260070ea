//! Replays: a consumer asks, every owner's relay hears it and hands its log of that stream over again, to that
//! consumer alone. A request is acknowledged only when the whole log is at the broker.

use async_nats::jetstream::{
    AckKind, Context, Message,
    consumer::{Consumer, pull},
    message::PublishMessage,
};
use lcr_contracts::{Failure, events::Stream};
use lcr_store::Store;
use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::{away, back, consumer, relay, send, streams};

#[derive(Debug, Serialize, Deserialize)]
struct Request {
    stream: Stream,
    consumer: String,
}

/// Asks every owner. `once` keeps replicas that ask for the same reason at the same time from being served each.
pub(crate) async fn ask(
    jetstream: &Context,
    stream: Stream,
    consumer: &str,
    once: Option<&str>,
) -> Result<(), Failure> {
    let request = Request { stream, consumer: consumer.to_owned() };
    let payload = serde_json::to_vec(&request).map_err(Failure::internal)?;
    let mut message = PublishMessage::build().payload(payload.into());
    if let Some(once) = once {
        message = message.message_id(format!("{}/{consumer}/{once}", stream.name()));
    }
    let subject = format!("lcr.replay.{}", stream.name());
    let sent = jetstream.send_publish(subject, message).await.map_err(|e| away(&e))?;
    sent.await.map_err(|e| away(&e))?;
    Ok(())
}

/// Handing a log over is extended only between its chunks, and begun again needlessly if that is late.
const SERVING: Duration = Duration::from_secs(30);

/// The owner's place in the requests.
pub(crate) async fn open(jetstream: &Context, owner: &str) -> Result<Consumer<pull::Config>, Failure> {
    let held = jetstream.get_stream(streams::REPLAY).await.map_err(|e| away(&e))?;
    let config = consumer::config(&format!("owner-{owner}"), vec!["lcr.replay.>".into()]);
    let config = pull::Config { ack_wait: SERVING, ..config };
    held.create_consumer(config).await.map_err(|e| away(&e))
}

/// Serves the requests that come within a few seconds.
pub(crate) async fn serve(
    jetstream: &Context,
    store: &Store,
    requests: &Consumer<pull::Config>,
) -> Result<(), Failure> {
    for message in consumer::pull(requests, 1).await? {
        if let Ok(request) = serde_json::from_slice::<Request>(&message.payload) {
            hand_over(jetstream, store, &request, &message).await?;
        }
        message.double_ack().await.map_err(|e| away(&e))?;
    }
    Ok(())
}

async fn hand_over(
    jetstream: &Context,
    store: &Store,
    request: &Request,
    message: &Message,
) -> Result<(), Failure> {
    let subject = streams::again(request.stream, &request.consumer);
    let mut seq = 0;
    loop {
        let rows = store.outbox().after(request.stream, seq, relay::CHUNK).await;
        let rows = rows.map_err(|e| lcr_store::failed(&e))?;
        let Some(last) = rows.last() else { break };
        seq = last.seq;
        // No message id: a replay asked for twice is two replays.
        let sent = send::publish(jetstream, rows.iter().map(|row| (subject.clone(), None, row))).await?;
        store.keep_back(back::letters(&sent.too_large)).await?;
        message.ack_with(AckKind::Progress).await.map_err(|e| away(&e))?;
    }
    tracing::info!(
        stream = request.stream.name(),
        consumer = request.consumer,
        "the log was handed over again"
    );
    Ok(())
}
