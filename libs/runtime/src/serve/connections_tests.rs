//! Tests of `connections.rs`.

use super::*;

#[test]
fn addresses_of_one_peer_count_together() {
    let connections = Connections::new(8, 1);
    let _held = connections.place(IpAddr::from([10, 0, 0, 1])).unwrap();
    let mapped: IpAddr = "::ffff:10.0.0.1".parse().unwrap();
    assert_eq!(connections.place(mapped).err(), Some(SlotError::Own));
    let of = |text: &str| connections.place(text.parse().unwrap());
    let _other = of("2001:db8:0:1::1").unwrap();
    assert_eq!(of("2001:db8:0:1:ffff::2").err(), Some(SlotError::Own), "one network");
    assert!(of("2001:db8:0:2::1").is_ok());
}

#[test]
fn the_file_limit_sets_the_number_of_connections() {
    for (files, all) in [(256, 128), (1024, 512), (1 << 20, MAX_CONNECTIONS), (10, MIN_CONNECTIONS)] {
        let connections = Connections::for_files(files, None);
        assert_eq!((connections.0.free(), connections.0.share()), (all, all / 4), "{files}");
    }
}
