//! The relay: publishes the owner's log to the broker in order and stores its position. It must never advance past an
//! event that the broker has not acknowledged, unless the event is too large and is stored as a dead letter. If the broker
//! lost events, the relay publishes the whole log again.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_nats::jetstream::stream::Stream as JetStream;
use futures::{StreamExt, future};
use lcr_contracts::{Failure, events::Stream};
use lcr_model::backoff::with_jitter;
use lcr_store::{Leader, Store, relay::RelayPosition};
use tokio::time;

use crate::nats::{NatsBus, durable_consumer, oversized, publish, replay, stream_names, unavailable};

/// How often the log is read without a notification: another replica's notification can be lost.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// The wait after a failure.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// The shortest time between two commit reports of a replica that is not the leader.
const REPORT_INTERVAL: Duration = Duration::from_millis(10);
/// How often to check that the broker still has what it acknowledged, even without a new connection.
const CHECK_INTERVAL: Duration = Duration::from_secs(30);

/// Runs for ever: waits to become the leader, then relays until it loses the lease.
pub(crate) async fn run(bus: NatsBus, store: Store) {
    let is_leader = AtomicBool::new(false);
    future::join(lead(&bus, &store, &is_leader), report_commits(&bus, &store, &is_leader)).await;
}

async fn lead(bus: &NatsBus, store: &Store, is_leader: &AtomicBool) {
    let mut leader = Leader::new(store.clone(), "relay");
    loop {
        leader.acquire().await;
        is_leader.store(true, Ordering::Relaxed);
        let work = future::select(Box::pin(work_as_leader(bus, store)), Box::pin(leader.lost())).await;
        is_leader.store(false, Ordering::Relaxed);
        if let future::Either::Left((Err(failure), _)) = work {
            let owner = store.outbox().owner();
            tracing::warn!(owner, cause = failure.inward(), "the relay failed and tries again");
        }
        time::sleep(with_jitter(RETRY_DELAY)).await;
    }
}

/// Notifies the leader of this replica's commits. A lost notification costs one `POLL_INTERVAL`, never an event.
async fn report_commits(bus: &NatsBus, store: &Store, is_leader: &AtomicBool) {
    let (mut commits, subject) = (store.outbox().wakes(), stream_names::commit_subject(store.outbox().owner()));
    while commits.changed().await.is_ok() {
        if !is_leader.load(Ordering::Relaxed) {
            let _ = bus.client.publish(subject.clone(), "".into()).await;
        }
        time::sleep(REPORT_INTERVAL).await;
    }
}

/// Relays new events and serves replays side by side, until something fails.
async fn work_as_leader(bus: &NatsBus, store: &Store) -> Result<(), Failure> {
    let new = async {
        loop {
            relay_until_check(bus, store).await?;
        }
    };
    let replays = async {
        bus.ensure_streams().await?;
        let requests = replay::open_requests(&bus.jetstream, store.outbox().owner()).await?;
        loop {
            replay::serve(&bus.jetstream, store, &requests).await?;
        }
    };
    future::try_join::<_, _>(new, replays).await.map(|((), ())| ())
}

/// Verifies every stream, because the broker may have lost events of a quiet one, then relays new events until the next
/// check is due.
async fn relay_until_check(bus: &NatsBus, store: &Store) -> Result<(), Failure> {
    let mut gaps = bus.gaps.clone();
    gaps.mark_unchanged();
    bus.ensure_streams().await?;
    for stream in Stream::ALL {
        verified_position(bus, store, stream).await?;
    }
    let due = time::Instant::now() + CHECK_INTERVAL;
    let mut wakes = store.outbox().wakes();
    let reports = bus.client.subscribe(stream_names::commit_subject(store.outbox().owner())).await;
    let mut reports = reports.map_err(|e| unavailable(&e))?;
    let mut seen = -1;
    while time::Instant::now() < due && !gaps.has_changed().unwrap_or(true) {
        wakes.mark_unchanged();
        let newest = store.outbox().newest().await?;
        oversized::publish_retried(bus, store).await?;
        if newest > seen {
            for stream in Stream::ALL {
                relay_stream(bus, store, stream).await?;
            }
            seen = newest;
        }
        tokio::select! {
            _ = wakes.changed() => {}
            report = reports.next() => {
                report.ok_or_else(|| unavailable(&"the subscription to reports of commits ended"))?;
            }
            () = time::sleep(POLL_INTERVAL) => {}
        }
    }
    Ok(())
}

/// The relay position, if the broker still has the message it acknowledged last. If not, the position starts over with new
/// message ids, so that the broker does not drop the events as duplicates.
async fn verified_position(bus: &NatsBus, store: &Store, stream: Stream) -> Result<RelayPosition, Failure> {
    let position = store.relay_position(stream).await?;
    let broker_stream = bus.jetstream.get_stream(stream.name()).await.map_err(|e| unavailable(&e))?;
    let created = broker_stream.cached_info().created.to_string();
    if position.seq == 0 {
        return Ok(RelayPosition { made: created, ..position });
    }
    if position.made == created && broker_has(&broker_stream, &position).await? {
        return Ok(position);
    }
    let stream_name = stream.name();
    tracing::error!(alarm = "bus-lost-events", stream = stream_name, "the log is published from its beginning");
    durable_consumer::delete_consumers(&broker_stream).await?;
    let start = RelayPosition { made: created, round: position.round + 1, ..RelayPosition::default() };
    store.set_relay_position(stream, start.clone()).await?;
    Ok(start)
}

/// Whether the last acknowledged message is there or has expired. A loss always includes the end of the stream.
async fn broker_has(broker_stream: &JetStream, position: &RelayPosition) -> Result<bool, Failure> {
    let (state, acked) = (&broker_stream.cached_info().state, position.acked.unsigned_abs());
    // Nothing was acknowledged yet, so nothing can be lost.
    if acked == 0 {
        return Ok(true);
    }
    if state.last_sequence < acked {
        return Ok(false);
    }
    if state.first_sequence > acked {
        return Ok(true);
    }
    let message = broker_stream.get_raw_message(acked).await.map_err(|e| unavailable(&e))?;
    Ok(message.headers.get("Nats-Msg-Id").is_some_and(|id| id.as_str() == position.acked_id))
}

/// Publishes all unacknowledged events of `stream`. Acknowledgements count only if the connection has not changed since we
/// checked the broker: after a loss they would hide it.
async fn relay_stream(bus: &NatsBus, store: &Store, stream: Stream) -> Result<(), Failure> {
    loop {
        let position = store.relay_position(stream).await?;
        let new = store.outbox().after(stream, position.seq, 1).await?;
        if new.is_empty() {
            return Ok(());
        }
        let connection = bus.connection();
        let mut position = verified_position(bus, store, stream).await?;
        let rows = store.outbox().after(stream, position.seq, publish::CHUNK).await?;
        let sent = publish::publish_round(&bus.jetstream, &rows, position.round).await?;
        if bus.connection() != connection {
            return Err(unavailable(&"connected anew while sending"));
        }
        position.seq = rows.last().map_or(position.seq, |last| last.seq);
        if let Some((row, ack)) = sent.last_accepted {
            position.acked = i64::try_from(ack.sequence).unwrap_or(i64::MAX);
            position.acked_id = publish::message_id(row, position.round);
        }
        store.set_relay_position_past(stream, position, oversized::to_oversized(&sent.too_large)).await?;
    }
}
