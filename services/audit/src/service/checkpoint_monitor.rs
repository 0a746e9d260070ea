//! The checkpoint monitor decides whether the log accepts entries. Every replica checks for itself that the newest
//! checkpoint is signed, is recent, and extends every head that it or its callers have seen. Otherwise no entry is
//! accepted, so no view is shown. It must never rely on a stored value without a signature.

mod halt;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use lcr_contracts::{Failure, FailureKind, audit::TreeHead};
use lcr_model::Clock;
use lcr_store::{Store, db_failure};
use sea_orm::{ConnectionTrait, DbErr};
use tlog_tiles::Hash;
use tokio::sync::Mutex;

use super::{
    checkpoint::{self, SignedHead},
    merkle_tree,
};
use crate::{
    domain::checkpoint_times::{CheckpointTimes, GRACE_SECONDS},
    store::tree,
};
pub use halt::MAX_CHECKPOINT_AGE_SECONDS;
use halt::{CheckError, Halt, halt_as_broken, log_halt};

/// How long the result of a check is valid.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);

impl From<Halt> for Failure {
    fn from(halt: Halt) -> Self {
        let outward = "Views cannot be recorded at the moment. Try again in a minute.";
        Self::new(FailureKind::Unavailable, outward).because(halt.as_str())
    }
}

#[derive(Debug)]
struct State {
    newest: Option<SignedHead>,
    /// The tree once did not extend what was signed. Only a restart by an engineer ends this.
    is_broken: bool,
    checked_at: Option<Instant>,
    halt: Option<Halt>,
    /// The start of the process, in seconds. The tree has time to grow from then on.
    started: i64,
}

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct CheckpointMonitor {
    store: Store,
    clock: Arc<dyn Clock>,
    verifier: String,
    state: Arc<Mutex<State>>,
}

impl CheckpointMonitor {
    pub fn new(store: Store, clock: Arc<dyn Clock>, verifier: String) -> Self {
        let started = clock.now().as_second();
        let state = State { newest: None, is_broken: false, checked_at: None, halt: None, started };
        Self { store, clock, verifier, state: Arc::new(Mutex::new(state)) }
    }

    /// The newest valid head, or why no entry is accepted. `seen` is the newest head that the caller has seen.
    pub async fn check(&self, seen: Option<&TreeHead>) -> Result<TreeHead, Failure> {
        let mut state = self.state.lock().await;
        let is_fresh = state.checked_at.is_some_and(|at| at.elapsed() < CHECK_INTERVAL) && state.halt.is_none();
        let is_behind = |seen: &TreeHead| state.newest.is_none_or(|newest| newest.size < seen.size);
        if !is_fresh || seen.is_some_and(is_behind) {
            self.refresh(&mut state).await?;
        }
        if let (Some(seen), None) = (seen.filter(|seen| seen.size > 0), state.halt) {
            self.check_extends_seen(&mut state, seen).await?;
        }
        match state.halt {
            Some(halt) => Err(halt.into()),
            None => Ok(state.newest.map(SignedHead::to_tree_head).unwrap_or_default()),
        }
    }

    /// The age of the newest checkpoint in seconds. Without a checkpoint, the time since the start.
    pub async fn age(&self) -> i64 {
        let state = self.state.lock().await;
        let now = self.clock.now().as_second();
        match state.newest.map(|head| head.times) {
            Some(Some(times)) => (now - times.signed_at).max(0),
            // The previous version states no time, and does not sign an unchanged tree again.
            Some(None) if now - state.started <= GRACE_SECONDS => 0,
            _ => (now - state.started).max(0),
        }
    }

    /// Whether the tree may grow. It never grows again after it did not extend what was signed.
    pub async fn can_grow(&self) -> bool {
        let mut state = self.state.lock().await;
        // If the database does not answer, the sequencer's next batch fails.
        let _ = self.refresh(&mut state).await;
        !state.is_broken
    }

    /// Whether the tree of `head`, read in `tx`, extends the newest known head. The sequencer signs no other tree.
    pub async fn extends_known(&self, tx: &impl ConnectionTrait, head: SignedHead) -> Result<bool, DbErr> {
        let known = self.state.lock().await.newest;
        match known {
            Some(known) => merkle_tree::extends(tx, (head.size, head.root), (known.size, known.root)).await,
            None => Ok(true),
        }
    }

    /// Whether the previous version may still append rows without codes.
    pub async fn accepts_uncoded_rows(&self, db: &impl ConnectionTrait) -> Result<bool, DbErr> {
        let (_, note) = tree::read_head(db).await?;
        let times = checkpoint::verify(&self.verifier, &note).and_then(|head| head.times);
        Ok(CheckpointTimes::accepts_uncoded_rows(times, self.clock.now().as_second()))
    }

