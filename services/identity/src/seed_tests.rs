//! Tests of `seed.rs`.

use lcr_contracts::registry::{FurtherField, FurtherKind};
use lcr_model::{OdsCode, SourceId};

use lcr_contracts::registry::SystemSetup;

use super::*;

fn seed(id: &str, feed: Option<Feed>) -> Seed {
    let system = System {
        id: SourceId::new(id),
        name: id.into(),
        organisation: OdsCode::new("Z9H01"),
        base_url: String::new(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: std::collections::BTreeMap::new(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed,
    };
    Seed { systems: vec![system], ..Seed::default() }
}

#[test]
fn a_source_without_senders_is_only_for_demonstrations_and_reserved_names_are_refused() {
    let any = || Some(Feed { profile: "default".into(), training: true, ..Feed::default() });
    assert!(check_systems(&seed("sandbox", any()).systems, true).is_ok());
    assert!(check_systems(&seed("sandbox", any()).systems, false).is_err());
    assert!(check_systems(&seed("st-hildas", None).systems, false).is_ok());
    assert!(check_systems(&seed("nhs-login", None).systems, true).is_err());
}

#[test]
fn an_invalid_profile_is_refused() {
    let field = FurtherField {
        key: "news".into(),
        label: "NEWS".into(),
        kind: FurtherKind::Number,
        from: "somewhere".into(),
        words: std::collections::BTreeMap::new(),
        filter: false,
    };
    let senders = vec![("PAS".to_owned(), "Z9H01".to_owned())];
    let feed = Feed { senders, fields: vec![field], ..Feed::default() };
    let failure = check_systems(&seed("st-hildas", Some(feed)).systems, false).unwrap_err();
    assert!(failure.outward().contains("news"), "{failure:?}");
}
