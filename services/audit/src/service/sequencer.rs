//! The sequencer: gives committed entries their place in the tree within a second, and signs how large it is now.
//! It is not in the path of a view. One replica's leads; one that lost the race for a size changes nothing.

use std::{collections::HashMap, sync::Arc, time::Duration};

use lcr_contracts::{Failure, audit::LogState};
use lcr_runtime::Stop;
use lcr_store::{Leader, Store};
use sea_orm::{ConnectionTrait, DbErr};
use signed_note::{Note, Signer, StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Hash, HashReader, record_hash, stored_hash_index, stored_hashes_for_record_hash,
    sub_tree_index, tree_hash,
};
use tokio::sync::Notify;

use crate::{
    domain::leaf::{LeafKind, commitment},
    store::{self, tree},
};

/// The most entries one step takes in.
const STEP: u64 = 2000;
/// Entries that come close together get their places together.
const SETTLE: Duration = Duration::from_millis(100);
/// Unplaced entries queued in one write.
const AT_ONCE: usize = 200;
/// Looked at even when nothing woke it: another replica may have appended.
const AT_LEAST: Duration = Duration::from_millis(500);

/// Grows the tree.
#[derive(Clone)]
pub struct Sequencer {
    pub store: Store,
    pub signer: Arc<StandardSigner>,
    /// The signer's own public half.
    pub verifier: String,
    /// Told after each append.
    pub woken: Arc<Notify>,
    pub stop: Stop,
}

impl Sequencer {
    pub async fn run(self) {
        let mut leader = Leader::new(self.store.clone(), "sequencer");
        let mut looked_through = false;
        while !self.stop.is_cancelled() {
            if !leader.leads().await {
                self.rest().await;
                continue;
            }
            if !looked_through {
                looked_through = self.find_the_unplaced().await;
            }
            match self.step().await {
                Ok(taken) if taken == STEP => {}
                Ok(_) => self.rest().await,
                Err(error) => {
                    tracing::error!(cause = lcr_store::kind_of(&error), "the tree did not grow");
                    self.rest().await;
                }
            }
        }
    }

    /// Whether it looked through all of the log for entries that are neither in the tree nor waiting: somebody was at the queue. They get their places now. They are
    /// looked for where reads are, so that no view waits for it.
    async fn find_the_unplaced(&self) -> bool {
        let found = match tree::find_unplaced(self.store.read()).await {
            Ok(found) => found,
            Err(error) => {
                let cause = lcr_store::cause_of(&error);
                tracing::error!(cause, "the log could not be looked through for entries without a place");
                return false;
            }
        };
        let (mut count, mut well) = (0, true);
        for some in found.chunks(AT_ONCE) {
            let some = some.to_vec();
            let queued = self
                .store
                .write::<_, DbErr, _>(move |tx| Box::pin(async move { tree::queue(tx, &some).await }));
            match queued.await {
                Ok(queued) => count += queued,
                Err(error) => {
                    well = false;
                    let cause = Failure::from(error);
                    tracing::error!(cause = cause.inward(), "entries without a place were not queued");
                }
            }
        }
        if count > 0 {
            tracing::error!(alarm = "log-unplaced", count, "entries had no place and were not waiting");
        }
        well
    }

