//! What `lcr audit verify` asks for: leaves with what opens them, what waits, and which sign-in is whose. A row whose
//! text the reader may not have is told by its state alone.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lcr_contracts::{Caller, Failure, audit::TreeHead};
use lcr_model::PersonId;
use lcr_store::login::{self, Claim};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Service, may_read, watch::seconds_since};
use crate::{
    domain::leaf::{LeafKind, OpenLeaf},
    store::{self, tree},
};

/// Refused rows named at most.
const NAMED: u64 = 20;

/// What is in the log and not in its tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    /// Rows that neither have a place nor wait for one: the queue was tampered with.
    pub unplaced: u64,
    pub waiting: u64,
    /// How long the first of them has waited.
    pub waiting_seconds: i64,
    /// Rows of the queue that are not the log's own, or whose row is gone: how many, and the first of them.
    pub refused: u64,
    pub refused_ids: Vec<Uuid>,
    /// Sign-ins that are not what the log says of them.
    pub logins_altered: u64,
}

fn away(error: &DbErr) -> Failure {
    lcr_store::unavailable(error)
}

impl Service {
    /// Looks through the whole log for what is outside the tree.
    pub async fn outside(&self, caller: &Caller) -> Result<Outside, Failure> {
        may_read(caller)?;
        let db = self.store.read();
        let queue = tree::queue_state(db).await.map_err(|e| away(&e))?;
        let refused = tree::refused(db, NAMED).await.map_err(|e| away(&e))?;
        Ok(Outside {
            unplaced: tree::unplaced(db).await.map_err(|e| away(&e))?,
            waiting: queue.waiting,
            waiting_seconds: seconds_since(queue.since, self.clock.now()),
            refused: queue.refused,
            refused_ids: refused.into_iter().map(|row| row.id).collect(),
            logins_altered: self.logins_altered().await.map_err(|e| away(&e))?,
        })
    }

    /// Read twice before it is believed: both tables change in one transaction, and are read in two.
    async fn logins_altered(&self) -> Result<u64, DbErr> {
        // While the version before may run, what it keeps of sign-ins is taken in as it stands, a little later.
        if self.watch.takes_bare_rows(self.store.read()).await? {
            return Ok(0);
        }
        let mut altered = 0;
        for _ in 0..2 {
            let said = follows(store::claim::all(self.store.read()).await?);
            let rows = login::all(self.store.read()).await?;
            let rows: BTreeMap<_, _> = rows.into_iter().map(|row| (key(&row), row)).collect();
            let extra = rows.keys().filter(|key| !said.contains_key(*key)).count();
            altered = extra + said.iter().filter(|(key, claim)| rows.get(*key) != Some(claim)).count();
            if altered == 0 {
                break;
            }
        }
        Ok(altered as u64)
    }

    /// Leaves from `first` on with what opens them, at most `limit` (500). Reading their text is an entry; while no
    /// entry is taken, no text is given.
    pub async fn open_leaves(
        &self,
        caller: &Caller,
        first: u64,
        limit: u64,
    ) -> Result<Vec<OpenLeaf>, Failure> {
        may_read(caller)?;
        let recorded = self.take(self.reading(caller, None), &TreeHead::default()).await.is_ok();
        let leaves = tree::leaves(self.store.read(), first, limit.clamp(1, 500)).await;
        let mut opened = Vec::new();
        for leaf in leaves.map_err(|e| away(&e))? {
            let one = self.open_leaf(leaf).await.map_err(|e| away(&e))?;
            let Some(one) = one else { continue };
            let read = recorded && one.kind == LeafKind::Opened;
            let read = read && self.reads(caller, one.id).await.map_err(|e| away(&e))?;
            opened.push(if read { one } else { one.without_text() });
        }
        Ok(opened)
    }

    /// An officer reads the text of entries that concern their organisation. Of all other rows they are told the state.
    async fn reads(&self, caller: &Caller, entry: Uuid) -> Result<bool, DbErr> {
        store::is_concerned(self.store.read(), entry, &caller.actor.org).await
    }

    async fn open_leaf(&self, leaf: tree::leaf::Model) -> Result<Option<OpenLeaf>, DbErr> {
        let Some(kind) = LeafKind::of_name(&leaf.kind) else { return Ok(None) };
        let db = self.store.read();
        let row = store::canonical(db, kind, leaf.id).await?;
        let mut indexed = match kind {
            LeafKind::Opened => store::indexed(db, leaf.id).await?,
            LeafKind::Completed | LeafKind::Login => None,
        };
        let text = row.as_ref().map(|row| row.hashed(&self.key, &leaf.salt, &leaf.commitment));
        if let (Some(row), Some(text), Some(found)) = (&row, text, &mut indexed) {
            found.leave_out_unsaid(&row.text, text);
        }
        let mut open = OpenLeaf {
            index: leaf.place.unsigned_abs(),
            kind,
            id: leaf.id,
            salt: URL_SAFE_NO_PAD.encode(&leaf.salt),
            canonical: text.map(str::to_owned),
            indexed,
            state: None,
        };
        let commitment = leaf.commitment.try_into().unwrap_or([0; 32]);
        open.state = Some(open.stands(&commitment));
        Ok(Some(open))
    }
}

fn key(claim: &Claim) -> (String, PersonId) {
    (claim.user.clone(), claim.person)
}

/// What `login` must hold after these changes: the newest of each.
fn follows(changes: Vec<Claim>) -> BTreeMap<(String, PersonId), Claim> {
    let mut newest: BTreeMap<_, Claim> = BTreeMap::new();
    for change in changes {
        let held = newest.get(&key(&change)).map_or(i64::MIN, |held| held.version);
        if change.version >= held {
            newest.insert(key(&change), change);
        }
    }
    newest
}
