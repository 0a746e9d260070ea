//! Tests of `tree.rs`.

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
