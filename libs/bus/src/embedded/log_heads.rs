//! Follows one owner's log: after a commit it reads once which streams grew, for all subscriptions of the process. It may
//! report a row late, but must never miss one for good.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use lcr_contracts::events::Stream;
use lcr_store::{Outbox, StoreError};
use tokio::sync::watch;

/// How often the log is read without a commit, in case a read failed.
const INTERVAL: Duration = Duration::from_secs(5);

/// The last row of each stream of one log.
pub(crate) type Heads = BTreeMap<Stream, i64>;

/// Follows the log until the last receiver is dropped.
pub(crate) fn follow(outbox: Arc<Outbox>) -> watch::Receiver<Heads> {
    let (heads, receiver) = watch::channel(Heads::new());
    tokio::spawn(run(outbox, heads));
    receiver
}

async fn run(outbox: Arc<Outbox>, heads: watch::Sender<Heads>) {
    let (mut commits, mut newest) = (outbox.wakes(), None);
    loop {
        commits.mark_unchanged();
        match read_grown(&outbox, newest).await {
            Ok((seen, grown)) => {
                newest = Some(seen);
                if !grown.is_empty() {
                    heads.send_modify(|heads| heads.extend(grown));
                }
            }
            Err(error) => tracing::warn!(owner = outbox.owner(), cause = error.kind(), "a log cannot be read"),
        }
        tokio::select! {
            () = heads.closed() => return,
            _ = tokio::time::timeout(INTERVAL, commits.changed()) => {}
        }
    }
}

/// How far the log is read then, and the heads of the streams that have rows after `newest`; of all streams at the start.
async fn read_grown(outbox: &Outbox, newest: Option<i64>) -> Result<(i64, Heads), StoreError> {
    if let Some(newest) = newest {
        let grown: Heads = outbox.heads_after(newest).await?.into_iter().collect();
        return Ok((grown.values().copied().max().unwrap_or(newest), grown));
    }
    // Read before the heads: a row that is committed between them is reported twice, and none is passed over.
    let (newest, mut heads) = (outbox.newest().await?, Heads::new());
    for stream in Stream::ALL {
        heads.insert(stream, outbox.head(stream).await?);
    }
    Ok((newest, heads))
}
