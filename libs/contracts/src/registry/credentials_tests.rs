//! Tests of `credentials.rs`.

use super::*;

fn basic(password: &str) -> Credentials {
    Credentials::Basic { user: "lcr".into(), password: Phi::new(password.into()) }
}

#[test]
fn credentials_open_for_their_own_source_alone_the_new_ones_first() {
    let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
    let (source, other) = (SourceId::new("gp"), SourceId::new("pas"));
    let first = basic("one").seal(&source, None, &keys, Timestamp::UNIX_EPOCH).unwrap();
    let second = basic("two").seal(&source, Some(&first), &keys, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(second.open(&source, &keys), [basic("two"), basic("one")]);
    assert!(second.open(&other, &keys).is_empty());
    assert!(!format!("{second:?} {:?}", basic("secret")).contains("secret"));
}
