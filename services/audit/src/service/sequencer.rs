//! The sequencer: gives each committed entry a place in the Merkle tree within a second, and signs the new size and root.
//! `merkle_tree` computes the root. The sequencer must never delay a view, and must never sign a rewritten history.
//! One replica leads; a replica that loses the race for a size changes nothing.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use lcr_contracts::{Failure, audit::LogState};
use lcr_model::Clock;
use lcr_runtime::Stop;
use lcr_store::{Leader, Store, db_failure};
use sea_orm::{ConnectionTrait, DbErr};
use signed_note::StandardSigner;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    checkpoint::{self, SignedHead},
    checkpoint_monitor::CheckpointMonitor,
    merkle_tree::{LoadedHashes, tree_error},
};
use crate::{
    domain::{
        checkpoint_times::CheckpointTimes,
        leaf::{LeafKind, commitment},
        row_code::RowKey,
    },
    store::{self, CanonicalRow, tree},
};

/// The most entries in one batch.
const BATCH_SIZE: u64 = 2000;
/// How long to wait after an append, so that entries that arrive together are sequenced together.
const GATHER_DELAY: Duration = Duration::from_millis(100);
/// The most unsequenced rows queued in one write.
const QUEUE_CHUNK: usize = 200;
/// How often to look for entries that another replica appended.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// The same where no other process appends: only an old checkpoint and a failed batch wait for it.
const OWN_POLL_INTERVAL: Duration = Duration::from_secs(2);
/// How often to import sign-ins that the previous version stored, while it may still run.
const LOGIN_IMPORT_INTERVAL: Duration = Duration::from_mins(1);
/// A checkpoint older than this is signed again without new entries: its age shows that the sequencer works.
const RESIGN_AFTER_SECONDS: i64 = 10;

/// The rows behind a part of the queue.
struct QueuedRows {
    canonical: HashMap<(LeafKind, Uuid), CanonicalRow>,
    /// Those that have a leaf already.
    in_tree: HashSet<Uuid>,
}

impl QueuedRows {
    async fn load(tx: &impl ConnectionTrait, queued: &[tree::pending::Model]) -> Result<Self, DbErr> {
        let leaf = |row: &tree::pending::Model| Some((LeafKind::from_name(&row.kind)?, row.id));
        let leaves: Vec<_> = queued.iter().filter_map(leaf).collect();
        let ids: Vec<Uuid> = leaves.iter().map(|(_, id)| *id).collect();
        let in_tree = tree::find_leaves(tx, &ids).await?.into_iter().map(|leaf| leaf.id).collect();
        Ok(Self { canonical: store::find_canonical(tx, &leaves).await?, in_tree })
    }
}

/// Grows the tree.
#[derive(Clone)]
pub struct Sequencer {
    pub store: Store,
    pub signer: Arc<StandardSigner>,
    /// The public key of `signer`.
    pub verifier: String,
    /// Notified after each append.
    pub wake: Arc<Notify>,
    pub stop: Stop,
    pub clock: Arc<dyn Clock>,
    pub key: RowKey,
    pub monitor: CheckpointMonitor,
}

impl Sequencer {
    pub async fn run(self) {
        let mut leader = Leader::new(self.store.clone(), "sequencer");
        let (mut scanned, mut logins_imported_at) = (false, None::<Instant>);
        while !self.stop.is_cancelled() {
            if !leader.is_leader().await || !self.monitor.can_grow().await {
                self.wait_for_work().await;
                continue;
            }
            if !scanned {
                scanned = self.queue_unsequenced().await;
            }
            if logins_imported_at.is_none_or(|at| at.elapsed() > LOGIN_IMPORT_INTERVAL) {
                logins_imported_at = self.import_logins().await.then(Instant::now);
            }
            match self.sequence_batch().await {
                Ok(taken) if taken == BATCH_SIZE => {}
                Ok(_) => self.wait_for_work().await,
                Err(error) => {
                    tracing::error!(cause = lcr_store::kind_of(&error), "the tree did not grow");
                    self.wait_for_work().await;
                }
            }
        }
    }

