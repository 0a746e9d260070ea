//! Events of an owner's log that the broker does not take: dead letters of the owner, in its own store, counted, listed
//! and brought back like those of a consumer. Nothing here may let one go before the broker has acknowledged it.

use lcr_contracts::{Failure, events::Stream};
use lcr_store::{KeptBack, OutboxRow, Store};

use super::{NatsBus, send, streams};
use crate::DeadLetter;

const TOO_LARGE: &str = "too-large: the bus takes no message of this size";

/// What is to be kept of rows that are too large.
pub(crate) fn letters(rows: &[&OutboxRow]) -> Vec<KeptBack> {
    let letter = |row: &&OutboxRow| {
        tracing::error!(alarm = "too-large", event = %row.event.id, "an event is too large for the bus and is kept back");
        let letter = DeadLetter::new(&row.event, TOO_LARGE);
        KeptBack { row: (*row).clone(), cause: letter.cause, at: letter.at }
    };
    rows.iter().map(letter).collect()
}

/// How many of the log, and the oldest.
pub(crate) async fn list(log: &Store, stream: Stream) -> Result<(u64, Vec<DeadLetter>), Failure> {
    let (count, kept) = log.kept_back(stream).await.map_err(|e| lcr_store::failed(&e))?;
    let letters =
        kept.into_iter().map(|one| DeadLetter { event: one.row.event, cause: one.cause, at: one.at });
    Ok((count, letters.collect()))
}

/// Has the relay send them again, as many as are listed.
pub(crate) async fn revive(log: &Store, stream: Stream) -> Result<u64, Failure> {
    let (_, kept) = log.kept_back(stream).await.map_err(|e| lcr_store::failed(&e))?;
    let seqs: Vec<i64> = kept.iter().map(|one| one.row.seq).collect();
    let count = seqs.len() as u64;
    log.revive(seqs).await?;
    Ok(count)
}

/// The relay's part: what is wanted again is sent again, and kept back again when it is still too large.
pub(crate) async fn send_again(bus: &NatsBus, log: &Store) -> Result<(), Failure> {
    let rows: Vec<OutboxRow> =
        log.revived().await.map_err(|e| lcr_store::failed(&e))?.into_iter().map(|one| one.row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let messages = rows.iter().map(|row| (streams::subject(&row.event), None, row));
    let sent = send::publish(&bus.jetstream, messages).await?;
    log.keep_back(letters(&sent.too_large)).await?;
    // Those that are kept back again are no longer revived, and stay.
    log.forget_kept_back(rows.iter().map(|row| row.seq).collect()).await?;
    Ok(())
}
