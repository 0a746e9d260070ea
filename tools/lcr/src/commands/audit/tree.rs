//! Computes the tree again from its leaves and compares it with the tiles that the log serves. It must never trust a
//! served hash.

use lcr_audit::domain::tile::{HEIGHT, stored_hash_indexes};
use tlog_tiles::{Hash, HashReader, Tile, record_hash, stored_hashes_for_record_hash, tree_hash};

use super::LogClient;

/// Leaves in a full bundle.
const LEAVES_PER_BUNDLE: u64 = 256;

/// The 32-byte commitments of the first `size` leaves.
pub async fn fetch_leaves(log: &LogClient, size: u64) -> Result<Vec<[u8; 32]>, String> {
    let mut all = Vec::new();
    for bundle in 0..size.div_ceil(LEAVES_PER_BUNDLE) {
        let width = (size - bundle * LEAVES_PER_BUNDLE).min(LEAVES_PER_BUNDLE);
        let name = format!("entries/{}", tile_name(bundle, width));
        let bytes = log.tile(&name).await?;
        let is_complete = bytes.len() as u64 == width * 34;
        for entry in bytes.chunks(34).filter(|_| is_complete) {
            let leaf = entry.strip_prefix(&[0, 32]).and_then(|leaf| leaf.try_into().ok());
            all.push(leaf.ok_or_else(|| format!("the bundle {name} cannot be read"))?);
        }
        if !is_complete {
            return Err(format!("the bundle {name} does not have {width} leaves"));
        }
    }
    Ok(all)
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
        for tile in &tiles {
            let path = format!("{}/{}", tile.level(), tile_name(tile.level_index(), u64::from(tile.width())));
            let served = log.tile(&path).await?;
            let ours = self.read_hashes(&stored_hash_indexes(tile)).map_err(|_| format!("tile {path} has no place"))?;
            let ours: Vec<u8> = ours.iter().flat_map(|hash| hash.0).collect();
            if served != ours {
                return Err(format!("tile {path} does not follow from the leaves"));
            }
        }
        Ok(tiles.len())
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
mod tests {
    use super::*;

    /// RFC 9162, section 2.1, over the well-known certificate-transparency test inputs.
    #[test]
    fn roots_are_those_of_the_published_vectors() {
        let inputs: [&[u8]; 8] = [
            &[],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Tree(vec![]);
        for (place, (input, root)) in (0_u64..).zip(inputs.iter().zip(roots)) {
            let added = stored_hashes_for_record_hash(place, record_hash(input), &tree).unwrap();
            tree.0.extend(added);
            let hash = tree_hash(place + 1, &tree).unwrap();
            let got = hash.0.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
            assert_eq!(got, root, "{} leaves", place + 1);
        }
    }

    #[test]
    fn bundles_are_named_as_the_specification_names_them() {
        assert_eq!((tile_name(0, 256), tile_name(1_234_067, 256)), ("000".into(), "x001/x234/067".into()));
        assert_eq!(tile_name(5, 7), "005.p/7");
    }
}
