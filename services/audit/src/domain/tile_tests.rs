//! Tests of `tile.rs`.

use super::*;
use proptest::prelude::*;

#[test]
fn tile_paths_follow_the_specification() {
    assert_eq!(parse_path("0/000"), Some(TileRequest::Hashes(Tile::new(8, 0, 0, 256, false))));
    assert_eq!(parse_path("1/x001/x234/067"), Some(TileRequest::Hashes(Tile::new(8, 1, 1_234_067, 256, false))));
    assert_eq!(parse_path("0/000.p/5"), Some(TileRequest::Hashes(Tile::new(8, 0, 0, 5, false))));
    assert_eq!(parse_path("entries/001.p/7"), Some(TileRequest::Entries { first: 256, width: 7 }));
}

#[test]
fn a_path_that_is_not_exactly_a_tile_is_rejected() {
    for path in [
        "",
        "0",
        "0/",
        "0/0",
        "0/0000",
        "0/x000/001",
        "00/000",
        "8/000",
        "64/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/05",
        "entries/000.p/0",
        "data/000",
        "0/000/",
        "-1/000",
        "0/x001",
    ] {
        assert_eq!(parse_path(path), None, "{path}");
    }
}

proptest! {
    #[test]
    fn no_path_makes_the_parser_panic(path in "[0-9x/.pentris]{0,60}") {
        if let Some(TileRequest::Hashes(tile)) = parse_path(&path) {
            prop_assert_eq!(stored_hash_indexes(&tile).len(), tile.width() as usize);
        }
    }
}
