//! Compares the entries that consent remembers with the log. It must never reveal the text of an entry.

use std::collections::{HashMap, HashSet};

use lcr_contracts::{
    Failure, FailureKind,
    audit::{AccessKind, EntryFingerprint, EntryState, MAX_RECONCILED, Reconciliation, TreeHead},
};
use lcr_store::StoreError;
use tlog_tiles::{record_hash, stored_hash_index};
use uuid::Uuid;

use super::Service;
use crate::{
    domain::leaf::{LeafKind, commitment},
    store::{self, CanonicalRow, tree},
};

impl Service {
    pub(super) async fn reconcile_entries(
        &self,
        seen: &TreeHead,
        remembered: &[EntryFingerprint],
    ) -> Result<Reconciliation, Failure> {
        if remembered.len() > MAX_RECONCILED {
            return Err(Failure::new(FailureKind::TooLarge, "Too many entries in one question."));
        }
        let head = self.monitor.check(Some(seen)).await?;
        let ids: Vec<Uuid> = remembered.iter().map(|entry| entry.id).collect();
        let stored = store::find_entries(self.store.read(), &ids).await?;
        let rows: HashMap<Uuid, &CanonicalRow> = stored.iter().map(|(entry, row)| (entry.id, row)).collect();
        let sequenced = self.find_sequenced(&rows, head.size).await?;
        // Only a valid code proves that a later version recorded an unknown kind.
        let is_own = |row: &CanonicalRow| row.code.as_ref().is_some_and(|code| self.key.verify(&row.text, code));
        let later = stored.iter().filter(|(entry, row)| entry.what == AccessKind::Unknown && is_own(row));
        let unknown: HashSet<Uuid> = later.map(|(entry, _)| entry.id).collect();
        let fingerprints: HashMap<Uuid, String> =
            stored.iter().map(|(entry, _)| (entry.id, entry.fingerprint())).collect();
        let state = |entry: &EntryFingerprint| match fingerprints.get(&entry.id) {
            None => EntryState::Missing,
            // This version cannot compute the fingerprint of a kind that it does not know.
            _ if unknown.contains(&entry.id) => EntryState::Unknown,
            Some(fingerprint) if *fingerprint != entry.fingerprint => EntryState::Altered,
            Some(_) if sequenced.contains(&entry.id) => EntryState::Placed,
            Some(_) => EntryState::Waiting,
        };
        Ok(Reconciliation { states: remembered.iter().map(state).collect(), head })
    }

    /// The rows that match a leaf of the signed tree.
    async fn find_sequenced(
        &self,
        rows: &HashMap<Uuid, &CanonicalRow>,
        size: u64,
    ) -> Result<HashSet<Uuid>, StoreError> {
        let db = self.store.read();
        let ids: Vec<Uuid> = rows.keys().copied().collect();
        let mut leaves = tree::find_leaves(db, &ids).await?;
        leaves.retain(|leaf| leaf.place.unsigned_abs() < size && leaf.kind == LeafKind::Opened.as_str());
        let hash_index = |leaf: &tree::leaf::Model| stored_hash_index(0, leaf.place.unsigned_abs());
        let nodes = tree::read_hashes(db, &leaves.iter().map(hash_index).collect::<Vec<_>>()).await?;
        let is_sequenced = |leaf: &tree::leaf::Model| {
            let matches = rows.get(&leaf.id).is_some_and(|row| {
                let text = row.committed_text(&self.key, &leaf.salt, &leaf.commitment);
                commitment(&leaf.salt, text)[..] == leaf.commitment
            });
            matches && nodes.get(&hash_index(leaf)) == Some(&record_hash(&leaf.commitment))
        };
        Ok(leaves.iter().filter(|leaf| is_sequenced(leaf)).map(|leaf| leaf.id).collect())
    }
}