    /// Queues rows that are in neither the tree nor the queue, which means that the queue was tampered with, and retries
    /// refused rows. Returns whether the whole scan succeeded. It uses a read connection, so no view waits for it.
    async fn queue_unsequenced(&self) -> bool {
        let unsequenced = match tree::find_unsequenced(self.store.read()).await {
            Ok(unsequenced) => unsequenced,
            Err(error) => {
                let cause = lcr_store::cause_of(&error);
                tracing::error!(cause, "the scan for entries outside the tree and the queue failed");
                return false;
            }
        };
        let (mut count, mut succeeded) = (0, true);
        for chunk in unsequenced.chunks(QUEUE_CHUNK) {
            let (chunk, now) = (chunk.to_vec(), self.clock.now());
            let queued = self.store.write(async move |tx| tree::enqueue_unsequenced(&tx, &chunk, now).await);
            match queued.await {
                Ok(queued) => count += queued,
                Err(error) => {
                    succeeded = false;
                    let cause = Failure::from(error);
                    tracing::error!(cause = cause.inward(), "entries outside the tree were not queued");
                }
            }
        }
        let retry = self.store.write(async move |tx| tree::set_refused(&tx, None).await);
        succeeded &= retry.await.is_ok();
        if count > 0 {
            tracing::error!(alarm = "log-unplaced", count, "entries were in neither the tree nor the queue");
        }
        succeeded
    }

    /// Imports sign-ins that the previous version stored without a row in the log, while rows without a code are accepted.
    /// It waits until this version has signed, because the previous version's sequencer stops at an unknown kind of row.
    /// Returns whether it checked them.
    async fn import_logins(&self) -> bool {
        let (me, now) = (self.clone(), self.clock.now());
        let imported = self.store.write(async move |tx| {
            let (_, note) = tree::read_head(&tx).await?;
            let times = checkpoint::verify(&me.verifier, &note).and_then(|head| head.times);
            if times.is_none() {
                return Ok(false);
            }
            if !CheckpointTimes::accepts_uncoded_rows(times, now.as_second()) {
                return Ok(true);
            }
            let known: BTreeSet<_> = store::login_claim::read_all(&tx).await?.into_iter().collect();
            let mut missing = lcr_store::login::all(&tx).await?;
            missing.retain(|row| !known.contains(row));
            store::login_claim::append(&tx, &me.key, &missing, now).await.map(|()| true)
        });
        imported.await.unwrap_or_else(|error| {
            let cause = Failure::from(error);
            tracing::error!(cause = cause.inward(), "sign-ins of the previous version were not imported");
            true
        })
    }

