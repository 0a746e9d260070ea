//! Tests of `keys.rs`.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_testkit::Folder;

use super::*;

#[test]
fn the_gateways_data_key_is_its_own_and_stays() {
    let folder = Folder::new("keys").unwrap();
    let keys = KeyFolder::open(folder.path()).unwrap();
    let (shared, own) = (keys.data_keys().unwrap(), keys.gateway_data_keys().unwrap());
    let sealed = shared.seal("feeds/demographics", b"somebody").unwrap();
    assert!(own.open("feeds/demographics", &sealed).is_err());
    let sealed = own.seal("cache/x/1", b"own").unwrap();
    assert!(keys.gateway_data_keys().unwrap().open("cache/x/1", &sealed).is_ok());
    let mode = fs::metadata(folder.path().join("gateway-data.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
