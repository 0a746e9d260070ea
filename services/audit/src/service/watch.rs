//! Whether looks may be recorded: every replica checks for itself that the newest checkpoint is signed, is young, and
//! extends all it has seen and all that its callers have seen. When it does not, no entry is taken, so nobody is shown
//! anything. It must never rely on a value in the database that no signature covers.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use lcr_contracts::{Failure, Kind, audit::TreeHead};
use lcr_model::Clock;
use lcr_store::Store;
use sea_orm::{ConnectionTrait, DbErr};
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint, Hash, HashReader, sub_tree_index, tree_hash};
use tokio::sync::Mutex;

use crate::{
    domain::moment::{GRACE_SECONDS, Moment},
    store::tree,
};

/// How long the tree may stand still: longer than another replica needs to take over from one whose machine is gone.
pub const STANDS_STILL: i64 = 30;
/// A view of the checkpoint is believed for this long.
const BELIEVED: Duration = Duration::from_millis(500);

/// Why no entry is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// The checkpoint is gone, is not signed, or states another size than the tree has.
    NotSigned,
    /// The tree does not extend what was signed before.
    NotExtended,
    /// No checkpoint was signed for [`STANDS_STILL`] seconds.
    StandsStill,
}

impl Halt {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSigned => "the checkpoint does not hold",
            Self::NotExtended => "the tree does not extend what was signed",
            Self::StandsStill => "the tree stands still",
        }
    }
}

impl From<Halt> for Failure {
    fn from(halt: Halt) -> Self {
        let outward = "Views cannot be recorded at the moment. Try again in a minute.";
        Self::new(Kind::Unavailable, outward).because(halt.as_str())
    }
}

/// Why the checkpoint was not checked, or did not hold.
enum NotNow {
    Halt(Halt),
    /// The database did not answer.
    Away(DbErr),
}

impl From<DbErr> for NotNow {
    fn from(error: DbErr) -> Self {
        Self::Away(error)
    }
}

/// A checkpoint that was verified.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Head {
    pub size: u64,
    pub root: Hash,
    pub moment: Option<Moment>,
}

impl Head {
    fn told(self) -> TreeHead {
        TreeHead { size: self.size, root: URL_SAFE_NO_PAD.encode(self.root.0) }
    }
}

#[derive(Debug)]
struct State {
    newest: Option<Head>,
    /// The tree was once seen not to extend what was signed. It takes a restart, by hand, to go on from that.
    broken: bool,
    looked: Option<Instant>,
    halt: Option<Halt>,
    /// When the process started, in seconds: the tree has time to move from then on.
    started: i64,
}

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Watch {
    store: Store,
    clock: Arc<dyn Clock>,
    verifier: String,
    state: Arc<Mutex<State>>,
}

impl Watch {
    pub fn new(store: Store, clock: Arc<dyn Clock>, verifier: String) -> Self {
        let started = clock.now().as_second();
        let state = State { newest: None, broken: false, looked: None, halt: None, started };
        Self { store, clock, verifier, state: Arc::new(Mutex::new(state)) }
    }

    /// The newest head that holds, or why no entry is taken. `seen` is what the caller has seen before.
    pub async fn check(&self, seen: Option<&TreeHead>) -> Result<TreeHead, Failure> {
        let mut state = self.state.lock().await;
        let fresh = state.looked.is_some_and(|at| at.elapsed() < BELIEVED) && state.halt.is_none();
        let behind = |seen: &TreeHead| state.newest.is_none_or(|newest| newest.size < seen.size);
        if !fresh || seen.is_some_and(behind) {
            self.look(&mut state).await?;
        }
        if let (Some(seen), None) = (seen.filter(|seen| seen.size > 0), state.halt) {
            self.compare(&mut state, seen).await?;
        }
        match state.halt {
            Some(halt) => Err(halt.into()),
            None => Ok(state.newest.map(Head::told).unwrap_or_default()),
        }
    }

    /// How long ago the newest checkpoint was signed, in seconds; since the start where there is none.
    pub async fn age(&self) -> i64 {
        let state = self.state.lock().await;
        let now = self.clock.now().as_second();
        match state.newest.map(|head| head.moment) {
            Some(Some(moment)) => (now - moment.signed_at).max(0),
            // Signed by the version before, which tells no time and does not sign again what stands.
            Some(None) if now - state.started <= GRACE_SECONDS => 0,
            _ => (now - state.started).max(0),
        }
    }

    /// Whether the tree may grow from here: never from one that was seen not to extend what was signed.
    pub async fn may_grow(&self) -> bool {
        let mut state = self.state.lock().await;
        // A database that does not answer fails the step itself.
        let _ = self.look(&mut state).await;
        !state.broken
    }

    /// Whether the tree of `head`, read in `tx`, extends all that is known here: nothing else is ever signed.
    pub async fn knows(&self, tx: &impl ConnectionTrait, head: Head) -> Result<bool, DbErr> {
        let known = self.state.lock().await.newest;
        match known {
            Some(known) => extends(tx, head, known.size, known.root).await,
            None => Ok(true),
        }
    }

    /// Whether rows of the version before may still come.
    pub async fn takes_bare_rows(&self, db: &impl ConnectionTrait) -> Result<bool, DbErr> {
        let (_, note) = tree::head(db).await?;
        let moment = verified(&self.verifier, &note).and_then(|head| head.moment);
        Ok(Moment::takes_bare_rows(moment, self.clock.now().as_second()))
    }

    /// Whether changes of sign-ins get places: in a log that begins, and once this version has signed the newest
    /// checkpoint.
    pub async fn places_logins(&self, tx: &impl ConnectionTrait) -> Result<bool, DbErr> {
        let (size, note) = tree::head(tx).await?;
        let begins = size == 0 && note.is_empty();
        Ok(begins || verified(&self.verifier, &note).is_some_and(|head| head.moment.is_some()))
    }

