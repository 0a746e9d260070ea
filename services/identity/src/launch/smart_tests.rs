//! Tests of `smart.rs`.

use lcr_contracts::registry::{Organisation, PartnerState, SystemSetup};
use lcr_model::{OdsCode, SourceId};

use super::*;

const ADDRESS: &str = "https://fhir.example.org/r4";

fn organisation(ods: &str, state: PartnerState) -> Organisation {
    Organisation {
        ods: OdsCode::new(ods),
        name: format!("Organisation {ods}"),
        kind: "acute".into(),
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state,
        receives: None,
    }
}

fn system(id: &str, ods: &str) -> System {
    System {
        id: SourceId::new(id),
        name: id.to_owned(),
        organisation: OdsCode::new(ods),
        base_url: ADDRESS.to_owned(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: std::collections::BTreeMap::new(),
        rhythm: "real-time".to_owned(),
        default_practice: None,
        suspended: false,
        feed: None,
        setup: SystemSetup::default(),
    }
}

/// whoever registers another source's address first must not stop its launches.
#[test]
fn only_an_open_source_of_an_organisation_that_takes_part_is_launched_from() {
    let suspended = System { suspended: true, ..system("b", "Y90002") };
    let mut registry = Registry {
        organisations: vec![
            organisation("Y90001", PartnerState::Connecting),
            organisation("Y90002", PartnerState::Live),
        ],
        systems: vec![system("a", "Y90001"), suspended],
    };
    assert!(system_at(&registry, ADDRESS).is_none());
    registry.systems.push(System { base_url: format!("{ADDRESS}/"), ..system("c", "Y90002") });
    assert_eq!(system_at(&registry, ADDRESS).map(|system| system.id.as_str()), Some("c"));
    assert!(system_at(&registry, "https://other.example.org").is_none());
}