    async fn wait_for_work(&self) {
        let interval = if self.store.is_shared() { POLL_INTERVAL } else { OWN_POLL_INTERVAL };
        tokio::select! {
            () = self.wake.notified() => tokio::time::sleep(GATHER_DELAY).await,
            () = tokio::time::sleep(interval) => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// Sequences queued entries and returns how many it took from the queue. The first batch signs the empty tree. An old
    /// checkpoint is signed again.
    async fn sequence_batch(&self) -> Result<u64, DbErr> {
        let me = self.clone();
        let grown = self.store.write(async move |tx| {
            let (size, note) = tree::read_head(&tx).await?;
            let queued = tree::read_queue(&tx, BATCH_SIZE).await?;
            let head = checkpoint::verify(&me.verifier, &note);
            if queued.is_empty() && head.is_some_and(|head| me.is_recent(head)) {
                return Ok((0, 0, note));
            }
            let taken = u64::try_from(queued.len()).unwrap_or(0);
            if let Some(head) = head
                && !me.monitor.extends_known(&tx, head).await?
            {
                return Err(DbErr::Custom("the tree does not extend what was signed".into()));
            }
            let growth = me.build_growth(&tx, size, &note, queued).await?;
            let (refused, note) = (growth.refused.len(), growth.note.clone());
            tree::grow(&tx, growth).await?;
            Ok((taken, refused, note))
        });
        let (taken, refused, note) = grown.await?;
        self.monitor.record_signed(&note).await;
        if refused > 0 {
            tracing::error!(alarm = "log-refused", refused, "rows of the queue are not the log's own");
        }
        Ok(taken)
    }

    fn is_recent(&self, head: SignedHead) -> bool {
        let now = self.clock.now().as_second();
        head.times.is_some_and(|times| now - times.signed_at < RESIGN_AFTER_SECONDS)
    }

    /// Builds the leaves, the tree's new hashes and the signed checkpoint for these queued rows.
    async fn build_growth(
        &self,
        tx: &impl ConnectionTrait,
        from_size: u64,
        note: &str,
        queued: Vec<tree::pending::Model>,
    ) -> Result<tree::Growth, DbErr> {
        if note.is_empty() && !tree::read_leaves(tx, 0, 1).await?.is_empty() {
            return Err(DbErr::Custom("the checkpoint of a log that has leaves is gone".into()));
        }
        let mut hashes = LoadedHashes::load_edge(tx, from_size).await?;
        let previous = self.verify_previous(from_size, note, &hashes)?;
        let now = self.clock.now().as_second();
        let accepts_uncoded = CheckpointTimes::accepts_uncoded_rows(previous, now);
        // A log that begins empty never had a version without codes.
        let is_new_log = note.is_empty() && queued.is_empty();
        let mut growth = tree::Growth { from_size, ..tree::Growth::default() };
        let rows = QueuedRows::load(tx, &queued).await?;
        for row in queued {
            let (leaf_index, seq) = (from_size + growth.leaves.len() as u64, row.seq);
            let Some(leaf) = self.build_leaf(&rows, leaf_index, row, accepts_uncoded)? else {
                growth.refused.push(seq);
                continue;
            };
            growth.nodes.extend(hashes.append(leaf_index, &leaf.commitment)?);
            growth.leaves.push(leaf);
            growth.dequeued.push(seq);
        }
        let size = from_size + growth.leaves.len() as u64;
        let times = if is_new_log { CheckpointTimes::for_new_log(now) } else { CheckpointTimes::next(previous, now) };
        growth.note = checkpoint::sign(&self.signer, size, hashes.root(size)?, times)?;
        Ok(growth)
    }

    /// The times of the last checkpoint. Fails if the stored tree is not exactly what it signed, so that a history
    /// rewritten in the database is never signed.
    fn verify_previous(&self, size: u64, note: &str, edge: &LoadedHashes) -> Result<Option<CheckpointTimes>, DbErr> {
        if note.is_empty() && size == 0 {
            return Ok(None);
        }
        let root = edge.root(size)?;
        let signed = checkpoint::verify(&self.verifier, note);
        let Some(head) = signed.filter(|head| (head.size, head.root) == (size, root)) else {
            tracing::error!(alarm = "log-rewritten", size, "the tree is not what was signed; it does not grow");
            return Err(DbErr::Custom("the tree is not what was signed".into()));
        };
        Ok(head.times)
    }

    /// The leaf of a queued row. `None` if the row is gone, is in the tree already, or has an invalid code.
    fn build_leaf(
        &self,
        rows: &QueuedRows,
        leaf_index: u64,
        row: tree::pending::Model,
        accepts_uncoded: bool,
    ) -> Result<Option<tree::leaf::Model>, DbErr> {
        let Some(kind) = LeafKind::from_name(&row.kind) else { return Ok(None) };
        let Some(canonical) = rows.canonical.get(&(kind, row.id)) else { return Ok(None) };
        let is_own = match &canonical.code {
            Some(code) => self.key.verify(&canonical.text, code),
            None => accepts_uncoded,
        };
        if !is_own || rows.in_tree.contains(&row.id) {
            return Ok(None);
        }
        let mut salt = [0_u8; 16];
        getrandom::fill(&mut salt).map_err(|_| DbErr::Custom("no randomness".into()))?;
        Ok(Some(tree::leaf::Model {
            place: i64::try_from(leaf_index).map_err(tree_error)?,
            kind: row.kind,
            id: row.id,
            salt: salt.to_vec(),
            commitment: commitment(&salt, &canonical.text).to_vec(),
        }))
    }
}

/// The size of the tree, its checkpoint and the length of the queue.
pub async fn log_state(store: &Store) -> Result<LogState, Failure> {
    let (size, checkpoint) = tree::read_head(store.read()).await.map_err(db_failure)?;
    let queue = tree::queue_state(store.read()).await?;
    Ok(LogState { size, waiting: queue.waiting, checkpoint })
}

#[cfg(test)]
#[path = "mixed_version_tests.rs"]
mod tests;
