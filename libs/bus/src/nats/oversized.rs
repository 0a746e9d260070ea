//! Events too large for the broker: dead letters of their owner, in its own store, counted, listed and redelivered like a
//! consumer's. No code here may delete one before the broker has acknowledged it.

use lcr_contracts::{Failure, events::Stream};
use lcr_store::{OutboxRow, OversizedEvent, Store, db_failure};

use crate::{
    DeadLetter,
    nats::{NatsBus, publish, stream_names},
};

const TOO_LARGE: &str = "too-large: the bus takes no message of this size";

/// The dead letters for rows that are too large.
pub(crate) fn to_oversized(rows: &[&OutboxRow]) -> Vec<OversizedEvent> {
    let letter = |row: &&OutboxRow| {
        tracing::error!(alarm = "too-large", event = %row.event.id, "an event is too large for the bus; it is stored as a dead letter");
        let letter = DeadLetter::new(&row.event, TOO_LARGE);
        OversizedEvent { row: (*row).clone(), cause: letter.cause, at: letter.at }
    };
    rows.iter().map(letter).collect()
}

/// The number of oversized events in the log, and the oldest.
pub(crate) async fn list(log: &Store, stream: Stream) -> Result<(u64, Vec<DeadLetter>), Failure> {
    let (count, events) = log.oversized(stream).await.map_err(db_failure)?;
    let letters = events.into_iter().map(|one| DeadLetter { event: one.row.event, cause: one.cause, at: one.at });
    Ok((count, letters.collect()))
}

/// Marks the listed events for another attempt by the relay. Returns how many.
pub(crate) async fn retry(log: &Store, stream: Stream) -> Result<u64, Failure> {
    let (_, events) = log.oversized(stream).await.map_err(db_failure)?;
    let seqs: Vec<i64> = events.iter().map(|event| event.row.seq).collect();
    let count = seqs.len() as u64;
    log.retry_oversized(seqs).await?;
    Ok(count)
}

/// Publishes the marked events. Those that are still too large stay.
pub(crate) async fn publish_retried(bus: &NatsBus, log: &Store) -> Result<(), Failure> {
    let rows: Vec<OutboxRow> = log.oversized_to_retry().await?.into_iter().map(|one| one.row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let messages = rows.iter().map(|row| (stream_names::subject(&row.event), None, row));
    let sent = publish::publish(&bus.jetstream, messages).await?;
    log.store_oversized(to_oversized(&sent.too_large)).await?;
    // Deletes only marked rows: those stored again above are no longer marked.
    log.delete_oversized(rows.iter().map(|row| row.seq).collect()).await?;
    Ok(())
}
