//! Tile paths after C2SP `tlog-tiles`: `<level>/<index>[.p/<width>]` and `entries/<index>[.p/<width>]`, 256 hashes each.
//! Any other path is "not found". It must never panic, as the library's parser does on some paths.

use tlog_tiles::{Tile, stored_hash_index};

/// The height of a tile: a full one has 2^8 hashes.
pub const HEIGHT: u8 = 8;
const WIDTH: u32 = 1 << HEIGHT;
/// Levels of a tree of 2^64 leaves.
const HIGHEST_LEVEL: u8 = 7;

/// A requested tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileRequest {
    Hashes(Tile),
    /// Leaves from `first` on, this many.
    Entries {
        first: u64,
        width: u32,
    },
}

/// Parses the path after `/tile/`.
pub fn parse_path(path: &str) -> Option<TileRequest> {
    let (level, rest) = path.split_once('/')?;
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => (number, parse_width(width)?),
        None => (rest, WIDTH),
    };
    let index = parse_index(number)?;
    if level == "entries" {
        return Some(TileRequest::Entries { first: index.checked_mul(u64::from(WIDTH))?, width });
    }
    let known: u8 = level.parse().ok().filter(|level| *level <= HIGHEST_LEVEL)?;
    // Larger indexes have no stored hashes.
    let fits = index < (u64::MAX >> (HEIGHT * (known + 1))).max(1);
    (level == known.to_string() && fits).then(|| TileRequest::Hashes(Tile::new(HEIGHT, known, index, width, false)))
}

/// `1` to `255`, without leading zeros.
fn parse_width(text: &str) -> Option<u32> {
    let width: u32 = text.parse().ok().filter(|width| (1..WIDTH).contains(width))?;
    (text == width.to_string()).then_some(width)
}

/// `x001/x234/067` is 1234067.
fn parse_index(text: &str) -> Option<u64> {
    let groups: Vec<&str> = text.split('/').collect();
    let (last, leading) = groups.split_last()?;
    let digits = |group: &str| {
        let three = group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit());
        three.then(|| group.parse::<u64>().ok()).flatten()
    };
    let mut index = 0_u64;
    for (at, group) in leading.iter().enumerate() {
        let value = digits(group.strip_prefix('x')?)?;
        // A number does not begin with an empty group.
        if at == 0 && value == 0 {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(value)?;
    }
    index.checked_mul(1000)?.checked_add(digits(last)?)
}

/// The indexes of a tile's stored hashes, in order.
pub fn stored_hash_indexes(tile: &Tile) -> Vec<u64> {
    let start = tile.level_index() << HEIGHT;
    (0..u64::from(tile.width())).map(|at| stored_hash_index(HEIGHT * tile.level(), start + at)).collect()
}

/// Encodes a bundle of leaves: for each its length in two bytes, then its bytes.
pub fn encode_bundle(leaves: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(leaves.len() * 34);
    for leaf in leaves {
        bytes.extend(u16::try_from(leaf.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend(leaf);
    }
    bytes
}

#[cfg(test)]
#[path = "tile_tests.rs"]
mod tests;
