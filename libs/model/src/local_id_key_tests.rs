//! Tests of `local_id_key.rs`.

use super::*;

fn key() -> LocalIdKey {
    LocalIdKey::from_bytes(&[7; 32]).unwrap()
}

fn hash(source: &str, scope: Option<&str>, number: &str) -> Option<String> {
    key().hash(&SourceId::new(source), scope, number).map(|id| id.0)
}

#[test]
fn an_nhs_number_is_seen_however_it_is_written() {
    let cases = [
        "9990000018",
        "999 000 0018",
        "999-000-0018",
        "999.000.0018",
        "999/000/0018",
        "9 9 9 0 0 0 0 0 1 8",
        "999 - 000 - 0018",
        "999      0000018",
        "  9990000018\t",
        "NHS9990000018",
        "H9990000018X",
        "9990000018-01",
        "12 9990000018",
        "RXX:9990000018",
        "0009990000018",
        "９９９０００００１８",
    ];
    for text in cases {
        assert!(holds_nhs_number(text), "{text}");
        assert!(hash("st-hildas", None, text).is_some(), "{text}");
    }
}

#[test]
fn another_number_stays_as_it_is() {
    for text in ["", "4711", "9990000019", "99900000181", "19990000018", "999000001", "999x000y0018", "RXX12345"] {
        assert!(!holds_nhs_number(text), "{text}");
        assert_eq!(hash("st-hildas", Some("RXX"), text), None, "{text}");
    }
}

#[test]
fn the_same_number_has_the_same_hash_and_each_source_and_authority_its_own() {
    let one = hash("st-hildas", None, "9990000018").unwrap();
    assert_eq!(hash("st-hildas", None, "999 000-0018"), Some(one.clone()));
    let others = [("st-bedes", None), ("st-hildas", Some("RXX")), ("st-hildas", Some("RYY"))];
    let mut all: Vec<String> = others.iter().filter_map(|(source, scope)| hash(source, *scope, "9990000018")).collect();
    all.extend([one, hash("st-hildas", None, "9990000026").unwrap()]);
    let other_key = LocalIdKey::new([8; 32]);
    all.extend(other_key.hash(&SourceId::new("st-hildas"), None, "9990000018").map(|id| id.0));
    let many = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!((all.len(), many), (6, 6));
    for id in all {
        assert!(LocalId(id.clone()).is_hash() && id.len() <= 64 && !holds_nhs_number(&id), "{id}");
    }
    assert!(!LocalId("4711".into()).is_hash() && !LocalId("nhs-4711".into()).is_hash());
}

#[test]
fn an_authority_that_is_an_nhs_number_is_hashed_too() {
    let id = hash("st-hildas", Some("9990000018"), "4711").unwrap();
    assert!(LocalId(id).is_hash());
}

#[test]
fn the_key_never_prints_and_reads_back() {
    let key = key();
    assert_eq!(format!("{key:?}"), "LocalIdKey(…)");
    assert_eq!(LocalIdKey::from_bytes(key.bytes()).unwrap(), key);
    assert_eq!(LocalIdKey::from_bytes(b"short"), Err(SealError::BadKey));
}

#[test]
fn the_same_data_keys_give_the_same_key_and_others_another() {
    let text = DataKeys::generate_text().unwrap();
    let of = |text: &str| LocalIdKey::derived(&DataKeys::parse(text).unwrap()).unwrap();
    assert_eq!(of(&text), of(&text));
    let other = DataKeys::generate_text().unwrap().replacen("k1", "k2", 1);
    assert_ne!(of(&other), of(&text));
    assert_eq!(of(&format!("{text},{other}")), of(&text), "the one that seals counts");
}
