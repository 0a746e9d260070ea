//! Tests of `seal.rs`.

use super::*;

#[test]
fn what_is_sealed_opens_only_where_it_lives() {
    let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
    let sealed = keys.seal("feeds/messages/1", b"MSH|").unwrap();
    assert_eq!(keys.open("feeds/messages/1", &sealed).unwrap(), b"MSH|");
    assert_eq!(keys.open("feeds/messages/2", &sealed), Err(SealError::DoesNotOpen));
}

#[test]
fn sealing_and_naming_have_keys_of_their_own_and_the_older_form_still_opens() {
    let text = DataKeys::generate_text().unwrap();
    let secret = text.strip_prefix("k1:hkdf:").unwrap();
    let (derived, older) = (DataKeys::parse(&text).unwrap(), DataKeys::parse(&format!("k1:{secret}")).unwrap());
    let pair = &derived.keys["k1"];
    assert_ne!(pair.seal, pair.name);
    assert_ne!(pair.seal, older.keys["k1"].seal, "nor is the configured key used itself");
    let sealed = older.seal("x", b"y").unwrap();
    assert!(derived.open("x", &sealed).is_err());
    // Rotated from the older form to the newer, both open and both are found.
    let both = DataKeys::parse(&format!("k2:hkdf:{secret},k1:{secret}")).unwrap();
    assert_eq!(both.open("x", &sealed).unwrap(), b"y");
    assert!(both.hash_names("n").contains(&older.hash_name("n")));
    assert!(both.seal("x", b"y").unwrap().starts_with("v1.k2."));
}

#[test]
fn what_was_sealed_for_an_older_place_opens_where_it_is_named() {
    let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
    let sealed = keys.seal("table", b"y").unwrap();
    assert_eq!(keys.open_any("table/1", &["table"], &sealed).unwrap(), b"y");
    assert!(keys.open_any("table/1", &[], &sealed).is_err());
    assert!(keys.open_any("table/1", &["other"], &sealed).is_err());
}

#[test]
fn an_old_key_still_opens_after_rotation() {
    let old = DataKeys::generate_text().unwrap();
    let sealed = DataKeys::parse(&old).unwrap().seal("x", b"y").unwrap();
    let rotated = format!("k2:{},{old}", &DataKeys::generate_text().unwrap()[3..]);
    let rotated = DataKeys::parse(&rotated).unwrap();
    assert_eq!(rotated.open("x", &sealed).unwrap(), b"y");
    assert!(!rotated.is_sealed_by_first(&sealed));
    assert!(rotated.is_sealed_by_first(&rotated.seal("x", b"y").unwrap()));
}

#[test]
fn a_name_is_found_under_an_old_key_after_rotation() {
    let old = DataKeys::generate_text().unwrap();
    let before = DataKeys::parse(&old).unwrap().hash_name("somebody");
    let rotated = format!("k2:{},{old}", &DataKeys::generate_text().unwrap()[3..]);
    let rotated = DataKeys::parse(&rotated).unwrap();
    let names = rotated.hash_names("somebody");
    assert_eq!((names.len(), &names[0]), (2, &rotated.hash_name("somebody")));
    assert_eq!(names[1], before);
}

#[test]
fn nonsense_is_refused_without_a_panic() {
    let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
    for text in ["", "v1", "v1.k1..", "v1.k1.AAAA.AAAA", "v2.k1.a.b", "v1.kx.a.b"] {
        assert!(keys.open("x", text).is_err(), "{text}");
    }
    for text in ["", "k1", "k1:short", ":AAAA", "k.1:AAAA"] {
        assert!(DataKeys::parse(text).is_err(), "{text}");
    }
}