    /// What was just signed here is known at once.
    pub async fn signed(&self, note: &str) {
        let mut state = self.state.lock().await;
        let head = verified(&self.verifier, note);
        let larger = |head: &Head| state.newest.is_none_or(|newest| newest.size <= head.size);
        if let Some(head) = head.filter(larger) {
            state.newest = Some(head);
        }
    }

    async fn look(&self, state: &mut State) -> Result<(), Failure> {
        let halt = match self.newest(state).await {
            Ok(head) => {
                state.newest = head.or(state.newest);
                self.is_old(state).then_some(Halt::StandsStill)
            }
            Err(NotNow::Halt(halt)) => Some(halt),
            Err(NotNow::Away(error)) => return Err(lcr_store::unavailable(&error)),
        };
        if halt == Some(Halt::NotExtended) {
            state.broken = true;
        }
        let halt = if state.broken { Some(Halt::NotExtended) } else { halt };
        if halt != state.halt {
            tell(halt);
        }
        (state.halt, state.looked) = (halt, Some(Instant::now()));
        Ok(())
    }

    /// Reads the checkpoint and holds it against the newest one known. `None` where no tree was ever signed.
    async fn newest(&self, state: &State) -> Result<Option<Head>, NotNow> {
        let db = self.store.read();
        let (size, note) = tree::head(db).await?;
        let Some(known) = state.newest else {
            if size == 0 && note.is_empty() {
                return Ok(None);
            }
            return self.verified(size, &note).map(Some).ok_or(NotNow::Halt(Halt::NotSigned));
        };
        let head = self.verified(size, &note);
        if head.is_some_and(|head| (head.size, head.root) == (known.size, known.root)) {
            return Ok(head);
        }
        let head = head.ok_or(NotNow::Halt(Halt::NotSigned))?;
        if extends(db, head, known.size, known.root).await? {
            return Ok(Some(head));
        }
        Err(NotNow::Halt(Halt::NotExtended))
    }

    /// A caller has seen a head: the tree must extend it.
    async fn compare(&self, state: &mut State, seen: &TreeHead) -> Result<(), Failure> {
        let Some(newest) = state.newest else {
            return broke(state);
        };
        if *seen == newest.told() {
            return Ok(());
        }
        let root = URL_SAFE_NO_PAD.decode(&seen.root).ok().and_then(|root| <[u8; 32]>::try_from(root).ok());
        let root = root.ok_or_else(|| Failure::bad_request("The head does not read."))?;
        let extended = extends(self.store.read(), newest, seen.size, Hash(root)).await;
        if extended.map_err(|error| lcr_store::unavailable(&error))? {
            return Ok(());
        }
        broke(state)
    }

    fn is_old(&self, state: &State) -> bool {
        let now = self.clock.now().as_second();
        let running = now - state.started;
        match state.newest.map(|head| head.moment) {
            Some(Some(moment)) => running.min(now - moment.signed_at) > STANDS_STILL,
            // The version before leads during an upgrade. It signs no time: it has until the upgrade must be over.
            Some(None) => running > GRACE_SECONDS,
            None => running > STANDS_STILL,
        }
    }

    /// The checkpoint in a note, if it is signed by the log's own key and states this size.
    fn verified(&self, size: u64, note: &str) -> Option<Head> {
        let head = verified(&self.verifier, note)?;
        (head.size == size).then_some(head)
    }
}

/// From now on nothing is taken: the tree does not extend what was signed.
fn broke(state: &mut State) -> Result<(), Failure> {
    (state.broken, state.halt) = (true, Some(Halt::NotExtended));
    tell(state.halt);
    Err(Halt::NotExtended.into())
}

fn tell(halt: Option<Halt>) {
    if let Some(halt) = halt {
        tracing::error!(alarm = "log-halted", cause = halt.as_str(), "no entry is taken");
    } else {
        tracing::warn!(event = "log-goes-on", "entries are taken again");
    }
}

/// The checkpoint in a note, if its signature by `verifier` holds.
pub fn verified(verifier: &str, note: &str) -> Option<Head> {
    let note = Note::from_bytes(note.as_bytes()).ok()?;
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(verifier).ok()?)]);
    note.verify(&known).ok()?;
    let checkpoint = Checkpoint::from_bytes(note.text()).ok()?;
    let moment = Moment::read(checkpoint.extension());
    Some(Head { size: checkpoint.size(), root: *checkpoint.hash(), moment })
}

/// Whether the tree of `head` begins with the tree of `size` leaves under `root`, by the hashes in the store.
async fn extends(db: &impl ConnectionTrait, head: Head, size: u64, root: Hash) -> Result<bool, DbErr> {
    if size > head.size {
        return Ok(false);
    }
    Ok(root_of(db, size).await? == Some(root) && root_of(db, head.size).await? == Some(head.root))
}

async fn root_of(db: &impl ConnectionTrait, size: u64) -> Result<Option<Hash>, DbErr> {
    let known = Known(tree::hashes(db, &sub_tree_index(0, size, vec![])).await?);
    Ok(tree_hash(size, &known).ok())
}

/// Hashes in hand, by their places.
pub struct Known(pub HashMap<u64, Hash>);

impl HashReader for Known {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let find = |at: &u64| self.0.get(at).copied().ok_or(tlog_tiles::Error::IndexesNotInTree);
        indexes.iter().map(find).collect()
    }
}

/// Seconds since a time in microseconds; none for a time that is not known.
pub fn seconds_since(micros: Option<i64>, now: Timestamp) -> i64 {
    micros.filter(|at| *at > 0).map_or(0, |at| (now.as_microsecond() - at).max(0) / 1_000_000)
}
