//! Data for `lcr audit verify`: leaves with the rows that match them, and a report of everything outside the tree. A
//! reader who may not see a row's text must get only the row's state.

use std::collections::{BTreeMap, HashMap, HashSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lcr_contracts::{Caller, Failure, audit::TreeHead};
use lcr_model::PersonId;
use lcr_store::{
    StoreError,
    login::{self, Claim},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Service, checkpoint_monitor::seconds_since, require_officer};
use crate::{
    domain::leaf::{IndexTerms, LeafKind, OpenLeaf},
    store::{self, CanonicalRow, tree},
};

/// The most ids of refused rows in a report.
const MAX_REFUSED_IDS: u64 = 20;

/// Rows of the log outside its tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutsideTree {
    /// Rows in neither the tree nor the queue: the queue was tampered with.
    #[serde(rename = "unplaced")]
    pub unsequenced: u64,
    pub waiting: u64,
    /// How long the first queued row has waited.
    pub waiting_seconds: i64,
    /// The number of queue entries without a valid row of the log.
    pub refused: u64,
    /// The first of the refused ids.
    pub refused_ids: Vec<Uuid>,
    /// The number of sign-ins that differ from the log.
    pub logins_altered: u64,
}

impl Service {
    /// Scans the whole log for rows outside the tree.
    pub async fn report_outside_tree(&self, caller: &Caller) -> Result<OutsideTree, Failure> {
        require_officer(caller)?;
        let db = self.store.read();
        let queue = tree::queue_state(db).await?;
        let refused = tree::read_refused(db, MAX_REFUSED_IDS).await?;
        Ok(OutsideTree {
            unsequenced: tree::count_unsequenced(db).await?,
            waiting: queue.waiting,
            waiting_seconds: seconds_since(queue.since, self.clock.now()),
            refused: queue.refused,
            refused_ids: refused.into_iter().map(|row| row.id).collect(),
            logins_altered: self.count_altered_logins().await?,
        })
    }

    /// Reads twice before it reports a difference: one transaction changes both tables, but two queries read them.
    async fn count_altered_logins(&self) -> Result<u64, StoreError> {
        // While the previous version may run, the sequencer imports its sign-ins a little later.
        if self.monitor.accepts_uncoded_rows(self.store.read()).await? {
            return Ok(0);
        }
        let mut altered = 0;
        for _ in 0..2 {
            let expected = newest_claims(store::login_claim::read_all(self.store.read()).await?);
            let rows = login::all(self.store.read()).await?;
            let rows: BTreeMap<_, _> = rows.into_iter().map(|row| (claim_key(&row), row)).collect();
            let extra = rows.keys().filter(|key| !expected.contains_key(*key)).count();
            altered = extra + expected.iter().filter(|(key, claim)| rows.get(*key) != Some(claim)).count();
            if altered == 0 {
                break;
            }
        }
        Ok(altered as u64)
    }

    /// Leaves from `first` on with their rows, at most `limit` (500). Reading the text of rows leaves an entry. If no
    /// entry can be appended, the leaves come without text.
    pub async fn open_leaves(&self, caller: &Caller, first: u64, limit: u64) -> Result<Vec<OpenLeaf>, Failure> {
        require_officer(caller)?;
        let entry = self.log_reading_entry(caller, None);
        let is_recorded = self.append_entry(entry, &TreeHead::default()).await.is_ok();
        let leaves = tree::read_leaves(self.store.read(), first, limit.clamp(1, 500)).await?;
        let leaves: Vec<_> =
            leaves.into_iter().filter_map(|leaf| Some((LeafKind::from_name(&leaf.kind)?, leaf))).collect();
        let rows = self.find_rows(&leaves).await?;
        // An officer reads the text of entries that concern their organisation.
        let readable = if is_recorded {
            store::find_concerning(self.store.read(), &ids_of_entries(&leaves), &caller.actor.org).await?
        } else {
            HashSet::new()
        };
        let mut opened = Vec::with_capacity(leaves.len());
        for (kind, leaf) in leaves {
            let has_text = kind == LeafKind::Opened && readable.contains(&leaf.id);
            let leaf = self.open_leaf(kind, leaf, &rows);
            opened.push(if has_text { leaf } else { leaf.without_text() });
        }
        Ok(opened)
    }

    async fn find_rows(&self, leaves: &[(LeafKind, tree::leaf::Model)]) -> Result<LeafRows, StoreError> {
        let db = self.store.read();
        let keys: Vec<_> = leaves.iter().map(|(kind, leaf)| (*kind, leaf.id)).collect();
        let canonical = store::find_canonical(db, &keys).await?;
        Ok(LeafRows { canonical, terms: store::find_index_terms(db, &ids_of_entries(leaves)).await? })
    }

    fn open_leaf(&self, kind: LeafKind, leaf: tree::leaf::Model, rows: &LeafRows) -> OpenLeaf {
        let row = rows.canonical.get(&(kind, leaf.id));
        let mut indexed = match kind {
            LeafKind::Opened => rows.terms.get(&leaf.id).cloned(),
            LeafKind::Completed | LeafKind::Login => None,
        };
        let text = row.map(|row| row.committed_text(&self.key, &leaf.salt, &leaf.commitment));
        if let (Some(row), Some(text), Some(terms)) = (row, text, &mut indexed) {
            terms.clear_uncommitted(&row.text, text);
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
        open.state = Some(open.row_state(&commitment));
        open
    }
}

/// The rows of some leaves, and the terms by which searches find entries among them.
struct LeafRows {
    canonical: HashMap<(LeafKind, Uuid), CanonicalRow>,
    terms: HashMap<Uuid, IndexTerms>,
}

fn ids_of_entries(leaves: &[(LeafKind, tree::leaf::Model)]) -> Vec<Uuid> {
    leaves.iter().filter(|(kind, _)| *kind == LeafKind::Opened).map(|(_, leaf)| leaf.id).collect()
}

fn claim_key(claim: &Claim) -> (String, PersonId) {
    (claim.user.clone(), claim.person)
}

/// What the table `login` must contain after these changes: the newest claim of each user and person.
fn newest_claims(changes: Vec<Claim>) -> BTreeMap<(String, PersonId), Claim> {
    let mut newest: BTreeMap<_, Claim> = BTreeMap::new();
    for change in changes {
        let version = newest.get(&claim_key(&change)).map_or(i64::MIN, |claim| claim.version);
        if change.version >= version {
            newest.insert(claim_key(&change), change);
        }
    }
    newest
}