    async fn rest(&self) {
        tokio::select! {
            () = self.woken.notified() => tokio::time::sleep(SETTLE).await,
            () = tokio::time::sleep(AT_LEAST) => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// Takes in what waits; returns how many. The first step of all signs the empty tree.
    async fn step(&self) -> Result<u64, DbErr> {
        let me = self.clone();
        let grown = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let (size, note) = tree::head(tx).await?;
                let waiting = tree::waiting(tx, STEP).await?;
                if waiting.is_empty() && !note.is_empty() {
                    return Ok(0);
                }
                let taken = u64::try_from(waiting.len()).unwrap_or(0);
                tree::grow(tx, me.growth(tx, size, &note, waiting).await?).await?;
                Ok(taken)
            })
        });
        grown.await.map_err(|error| match error {
            lcr_store::WriteError::Work(error) => error,
            lcr_store::WriteError::NotCommitted => DbErr::Custom("not committed".into()),
        })
    }

    async fn growth(
        &self,
        tx: &impl ConnectionTrait,
        from: u64,
        note: &str,
        waiting: Vec<tree::pending::Model>,
    ) -> Result<tree::Growth, DbErr> {
        let mut known = Known(edge(tx, from).await?);
        self.stands(from, note, &known)?;
        let (mut leaves, mut nodes) = (vec![], vec![]);
        let taken = waiting.iter().map(|row| row.seq).collect();
        for (place, row) in (from..).zip(waiting) {
            let leaf = leaf(tx, place, row).await?;
            let hash = record_hash(&leaf.commitment);
            let added = stored_hashes_for_record_hash(place, hash, &known).map_err(broken)?;
            for (at, hash) in (stored_hash_index(0, place)..).zip(added) {
                known.0.insert(at, hash);
                nodes.push((at, hash));
            }
            leaves.push(leaf);
        }
        let size = from + u64::try_from(leaves.len()).unwrap_or(0);
        let root = tree_hash(size, &known).map_err(broken)?;
        let note = self.sign(size, root)?;
        Ok(tree::Growth { from, leaves, nodes, note, taken })
    }

    /// Whether what the tree is about to grow from is what was signed. A history that was rewritten in the database is
    /// never signed by going on from it.
    fn stands(&self, size: u64, note: &str, edge: &Known) -> Result<(), DbErr> {
        if note.is_empty() && size == 0 {
            return Ok(());
        }
        let root = tree_hash(size, edge).map_err(broken)?;
        let signed = self.signed(note).filter(|held| held.size() == size && *held.hash() == root);
        if signed.is_none() {
            tracing::error!(
                alarm = "log-rewritten",
                size,
                "the tree is not what was signed; it does not grow"
            );
            return Err(DbErr::Custom("the tree is not what was signed".into()));
        }
        Ok(())
    }

    /// The checkpoint in a note, if the signature is our own.
    fn signed(&self, note: &str) -> Option<Checkpoint> {
        let note = Note::from_bytes(note.as_bytes()).ok()?;
        let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&self.verifier).ok()?)]);
        note.verify(&known).ok()?;
        Checkpoint::from_bytes(note.text()).ok()
    }

    /// A signed note after C2SP `tlog-checkpoint`; the origin is the key's name.
    fn sign(&self, size: u64, root: Hash) -> Result<String, DbErr> {
        let checkpoint = Checkpoint::new(self.signer.name(), size, root, "").map_err(broken)?;
        let mut note = Note::new(&checkpoint.to_bytes(), &[]).map_err(broken)?;
        note.add_sigs(&[self.signer.as_ref()]).map_err(broken)?;
        String::from_utf8(note.to_bytes()).map_err(broken)
    }
}

fn broken(error: impl std::fmt::Debug) -> DbErr {
    DbErr::Custom(format!("the tree does not hold: {error:?}"))
}

async fn leaf(
    tx: &impl ConnectionTrait,
    place: u64,
    row: tree::pending::Model,
) -> Result<tree::leaf::Model, DbErr> {
    let kind = if row.kind == LeafKind::Opened.as_str() { LeafKind::Opened } else { LeafKind::Completed };
    let canonical = store::canonical(tx, kind, row.id).await?;
    let canonical =
        canonical.ok_or_else(|| DbErr::Custom("an entry is gone before it had a place".into()))?;
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).map_err(|_| DbErr::Custom("no randomness".into()))?;
    Ok(tree::leaf::Model {
        place: i64::try_from(place).map_err(broken)?,
        kind: row.kind,
        id: row.id,
        salt: salt.to_vec(),
        commitment: commitment(&salt, &canonical).to_vec(),
    })
}

/// The hashes that a tree of `size` grows from: its right edge.
async fn edge(tx: &impl ConnectionTrait, size: u64) -> Result<HashMap<u64, Hash>, DbErr> {
    tree::hashes(tx, &sub_tree_index(0, size, vec![])).await
}

/// Hashes in hand, by their places.
struct Known(HashMap<u64, Hash>);

impl HashReader for Known {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let find = |at: &u64| self.0.get(at).copied().ok_or(tlog_tiles::Error::IndexesNotInTree);
        indexes.iter().map(find).collect()
    }
}

/// Where the tree stands.
pub async fn state(store: &Store) -> Result<LogState, Failure> {
    let away = |error: DbErr| lcr_store::unavailable(&error);
    let (size, checkpoint) = tree::head(store.read()).await.map_err(away)?;
    let waiting = tree::waiting_count(store.read()).await.map_err(away)?;
    Ok(LogState { size, waiting, checkpoint })
}
