//! Tests of `others.rs`.

use jiff::Timestamp;
use lcr_contracts::registry::SystemSetup;
use lcr_model::{OdsCode, Phi};

use super::*;

#[test]
fn the_operator_learns_the_token_endpoint_and_no_credentials() {
    let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
    let id = SourceId::new("rr8-pas");
    let token_url = "https://login.example.org/token".to_owned();
    let (client_id, client_secret) = ("lcr".to_owned(), Phi::new("secret".to_owned()));
    let credentials = Credentials::OAuth2Secret { token_url: token_url.clone(), client_id, client_secret, scope: None };
    let sealed = credentials.seal(&id, None, &keys, Timestamp::UNIX_EPOCH);
    let mut systems = vec![System {
        id: id.clone(),
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
        setup: SystemSetup { credentials: sealed, ..SystemSetup::default() },
        feed: None,
    }];
    assert_eq!(take_credentials(&mut systems, &keys), BTreeMap::from([(id, token_url)]));
    assert!(systems[0].setup.credentials.is_none());
}