    /// Whether changes of sign-ins may be sequenced: in a new log, or once this version signed the newest checkpoint.
    pub async fn can_sequence_logins(&self, tx: &impl ConnectionTrait) -> Result<bool, DbErr> {
        let (size, note) = tree::read_head(tx).await?;
        let is_new_log = size == 0 && note.is_empty();
        Ok(is_new_log || checkpoint::verify(&self.verifier, &note).is_some_and(|head| head.times.is_some()))
    }

    /// Remembers a checkpoint that this process has just signed.
    pub async fn record_signed(&self, note: &str) {
        let mut state = self.state.lock().await;
        let head = checkpoint::verify(&self.verifier, note);
        let is_newest = |head: &SignedHead| state.newest.is_none_or(|newest| newest.size <= head.size);
        if let Some(head) = head.filter(is_newest) {
            state.newest = Some(head);
        }
    }

    async fn refresh(&self, state: &mut State) -> Result<(), Failure> {
        let halt = match self.read_newest(state).await {
            Ok(head) => {
                state.newest = head.or(state.newest);
                self.is_stalled(state).then_some(Halt::Stalled)
            }
            Err(CheckError::Halt(halt)) => Some(halt),
            Err(CheckError::Database(error)) => return Err(db_failure(error)),
        };
        if halt == Some(Halt::NotExtended) {
            state.is_broken = true;
        }
        let halt = if state.is_broken { Some(Halt::NotExtended) } else { halt };
        if halt != state.halt {
            log_halt(halt);
        }
        (state.halt, state.checked_at) = (halt, Some(Instant::now()));
        Ok(())
    }

    /// Reads the checkpoint and checks that it extends the newest known one. `None` if no tree was ever signed.
    async fn read_newest(&self, state: &State) -> Result<Option<SignedHead>, CheckError> {
        let db = self.store.read();
        let (size, note) = tree::read_head(db).await?;
        let Some(known) = state.newest else {
            if size == 0 && note.is_empty() {
                return Ok(None);
            }
            return self.verify_size(size, &note).map(Some).ok_or(CheckError::Halt(Halt::NotSigned));
        };
        let head = self.verify_size(size, &note);
        if head.is_some_and(|head| (head.size, head.root) == (known.size, known.root)) {
            return Ok(head);
        }
        let head = head.ok_or(CheckError::Halt(Halt::NotSigned))?;
        if merkle_tree::extends(db, (head.size, head.root), (known.size, known.root)).await? {
            return Ok(Some(head));
        }
        Err(CheckError::Halt(Halt::NotExtended))
    }

    /// Fails, and halts the log, if the tree does not extend the head that a caller has seen.
    async fn check_extends_seen(&self, state: &mut State, seen: &TreeHead) -> Result<(), Failure> {
        let Some(newest) = state.newest else {
            return halt_as_broken(state);
        };
        if *seen == newest.to_tree_head() {
            return Ok(());
        }
        let root = URL_SAFE_NO_PAD.decode(&seen.root).ok().and_then(|root| <[u8; 32]>::try_from(root).ok());
        let root = root.ok_or_else(|| Failure::bad_request("The head is not readable."))?;
        let (head, seen) = ((newest.size, newest.root), (seen.size, Hash(root)));
        if merkle_tree::extends(self.store.read(), head, seen).await.map_err(db_failure)? {
            return Ok(());
        }
        halt_as_broken(state)
    }

    fn is_stalled(&self, state: &State) -> bool {
        let now = self.clock.now().as_second();
        let running = now - state.started;
        match state.newest.map(|head| head.times) {
            Some(Some(times)) => running.min(now - times.signed_at) > MAX_CHECKPOINT_AGE_SECONDS,
            // The previous version leads during an upgrade and states no time. It has until the upgrade must be over.
            Some(None) => running > GRACE_SECONDS,
            None => running > MAX_CHECKPOINT_AGE_SECONDS,
        }
    }

    /// The checkpoint in a note, if the log's key signed it and it states this size.
    fn verify_size(&self, size: u64, note: &str) -> Option<SignedHead> {
        checkpoint::verify(&self.verifier, note).filter(|head| head.size == size)
    }
}

/// Seconds since a time in microseconds. 0 for an unknown time.
pub fn seconds_since(micros: Option<i64>, now: Timestamp) -> i64 {
    micros.filter(|at| *at > 0).map_or(0, |at| (now.as_microsecond() - at).max(0) / 1_000_000)
}
