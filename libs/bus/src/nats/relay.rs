//! The relay: hands the owner's log to the broker, in order, and remembers how far. It never advances past an event
//! the broker has neither acknowledged nor can take, which is then kept back; and it hands everything over again when
//! the broker has lost some of it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_nats::jetstream::stream::Stream as Held;
use futures::{StreamExt, future};
use lcr_contracts::{Failure, events::Stream};
use lcr_store::{Leader, Store, relay::Mark};
use tokio::time;

use super::{NatsBus, away, back, consumer, replay, send, streams};
use crate::run::jittered;

/// Rows that are sent before their acknowledgements are awaited.
pub(crate) const CHUNK: u64 = 500;
/// How often the log is read although nobody said that it grew: a message of another replica can be lost.
const LOOK: Duration = Duration::from_millis(500);
/// A relay that failed waits so long before it tries again.
const RETRY: Duration = Duration::from_millis(100);
/// Replicas that do not lead report at most once in so long that they committed.
const REPORT: Duration = Duration::from_millis(10);
/// How often the broker is asked whether it still has what it acknowledged, without a new connection as a reason.
const CHECK: Duration = Duration::from_secs(30);

/// For ever: waits for its turn among the replicas, then works until it loses it.
pub(crate) async fn run(bus: NatsBus, store: Store) {
    let leads = AtomicBool::new(false);
    future::join(lead(&bus, &store, &leads), report_commits(&bus, &store, &leads)).await;
}

async fn lead(bus: &NatsBus, store: &Store, leads: &AtomicBool) {
    let mut leader = Leader::new(store.clone(), "relay");
    loop {
        leader.turn().await;
        leads.store(true, Ordering::Relaxed);
        let work = future::select(Box::pin(turn(bus, store)), Box::pin(leader.lost())).await;
        leads.store(false, Ordering::Relaxed);
        if let future::Either::Left((Err(failure), _)) = work {
            let owner = store.outbox().owner();
            tracing::warn!(owner, cause = failure.inward(), "the relay waits");
        }
        time::sleep(jittered(RETRY)).await;
    }
}

/// Tells the replica that leads when this one committed. A lost message costs one `LOOK`, never an event.
async fn report_commits(bus: &NatsBus, store: &Store, leads: &AtomicBool) {
    let (mut commits, subject) = (store.outbox().wakes(), streams::committed(store.outbox().owner()));
    while commits.changed().await.is_ok() {
        if !leads.load(Ordering::Relaxed) {
            let _ = bus.client.publish(subject.clone(), "".into()).await;
        }
        time::sleep(REPORT).await;
    }
}

/// Works until something fails. Handing over and serving replays go on side by side.
async fn turn(bus: &NatsBus, store: &Store) -> Result<(), Failure> {
    let new = async {
        loop {
            watch_over(bus, store).await?;
        }
    };
    let replays = async {
        bus.prepare().await?;
        let requests = replay::open(&bus.jetstream, store.outbox().owner()).await?;
        loop {
            replay::serve(&bus.jetstream, store, &requests).await?;
        }
    };
    future::try_join::<_, _>(new, replays).await.map(|((), ())| ())
}

/// Hands over what comes, having looked at every stream first: the broker may have lost some of one that is quiet.
async fn watch_over(bus: &NatsBus, store: &Store) -> Result<(), Failure> {
    let mut gaps = bus.gaps.clone();
    gaps.mark_unchanged();
    bus.prepare().await?;
    for stream in Stream::ALL {
        intact(bus, store, stream).await?;
    }
    let due = time::Instant::now() + CHECK;
    let mut wakes = store.outbox().wakes();
    let reported = bus.client.subscribe(streams::committed(store.outbox().owner())).await;
    let mut reported = reported.map_err(|e| away(&e))?;
    let mut seen = -1;
    while time::Instant::now() < due && !gaps.has_changed().unwrap_or(true) {
        wakes.mark_unchanged();
        let newest = store.outbox().newest().await.map_err(|e| lcr_store::failed(&e))?;
        back::send_again(bus, store).await?;
        if newest > seen {
            for stream in Stream::ALL {
                drain(bus, store, stream).await?;
            }
            seen = newest;
        }
        tokio::select! {
            _ = wakes.changed() => {}
            report = reported.next() => {
                report.ok_or_else(|| away(&"the subscription to reports of commits ended"))?;
            }
            () = time::sleep(LOOK) => {}
        }
    }
    Ok(())
}

/// The mark, once the broker still has what it acknowledged last; if it has not, the log starts over under new
/// message ids, which the broker cannot take for duplicates.
async fn intact(bus: &NatsBus, store: &Store, stream: Stream) -> Result<Mark, Failure> {
    let mark = store.relayed(stream).await.map_err(|e| lcr_store::failed(&e))?;
    let held = bus.jetstream.get_stream(stream.name()).await.map_err(|e| away(&e))?;
    let made = held.cached_info().created.to_string();
    if mark.seq == 0 {
        return Ok(Mark { made, ..mark });
    }
    if mark.made == made && holds(&held, &mark).await? {
        return Ok(mark);
    }
    let stream_name = stream.name();
    tracing::error!(
        alarm = "bus-lost-events",
        stream = stream_name,
        "the log is handed over from its beginning"
    );
    consumer::forget_all(&held).await?;
    let again = Mark { made, round: mark.round + 1, ..Mark::default() };
    store.set_relayed(stream, again.clone()).await?;
    Ok(again)
}

/// The last acknowledged message is there, or has expired. What is lost is always the end, so this one tells.
async fn holds(held: &Held, mark: &Mark) -> Result<bool, Failure> {
    let (state, acked) = (&held.cached_info().state, mark.acked.unsigned_abs());
    // Nothing of it was ever acknowledged: there is nothing to have been lost.
    if acked == 0 {
        return Ok(true);
    }
    if state.last_sequence < acked {
        return Ok(false);
    }
    if state.first_sequence > acked {
        return Ok(true);
    }
    let message = held.get_raw_message(acked).await.map_err(|e| away(&e))?;
    Ok(message.headers.get("Nats-Msg-Id").is_some_and(|id| id.as_str() == mark.acked_id))
}

/// Hands over everything of `stream` that the broker has not acknowledged. What was acknowledged counts only if
/// nothing has happened to the connection since the broker was looked at: else it could be the first thing that came
/// after a loss, and hide it.
async fn drain(bus: &NatsBus, store: &Store, stream: Stream) -> Result<(), Failure> {
    loop {
        let mark = store.relayed(stream).await.map_err(|e| lcr_store::failed(&e))?;
        let new = store.outbox().after(stream, mark.seq, 1).await.map_err(|e| lcr_store::failed(&e))?;
        if new.is_empty() {
            return Ok(());
        }
        let connection = bus.connection();
        let mut mark = intact(bus, store, stream).await?;
        let rows = store.outbox().after(stream, mark.seq, CHUNK).await;
        let rows = rows.map_err(|e| lcr_store::failed(&e))?;
        let sent = send::in_round(&bus.jetstream, &rows, mark.round).await?;
        if bus.connection() != connection {
            return Err(away(&"connected anew while sending"));
        }
        mark.seq = rows.last().map_or(mark.seq, |last| last.seq);
        if let Some((row, ack)) = sent.last {
            mark.acked = i64::try_from(ack.sequence).unwrap_or(i64::MAX);
            mark.acked_id = send::id(row, mark.round);
        }
        store.set_relayed_but(stream, mark, back::letters(&sent.too_large)).await?;
    }
}
