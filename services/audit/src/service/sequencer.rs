//! The sequencer: gives committed entries their place in the tree within a second, and signs how large it is now.
//! It is not in the path of a view. One replica's leads; one that lost the race for a size changes nothing.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use lcr_contracts::{Failure, audit::LogState};
use lcr_model::Clock;
use lcr_runtime::Stop;
use lcr_store::{Leader, Store};
use sea_orm::{ConnectionTrait, DbErr};
use signed_note::{Note, Signer, StandardSigner};
use tlog_tiles::{
    Checkpoint, Hash, record_hash, stored_hash_index, stored_hashes_for_record_hash, sub_tree_index,
    tree_hash,
};
use tokio::sync::Notify;

use super::watch::{Head, Known, Watch, verified};
use crate::{
    domain::{
        code::RowKey,
        leaf::{LeafKind, commitment},
        moment::Moment,
    },
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
/// How often sign-ins that the version before keeps are taken in, while it may still run.
const LOGINS: Duration = Duration::from_mins(1);
/// A checkpoint as old as this is signed again though nothing was added: its age tells everybody that the tree moves.
const SIGN_AGAIN: i64 = 10;

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
    pub clock: Arc<dyn Clock>,
    pub key: RowKey,
    pub watch: Watch,
}

impl Sequencer {
    pub async fn run(self) {
        let mut leader = Leader::new(self.store.clone(), "sequencer");
        let (mut looked_through, mut logins_at) = (false, None::<Instant>);
        while !self.stop.is_cancelled() {
            if !leader.leads().await {
                self.rest().await;
                continue;
            }
            if !self.watch.may_grow().await {
                self.rest().await;
                continue;
            }
            if !looked_through {
                looked_through = self.find_the_unplaced().await;
            }
            if logins_at.is_none_or(|at| at.elapsed() > LOGINS) {
                logins_at = self.take_in_logins().await.then(Instant::now);
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

    /// Queues rows that are in neither the tree nor the queue, which means that the queue was tampered with. Looks again
    /// at refused rows. Returns whether the whole scan succeeded. It reads where reads are: no view waits for it.
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
            let (some, now) = (some.to_vec(), self.clock.now());
            let queued = self
                .store
                .write::<_, DbErr, _>(move |tx| Box::pin(async move { tree::queue(tx, &some, now).await }));
            match queued.await {
                Ok(queued) => count += queued,
                Err(error) => {
                    well = false;
                    let cause = Failure::from(error);
                    tracing::error!(cause = cause.inward(), "entries without a place were not queued");
                }
            }
        }
        let again =
            self.store.write::<_, DbErr, _>(|tx| Box::pin(async move { tree::refuse(tx, None).await }));
        well &= again.await.is_ok();
        if count > 0 {
            tracing::error!(alarm = "log-unplaced", count, "entries had no place and were not waiting");
        }
        well
    }

    /// Sign-ins that the version before keeps have no changes in the log: they get them while rows without a code are
    /// taken. Not before this version has signed: a sequencer of the version before stops at a kind of row that it does not
    /// know. Returns whether they were looked at.
    async fn take_in_logins(&self) -> bool {
        let (me, now) = (self.clone(), self.clock.now());
        let taken = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let (_, note) = tree::head(tx).await?;
                let before = verified(&me.verifier, &note).and_then(|head| head.moment);
                if before.is_none() {
                    return Ok(false);
                }
                if !Moment::takes_bare_rows(before, now.as_second()) {
                    return Ok(true);
                }
                let known: BTreeSet<_> = store::claim::all(tx).await?.into_iter().collect();
                let mut missing = lcr_store::login::all(tx).await?;
                missing.retain(|row| !known.contains(row));
                store::claim::keep(tx, &me.key, &missing, now).await.map(|()| true)
            })
        });
        taken.await.unwrap_or_else(|error| {
            let cause = Failure::from(error);
            tracing::error!(cause = cause.inward(), "sign-ins of the version before were not taken in");
            true
        })
    }

    async fn rest(&self) {
        tokio::select! {
            () = self.woken.notified() => tokio::time::sleep(SETTLE).await,
            () = tokio::time::sleep(AT_LEAST) => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// Takes in what waits; returns how many. The first step of all signs the empty tree, and an old checkpoint is
    /// signed again.
    async fn step(&self) -> Result<u64, DbErr> {
        let me = self.clone();
        let grown = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let (size, note) = tree::head(tx).await?;
                let waiting = tree::waiting(tx, STEP).await?;
                let before = verified(&me.verifier, &note);
                if waiting.is_empty() && before.is_some_and(|head| me.is_young(head)) {
                    return Ok((0, 0, note));
                }
                let taken = u64::try_from(waiting.len()).unwrap_or(0);
                if let Some(before) = before
                    && !me.watch.knows(tx, before).await?
                {
                    return Err(DbErr::Custom("the tree does not extend what was signed".into()));
                }
                let growth = me.growth(tx, size, &note, waiting).await?;
                let (refused, note) = (growth.refused.len(), growth.note.clone());
                tree::grow(tx, growth).await?;
                Ok((taken, refused, note))
            })
        });
        let (taken, refused, note) = grown.await.map_err(|error| match error {
            lcr_store::WriteError::Work(error) => error,
            lcr_store::WriteError::NotCommitted => DbErr::Custom("not committed".into()),
        })?;
        self.watch.signed(&note).await;
        if refused > 0 {
            tracing::error!(alarm = "log-refused", refused, "rows of the queue are not the log's own");
        }
        Ok(taken)
    }

    fn is_young(&self, head: Head) -> bool {
        let now = self.clock.now().as_second();
        head.moment.is_some_and(|moment| now - moment.signed_at < SIGN_AGAIN)
    }

    async fn growth(
        &self,
        tx: &impl ConnectionTrait,
        from: u64,
        note: &str,
        waiting: Vec<tree::pending::Model>,
    ) -> Result<tree::Growth, DbErr> {
        if note.is_empty() && !tree::leaves(tx, 0, 1).await?.is_empty() {
            return Err(DbErr::Custom("the checkpoint of a log that has leaves is gone".into()));
        }
        let mut known = Known(edge(tx, from).await?);
        let before = self.stands(from, note, &known)?;
        let now = self.clock.now().as_second();
        let bare = Moment::takes_bare_rows(before, now);
        // A log that begins empty never had a version without codes.
        let begins = note.is_empty() && waiting.is_empty();
        let mut growth = tree::Growth { from, ..tree::Growth::default() };
        for row in waiting {
            let (place, seq) = (from + growth.leaves.len() as u64, row.seq);
            let Some(leaf) = self.leaf(tx, place, row, bare).await? else {
                growth.refused.push(seq);
                continue;
            };
            let hash = record_hash(&leaf.commitment);
            let added = stored_hashes_for_record_hash(place, hash, &known).map_err(broken)?;
            for (at, hash) in (stored_hash_index(0, place)..).zip(added) {
                known.0.insert(at, hash);
                growth.nodes.push((at, hash));
            }
            growth.leaves.push(leaf);
            growth.taken.push(seq);
        }
        let size = from + growth.leaves.len() as u64;
        let root = tree_hash(size, &known).map_err(broken)?;
        let moment = if begins { Moment::from_the_start(now) } else { Moment::after(before, now) };
        growth.note = self.sign(size, root, moment)?;
        Ok(growth)
    }

    /// What was signed last, if the tree is about to grow from exactly that. A history that was rewritten in the
    /// database is never signed by going on from it.
    fn stands(&self, size: u64, note: &str, edge: &Known) -> Result<Option<Moment>, DbErr> {
        if note.is_empty() && size == 0 {
            return Ok(None);
        }
        let root = tree_hash(size, edge).map_err(broken)?;
        let signed = verified(&self.verifier, note).filter(|held| (held.size, held.root) == (size, root));
        let Some(head) = signed else {
            tracing::error!(
                alarm = "log-rewritten",
                size,
                "the tree is not what was signed; it does not grow"
            );
            return Err(DbErr::Custom("the tree is not what was signed".into()));
        };
        Ok(head.moment)
    }

    /// The leaf of a row that waits. `None` for one that is gone, has a place, or whose code does not hold.
    async fn leaf(
        &self,
        tx: &impl ConnectionTrait,
        place: u64,
        row: tree::pending::Model,
        bare: bool,
    ) -> Result<Option<tree::leaf::Model>, DbErr> {
        let Some(kind) = LeafKind::of_name(&row.kind) else { return Ok(None) };
        let Some(canonical) = store::canonical(tx, kind, row.id).await? else { return Ok(None) };
        let ours = match &canonical.code {
            Some(code) => self.key.holds(&canonical.text, code),
            None => bare,
        };
        if !ours || !tree::placed(tx, &[row.id]).await?.is_empty() {
            return Ok(None);
        }
        let mut salt = [0_u8; 16];
        getrandom::fill(&mut salt).map_err(|_| DbErr::Custom("no randomness".into()))?;
        Ok(Some(tree::leaf::Model {
            place: i64::try_from(place).map_err(broken)?,
            kind: row.kind,
            id: row.id,
            salt: salt.to_vec(),
            commitment: commitment(&salt, &canonical.text).to_vec(),
        }))
    }

    /// A signed note after C2SP `tlog-checkpoint`; the origin is the key's name.
    fn sign(&self, size: u64, root: Hash, moment: Moment) -> Result<String, DbErr> {
        let checkpoint = Checkpoint::new(self.signer.name(), size, root, &moment.write()).map_err(broken)?;
        let mut note = Note::new(&checkpoint.to_bytes(), &[]).map_err(broken)?;
        note.add_sigs(&[self.signer.as_ref()]).map_err(broken)?;
        String::from_utf8(note.to_bytes()).map_err(broken)
    }
}

fn broken(error: impl std::fmt::Debug) -> DbErr {
    DbErr::Custom(format!("the tree does not hold: {error:?}"))
}

/// The hashes that a tree of `size` grows from: its right edge.
async fn edge(tx: &impl ConnectionTrait, size: u64) -> Result<HashMap<u64, Hash>, DbErr> {
    tree::hashes(tx, &sub_tree_index(0, size, vec![])).await
}

/// Where the tree stands.
pub async fn state(store: &Store) -> Result<LogState, Failure> {
    let away = |error: DbErr| lcr_store::unavailable(&error);
    let (size, checkpoint) = tree::head(store.read()).await.map_err(away)?;
    let queue = tree::queue_state(store.read()).await.map_err(away)?;
    Ok(LogState { size, waiting: queue.waiting, checkpoint })
}

#[cfg(test)]
#[path = "beside_tests.rs"]
mod tests;
