//! The Merkle tree of the log (RFC 9162): appends leaves, computes the root, and checks that one tree extends another. It
//! computes from stored hashes and never changes the store.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr};
use tlog_tiles::{
    Hash, HashReader, record_hash, stored_hash_index, stored_hashes_for_record_hash, sub_tree_index, tree_hash,
};

use crate::store::tree;

/// Stored hashes by their index.
pub struct LoadedHashes(HashMap<u64, Hash>);

impl HashReader for LoadedHashes {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let find = |index: &u64| self.0.get(index).copied().ok_or(tlog_tiles::Error::IndexesNotInTree);
        indexes.iter().map(find).collect()
    }
}

impl LoadedHashes {
    /// Loads the right edge of the tree of `size` leaves: enough to compute its root and to append.
    pub async fn load_edge(db: &impl ConnectionTrait, size: u64) -> Result<Self, DbErr> {
        Ok(Self(tree::read_hashes(db, &sub_tree_index(0, size, vec![])).await?))
    }

    /// Appends a leaf, and returns the hashes to store with their indexes.
    pub fn append(&mut self, leaf_index: u64, commitment: &[u8]) -> Result<Vec<(u64, Hash)>, DbErr> {
        let hash = record_hash(commitment);
        let hashes = stored_hashes_for_record_hash(leaf_index, hash, &*self).map_err(tree_error)?;
        let added: Vec<(u64, Hash)> = (stored_hash_index(0, leaf_index)..).zip(hashes).collect();
        self.0.extend(added.iter().copied());
        Ok(added)
    }

    /// The root of the tree of `size` leaves.
    pub fn root(&self, size: u64) -> Result<Hash, DbErr> {
        tree_hash(size, self).map_err(tree_error)
    }
}

/// Whether the tree of `size` leaves under `root` begins with the tree of `earlier_size` leaves under `earlier_root`.
pub async fn extends(
    db: &impl ConnectionTrait,
    (size, root): (u64, Hash),
    (earlier_size, earlier_root): (u64, Hash),
) -> Result<bool, DbErr> {
    if earlier_size > size {
        return Ok(false);
    }
    Ok(has_root(db, earlier_size, earlier_root).await? && has_root(db, size, root).await?)
}

/// Whether the stored hashes of `size` leaves have this root.
async fn has_root(db: &impl ConnectionTrait, size: u64, root: Hash) -> Result<bool, DbErr> {
    Ok(LoadedHashes::load_edge(db, size).await?.root(size).is_ok_and(|stored| stored == root))
}

pub fn tree_error(error: impl std::fmt::Debug) -> DbErr {
    DbErr::Custom(format!("the tree is inconsistent: {error:?}"))
}
