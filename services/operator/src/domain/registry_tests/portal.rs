//! Tests of the resource that the portal offers for a row of the registry.

use super::*;

pub(super) fn row() -> impl Strategy<Value = (Organisation, System)> {
    let datasets = collection::btree_set(proptest::sample::select(Dataset::ALL), 0..17);
    let kind =
        proptest::sample::select(vec!["gp", "hospital", "community", "mental-health", "social-care", "authority"]);
    let senders = collection::vec(("[A-Z]{1,8}", "[A-Z0-9]{1,8}"), 0..3);
    let stage =
        prop_oneof![Just(None::<Stage>), Just(Some(Stage::Off)), Just(Some(Stage::PilotTeams)), Just(Some(Stage::On))];
    let states = prop_oneof![Just(PartnerState::Live), Just(PartnerState::Conformant), Just(PartnerState::Suspended)];
    let names = ("[A-Z][A-Z0-9]{2,5}", "[a-z][a-z0-9]{0,9}", "[A-Za-z ]{1,20}", proptest::option::of("[A-Z0-9]{3,6}"));
    (names, datasets, kind, senders, (any::<[bool; 6]>(), stage, states)).prop_map(
        |(
            (ods, system_name, name, part_of),
            datasets,
            kind,
            senders,
            ([signed, has_endpoint, discreet, suspended, nightly, live], stage, state),
        )| {
            let has_endpoint = has_endpoint || senders.is_empty();
            let discreet = discreet && kind == "community";
            let organisation = Organisation {
                ods: OdsCode::new(&ods),
                name: name.clone(),
                kind: "acute".into(),
                agreement_signed: signed,
                part_of: part_of.map(OdsCode::new),
                serves: vec![],
                state,
                receives: None,
            };
            let staged = if signed { datasets.clone() } else { BTreeSet::new() };
            let contact = if live { String::new() } else { "the integration team".to_owned() };
            let feed = feed_with(senders.clone(), nightly, suspended);
            let system = System {
                id: SourceId::new(format!("{}-{system_name}", ods.to_lowercase())),
                name,
                organisation: OdsCode::new(ods),
                base_url: if has_endpoint { format!("https://{system_name}.example.org/r4") } else { String::new() },
                kind: if discreet { SystemKind::Discreet } else { kind.into() },
                authority: kind == "authority",
                discreet,
                datasets: switches(&datasets, signed),
                rhythm: if nightly { "nightly".into() } else { "real-time".into() },
                default_practice: None,
                suspended,
                setup: SystemSetup { live, stages: stages_of(&staged, stage), contact, ..SystemSetup::default() },
                feed: (!senders.is_empty()).then_some(feed),
            };
            (organisation, system)
        },
    )
}

/// The rows of a portal with this system alone.
pub(super) fn others(organisation: &Organisation, system: &System) -> PartnerSet {
    PartnerSet { organisations: vec![organisation.clone()], systems: vec![system.clone()], ..PartnerSet::default() }
}

#[test]
fn a_portal_resource_names_its_token_endpoint_and_clients_and_no_credentials() {
    let (organisation, system) = to_registry_rows(&resource("pas", &signed()), now());
    let spec = resource("pas", &signed()).spec;
    let client = |org: &str| lcr_contracts::registrar::Client {
        id: format!("{}-feed", org.to_lowercase()),
        name: "Feed".into(),
        org: OdsCode::new(org),
        role: lcr_model::Role::FeedsClient,
        scope: "feeds.write".into(),
        jwks: serde_json::Value::Null,
        jwks_url: Some("https://keys.example.org/jwks".into()),
        per_minute: 0,
        requests_per_minute: None,
        launch_roles: vec![],
        frame_ancestors: vec![],
    };
    let rows = PartnerSet {
        clients: vec![client("RR8"), client("RGD")],
        token_urls: BTreeMap::from([(system.id.clone(), "https://login.example.org/token".to_owned())]),
        ..others(&organisation, &system)
    };
    let written = to_resource(&system, &rows).unwrap().spec;
    assert_eq!(written.token_url.as_deref(), Some("https://login.example.org/token"));
    assert_eq!(written.clients.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["rr8-feed"]);
    assert_eq!((written.credentials_ref, written.endpoint), (None, spec.endpoint));
    let second = System { id: SourceId::new("rr8-zlab"), ..system.clone() };
    let both = PartnerSet { systems: vec![second.clone(), system], ..rows };
    assert!(to_resource(&second, &both).unwrap().spec.clients.is_empty(), "each client is in one resource");
}
