//! The broker's side of a durable consumer: its place in a stream. A place that points beyond what the broker still
//! has is thrown away rather than believed: hearing again is harmless, not hearing is not.

use std::time::Duration;

use async_nats::jetstream::{
    Context, Message,
    consumer::{AckPolicy, Consumer, DeliverPolicy, Info, pull},
    context::ConsumerInfoErrorKind,
    stream,
};
use futures::{StreamExt, TryStreamExt};
use lcr_contracts::{Failure, events::Stream};
use tokio::time::{Instant, timeout_at};

use super::{away, replay, streams};

/// How soon the batch of a replica that is gone is offered to another: within the ten seconds that recovery may take.
/// A batch that is merely slow is extended all the while.
pub(crate) const ACK_WAIT: Duration = Duration::from_secs(8);
/// How long one request waits at the broker.
pub(crate) const PULL: Duration = Duration::from_secs(3);
/// How much later the last of what it asked for may come. The server that kept the place may have died while we are
/// connected to another: then no word ever comes.
const LATE: Duration = Duration::from_secs(2);
/// Events in the hands of all replicas of a consumer together.
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

/// The consumer `name` of `stream`, made if need be.
pub(crate) async fn open(
    jetstream: &Context,
    stream: Stream,
    name: &'static str,
) -> Result<Consumer<pull::Config>, Failure> {
    let held = jetstream.get_stream(stream.name()).await.map_err(|e| away(&e))?;
    // The place first, and the stream after it: other replicas go on hearing meanwhile, and a place that is newer than
    // the stream's end looks as if the end had been lost.
    let place = info(&held, name).await?;
    let state = held.get_info().await.map_err(|e| away(&e))?.state;
    match place {
        Some(place) if place.delivered.stream_sequence > state.last_sequence => {
            tracing::error!(
                stream = stream.name(),
                consumer = name,
                "the bus lost events; all are heard again"
            );
            held.delete_consumer(name).await.map_err(|e| away(&e))?;
        }
        // Before it is made, so that the request cannot be forgotten by a replica that stops in between.
        None if state.first_sequence > 1 => {
            tracing::info!(
                stream = stream.name(),
                consumer = name,
                "a new consumer asks for what has expired"
            );
            replay::ask(jetstream, stream, name, Some(&state.last_sequence.to_string())).await?;
        }
        _ => {}
    }
    let subjects = vec![streams::everybody(stream), streams::again(stream, name)];
    held.create_consumer(config(name, subjects)).await.map_err(|e| away(&e))
}

async fn info(held: &stream::Stream, name: &str) -> Result<Option<Info>, Failure> {
    match held.consumer_info(name).await {
        Ok(info) => Ok(Some(info)),
        Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => Ok(None),
        Err(error) => Err(away(&error)),
    }
}

/// What is there now, `most` at most; when nothing is, the first that comes, or nothing after a while. What came before
/// something failed is not let go.
pub(crate) async fn pull(of: &Consumer<pull::Config>, most: usize) -> Result<Vec<Message>, Failure> {
    // Not waiting, with a time to expire, means: wait for the first and then only take what is there.
    let batch = of.fetch().max_messages(most).expires(PULL).messages().await;
    let (mut batch, until) = (batch.map_err(|e| away(&e))?, Instant::now() + PULL + LATE);
    let mut pulled = Vec::new();
    loop {
        let failure = match timeout_at(until, batch.next()).await {
            Ok(Some(Ok(message))) => {
                pulled.push(message);
                continue;
            }
            Ok(None) => return Ok(pulled),
            Ok(Some(Err(error))) => away(&error),
            Err(_) => away(&"the server that kept the consumer's place is silent"),
        };
        return if pulled.is_empty() { Err(failure) } else { Ok(pulled) };
    }
}

/// Throws every consumer's place away: after a loss, places can point at other messages than those they were for.
/// Each consumer is made anew when it next asks, and hears again what is there.
pub(crate) async fn forget_all(held: &stream::Stream) -> Result<(), Failure> {
    let names: Vec<String> = held.consumer_names().try_collect().await.map_err(|e| away(&e))?;
    for name in names {
        held.delete_consumer(&name).await.map_err(|e| away(&e))?;
    }
    Ok(())
}

/// Not yet delivered, and delivered but not yet acknowledged; everything, for a consumer that never was.
pub(crate) async fn behind(jetstream: &Context, stream: Stream, name: &str) -> Result<u64, Failure> {
    let held = jetstream.get_stream(stream.name()).await.map_err(|e| away(&e))?;
    let info = info(&held, name).await?;
    Ok(info.map_or(held.cached_info().state.messages, |info| info.num_pending + info.num_ack_pending as u64))
}
