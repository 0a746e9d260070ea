//! Tests of `credentials.rs`.

use lcr_contracts::registry::SystemSetup;
use lcr_model::{OdsCode, Phi};
use proptest::prelude::*;

use super::*;

fn keys() -> DataKeys {
    DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap()
}

fn system() -> System {
    System {
        id: SourceId::new("rr8-pas"),
        name: "PAS".into(),
        organisation: OdsCode::new("RR8"),
        base_url: "https://fhir.example.org/r4".into(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: BTreeMap::new(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}

fn basic(password: &str) -> Credentials {
    Credentials::Basic { user: "lcr".into(), password: Phi::new(password.into()) }
}

/// What the operator sends of one system.
fn sent(password: Option<&str>) -> BTreeMap<SourceId, Option<Credentials>> {
    BTreeMap::from([(SourceId::new("rr8-pas"), password.map(basic))])
}

/// Sends one update after another and returns the row.
fn after(updates: Vec<BTreeMap<SourceId, Option<Credentials>>>, keys: &DataKeys) -> System {
    let mut stored = system();
    for update in updates {
        let mut rows = vec![system()];
        let before = Registry { systems: vec![stored], ..Registry::default() };
        keep_or_seal(&mut rows, update, &before, keys, Timestamp::UNIX_EPOCH).unwrap();
        stored = rows.remove(0);
    }
    stored
}

fn opened(row: &System, keys: &DataKeys) -> Vec<Credentials> {
    row.setup.credentials.as_ref().map(|sealed| sealed.open(&row.id, keys)).unwrap_or_default()
}

#[test]
fn a_rotation_keeps_those_before_and_an_unread_secret_changes_nothing() {
    let keys = keys();
    let row = after(vec![sent(Some("one")), sent(Some("two")), BTreeMap::new()], &keys);
    assert_eq!(opened(&row, &keys), [basic("two"), basic("one")]);
    assert!(after(vec![sent(Some("one")), sent(None)], &keys).setup.credentials.is_none());
}

proptest! {
    #[test]
    fn the_same_credentials_sent_again_leave_the_row_as_it_is(password in "[a-z]{1,8}", other in "[a-z]{1,8}") {
        let keys = keys();
        let first = after(vec![sent(Some(&other)), sent(Some(&password))], &keys);
        let before = Registry { systems: vec![first.clone()], ..Registry::default() };
        let mut again = vec![system()];
        keep_or_seal(&mut again, sent(Some(&password)), &before, &keys, Timestamp::MAX).unwrap();
        prop_assert_eq!(&again[0], &first);
    }
}
