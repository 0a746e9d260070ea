//! Serves replay requests: an owner publishes its log of a stream again, to the consumer that asked and to no other. A
//! request must not be acknowledged before the whole log is at the broker.

use std::time::Duration;

use async_nats::jetstream::{
    AckKind, Context, Message,
    consumer::{Consumer, pull},
};
use lcr_contracts::Failure;
use lcr_store::Store;

use crate::nats::{
    durable_consumer::{self, ReplayRequest},
    oversized, publish, stream_names, unavailable,
};

/// The request is extended after each chunk. If that is late, the replay starts again needlessly.
const REQUEST_ACK_WAIT: Duration = Duration::from_secs(30);

/// Opens the owner's consumer of replay requests.
pub(crate) async fn open_requests(jetstream: &Context, owner: &str) -> Result<Consumer<pull::Config>, Failure> {
    let broker_stream = jetstream.get_stream(stream_names::REPLAY_REQUESTS).await.map_err(|e| unavailable(&e))?;
    let config = durable_consumer::config(&format!("owner-{owner}"), vec![stream_names::ALL_REPLAY_REQUESTS.into()]);
    let config = pull::Config { ack_wait: REQUEST_ACK_WAIT, ..config };
    broker_stream.create_consumer(config).await.map_err(|e| unavailable(&e))
}

/// Serves the requests that arrive within a few seconds.
pub(crate) async fn serve(
    jetstream: &Context,
    store: &Store,
    requests: &Consumer<pull::Config>,
) -> Result<(), Failure> {
    for message in durable_consumer::pull(requests, 1).await? {
        if let Ok(request) = serde_json::from_slice::<ReplayRequest>(&message.payload) {
            republish_log(jetstream, store, &request, &message).await?;
        }
        message.double_ack().await.map_err(|e| unavailable(&e))?;
    }
    Ok(())
}

async fn republish_log(
    jetstream: &Context,
    store: &Store,
    request: &ReplayRequest,
    message: &Message,
) -> Result<(), Failure> {
    let subject = stream_names::replay_subject(request.stream, &request.consumer);
    let mut seq = 0;
    loop {
        let rows = store.outbox().after(request.stream, seq, publish::CHUNK).await?;
        let Some(last) = rows.last() else { break };
        seq = last.seq;
        // No message id: two requests are two replays.
        let sent = publish::publish(jetstream, rows.iter().map(|row| (subject.clone(), None, row))).await?;
        store.store_oversized(oversized::to_oversized(&sent.too_large)).await?;
        message.ack_with(AckKind::Progress).await.map_err(|e| unavailable(&e))?;
    }
    tracing::info!(stream = request.stream.name(), consumer = request.consumer, "the log was published again");
    Ok(())
}
