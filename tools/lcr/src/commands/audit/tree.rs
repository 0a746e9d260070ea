//! Computes the tree again from its leaves and compares it with the tiles that the log serves. It must never trust a
//! served hash.

use futures::{StreamExt, TryStreamExt, stream};
use lcr_audit::domain::tile::{HEIGHT, stored_hash_indexes};
use tlog_tiles::{Hash, HashReader, Tile, record_hash, stored_hashes_for_record_hash, tree_hash};

use super::LogClient;

/// Leaves in a full bundle.
const LEAVES_PER_BUNDLE: u64 = 256;
/// Requests that wait for their answers at the same time.
const AT_ONCE: usize = 8;

/// The 32-byte commitments of the first `size` leaves.
pub async fn fetch_leaves(log: &LogClient, size: u64) -> Result<Vec<[u8; 32]>, String> {
    let mut all = Vec::new();
    let bundles = stream::iter(0..size.div_ceil(LEAVES_PER_BUNDLE));
    let mut bundles = bundles.map(|bundle| fetch_bundle(log, size, bundle)).buffered(AT_ONCE);
    while let Some(leaves) = bundles.try_next().await? {
        all.extend(leaves);
    }
    Ok(all)
}

async fn fetch_bundle(log: &LogClient, size: u64, bundle: u64) -> Result<Vec<[u8; 32]>, String> {
    let width = (size - bundle * LEAVES_PER_BUNDLE).min(LEAVES_PER_BUNDLE);
    let name = format!("entries/{}", tile_name(bundle, width));
    let bytes = log.tile(&name).await?;
    if bytes.len() as u64 != width * 34 {
        return Err(format!("the bundle {name} does not have {width} leaves"));
    }
    let leaf = |entry: &[u8]| {
        let leaf = entry.strip_prefix(&[0, 32]).and_then(|leaf| leaf.try_into().ok());
        leaf.ok_or_else(|| format!("the bundle {name} cannot be read"))
    };
    bytes.chunks(34).map(leaf).collect()
}

/// The tile's path such as `x001/234`, with `.p/<width>` for a partial tile (C2SP `tlog-tiles`).
fn tile_name(index: u64, width: u64) -> String {
    let mut name = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        name = format!("x{:03}/{name}", rest % 1000);
        rest /= 1000;
    }
    if width < LEAVES_PER_BUNDLE { format!("{name}.p/{width}") } else { name }
}

/// All stored hashes in the order of their indexes.
pub struct Tree(Vec<Hash>);

impl HashReader for Tree {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let find = |at: &u64| {
            let at = usize::try_from(*at).map_err(|_| tlog_tiles::Error::IndexesNotInTree)?;
            self.0.get(at).copied().ok_or(tlog_tiles::Error::IndexesNotInTree)
        };
        indexes.iter().map(find).collect()
    }
}

impl Tree {
    pub fn from_leaves(leaves: &[[u8; 32]]) -> Result<Self, String> {
        let mut tree = Self(Vec::with_capacity(leaves.len() * 2));
        for (place, leaf) in (0..).zip(leaves) {
            let added = stored_hashes_for_record_hash(place, record_hash(leaf), &tree);
            tree.0.extend(added.map_err(|_| "the tree could not be computed".to_owned())?);
        }
        Ok(tree)
    }

    /// Checks that the first `size` leaves have the signed root.
    pub fn check_root(&self, size: u64, signed: &Hash) -> Result<(), String> {
        let root = tree_hash(size, self).map_err(|_| "the tree could not be computed".to_owned())?;
        if root == *signed { Ok(()) } else { Err("the leaves are not those that were signed".to_owned()) }
    }

    /// Fetches every hash tile and compares it with the computed hashes. Returns the number of tiles.
    pub async fn compare_tiles(&self, log: &LogClient, size: u64) -> Result<usize, String> {
        let tiles = Tile::new_tiles(HEIGHT, 0, size);
        let mut compared = stream::iter(&tiles).map(|tile| self.compare_tile(log, tile)).buffered(AT_ONCE);
        while compared.try_next().await?.is_some() {}
        Ok(tiles.len())
    }

    async fn compare_tile(&self, log: &LogClient, tile: &Tile) -> Result<(), String> {
        let path = format!("{}/{}", tile.level(), tile_name(tile.level_index(), u64::from(tile.width())));
        let served = log.tile(&path).await?;
        let ours = self.read_hashes(&stored_hash_indexes(tile)).map_err(|_| format!("tile {path} has no place"))?;
        let ours: Vec<u8> = ours.iter().flat_map(|hash| hash.0).collect();
        if served == ours { Ok(()) } else { Err(format!("tile {path} does not follow from the leaves")) }
    }

    /// The first leaf that differs from its hash tile; `None` if they agree or the tiles cannot be read.
    pub async fn first_changed_leaf(&self, log: &LogClient, size: u64) -> Option<u64> {
        for tile in Tile::new_tiles(HEIGHT, 0, size).iter().filter(|tile| tile.level() == 0) {
            let path = format!("0/{}", tile_name(tile.level_index(), u64::from(tile.width())));
            let served = log.tile(&path).await.ok()?;
            let ours = self.read_hashes(&stored_hash_indexes(tile)).ok()?;
            let other = ours.iter().zip(served.chunks(32)).position(|(ours, served)| ours.0[..] != *served);
            if let Some(at) = other {
                return Some((tile.level_index() << HEIGHT) + at as u64);
            }
        }
        None
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
