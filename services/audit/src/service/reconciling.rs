//! What consent kept of the entries it had appended, held against the log. It must never tell what an entry says.

use std::collections::{HashMap, HashSet};

use lcr_contracts::{
    Failure, Kind,
    audit::{EntryState, KeptEntry, MOST_KEPT, Reconciled, TreeHead, What},
};
use tlog_tiles::{record_hash, stored_hash_index};
use uuid::Uuid;

use super::Service;
use crate::{
    domain::leaf::{LeafKind, commitment},
    store::{self, Canonical, tree},
};

impl Service {
    pub(super) async fn compare(&self, seen: &TreeHead, kept: &[KeptEntry]) -> Result<Reconciled, Failure> {
        if kept.len() > MOST_KEPT {
            return Err(Failure::new(Kind::TooLarge, "Too many entries in one question."));
        }
        let head = self.watch.check(Some(seen)).await?;
        let ids: Vec<Uuid> = kept.iter().map(|one| one.id).collect();
        let away = |error: sea_orm::DbErr| lcr_store::unavailable(&error);
        let found = store::find(self.store.read(), &ids).await.map_err(away)?;
        let rows: HashMap<Uuid, &Canonical> = found.iter().map(|(one, row)| (one.id, row)).collect();
        let placed = self.placed(&rows, head.size).await.map_err(away)?;
        // A kind that is not known here was recorded by a later version only if the log's own code says so.
        let ours = |row: &Canonical| row.code.as_ref().is_some_and(|code| self.key.holds(&row.text, code));
        let later = found.iter().filter(|(one, row)| one.what == What::Unknown && ours(row));
        let unknown: HashSet<Uuid> = later.map(|(one, _)| one.id).collect();
        let found: HashMap<Uuid, String> =
            found.iter().map(|(entry, _)| (entry.id, entry.fingerprint())).collect();
        let state = |one: &KeptEntry| match found.get(&one.id) {
            None => EntryState::Missing,
            // Of a kind that a later version recorded: what it says cannot be compared here.
            _ if unknown.contains(&one.id) => EntryState::Unknown,
            Some(now) if *now != one.fingerprint => EntryState::Altered,
            Some(_) if placed.contains(&one.id) => EntryState::Placed,
            Some(_) => EntryState::Waiting,
        };
        Ok(Reconciled { states: kept.iter().map(state).collect(), head })
    }

    /// Those whose row opens a leaf of the signed tree.
    async fn placed(
        &self,
        rows: &HashMap<Uuid, &Canonical>,
        size: u64,
    ) -> Result<HashSet<Uuid>, sea_orm::DbErr> {
        let db = self.store.read();
        let ids: Vec<Uuid> = rows.keys().copied().collect();
        let mut leaves = tree::placed(db, &ids).await?;
        leaves.retain(|leaf| leaf.place.unsigned_abs() < size && leaf.kind == LeafKind::Opened.as_str());
        let at = |leaf: &tree::leaf::Model| stored_hash_index(0, leaf.place.unsigned_abs());
        let nodes = tree::hashes(db, &leaves.iter().map(at).collect::<Vec<_>>()).await?;
        let holds = |leaf: &tree::leaf::Model| {
            let opens = rows.get(&leaf.id).is_some_and(|row| {
                let text = row.hashed(&self.key, &leaf.salt, &leaf.commitment);
                commitment(&leaf.salt, text)[..] == leaf.commitment
            });
            opens && nodes.get(&at(leaf)) == Some(&record_hash(&leaf.commitment))
        };
        Ok(leaves.iter().filter(|leaf| holds(leaf)).map(|leaf| leaf.id).collect())
    }
}
