//! Conversion of rows to resources and back.

#[path = "registry_tests/portal.rs"]
mod portal;

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::registry::{FurtherField, FurtherKind, PlaceComponents, Stage, StageRule, Stages};
use lcr_model::UserId;
use portal::{others, row};
use proptest::{collection, prelude::*};
use serde_json::json;

use super::{
    super::{MANAGED_BY, PORTAL},
    *,
};

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn resource(name: &str, agreement: &serde_json::Value) -> PartnerSystem {
    serde_json::from_value(json!({
        "apiVersion": "leedscarerecord.uk/v1", "kind": "PartnerSystem", "metadata": {"name": format!("rr8-{name}")},
        "spec": {
            "odsCode": "RR8", "system": name, "name": "PAS", "kind": "hospital", "protocol": "fhir-r4",
            "organisation": {"name": "Leeds Teaching Hospitals", "kind": "acute"},
            "endpoint": "https://fhir.example.org/r4", "datasets": ["demographics", "results"], "agreement": agreement
        }
    }))
    .unwrap()
}

fn signed() -> serde_json::Value {
    json!({"reference": "ISA-1", "signedOn": "2026-04-01", "expires": "2028-03-31"})
}

#[test]
fn only_agreed_datasets_are_on_and_none_without_an_agreement_in_force() {
    let (organisation, system) = to_registry_rows(&resource("pas", &signed()), now());
    assert!(organisation.agreement_signed);
    assert_eq!(system.datasets.len(), Dataset::ALL.len());
    assert_eq!(system.datasets[&Dataset::Results], DatasetSwitch::On);
    assert_eq!(system.datasets[&Dataset::Medications], DatasetSwitch::NotAgreed);
    for expired in [
        json!({"reference": "ISA-1"}),
        json!({"reference": "ISA-1", "signedOn": "2024-01-01", "expires": "2026-11-21"}),
    ] {
        let (organisation, system) = to_registry_rows(&resource("pas", &expired), now());
        assert!(!organisation.agreement_signed);
        assert!(system.datasets.values().all(|switch| *switch == DatasetSwitch::NotAgreed));
    }
}

#[test]
fn an_organisation_is_one_row_and_signed_while_any_agreement_is_in_force() {
    let expired = json!({"reference": "ISA-0", "signedOn": "2024-01-01", "expires": "2025-01-01"});
    let (lab, mut pas) = (resource("lab", &expired), resource("pas", &signed()));
    pas.spec.organisation.name = "Another name".into();
    let set = partner_set([&pas, &lab], now());
    assert_eq!(set.organisations.len(), 1);
    assert_eq!(set.organisations[0].name, "Leeds Teaching Hospitals", "the first by name says it");
    assert!(set.organisations[0].agreement_signed);
    let on = |at: usize| set.systems[at].datasets.values().any(|switch| *switch == DatasetSwitch::On);
    assert!(!on(0) && on(1), "each system shares by its own agreement");
}

#[test]
fn a_state_other_than_live_counts_whichever_system_says_it() {
    let (lab, mut pas) = (resource("lab", &signed()), resource("pas", &signed()));
    pas.spec.organisation.state = Some(PartnerState::Suspended);
    for resources in [[&lab, &pas], [&pas, &lab]] {
        let set = partner_set(resources, now());
        assert!(!set.organisations[0].takes_part(), "{:?}", set.organisations[0]);
    }
}

#[test]
fn clients_stages_and_details_of_a_resource_are_in_the_set() {
    let mut pas = resource("pas", &signed());
    pas.spec = serde_json::from_value(json!({
        "odsCode": "RR8", "system": "pas", "name": "PAS", "kind": "hospital", "protocol": "fhir-r4",
        "organisation": {"name": "Leeds Teaching Hospitals", "kind": "acute", "contact": "the integration team",
                         "sites": [{"ods": "RR813", "name": "St James's"}]},
        "endpoint": "https://fhir.example.org/r4", "datasets": ["demographics", "results"], "agreement": signed(),
        "live": false, "contact": "the PAS team", "testers": ["018f-tester"], "pilots": ["B86001"],
        "stages": [
            {"dataset": "demographics", "stage": "on", "signedOffBy": "A. Smith, Caldicott guardian", "userView": "clear"},
            {"dataset": "results", "stage": "off"}
        ],
        "clients": [{"id": "rr8-feed", "name": "Feed", "role": "feeds-client", "scope": "feeds.write",
                     "jwksUrl": "https://fhir.example.org/jwks"}]
    }))
    .unwrap();
    let set = partner_set([&pas], now());
    let setup = &set.systems[0].setup;
    assert!(!setup.live && setup.credentials.is_none());
    assert_eq!(setup.contact, "the PAS team");
    assert_eq!(setup.stages.of(Dataset::Results, &OdsCode::new("B86001")), Stage::Off);
    assert_eq!(set.sign_offs[0].signed_off_by, "A. Smith, Caldicott guardian");
    assert_eq!((set.clients[0].id.as_str(), set.clients[0].org.as_str()), ("rr8-feed", "RR8"));
    let details = &set.details[&OdsCode::new("RR8")];
    assert_eq!((details.contact.as_str(), details.sites[0].name.as_str()), ("the integration team", "St James's"));
    assert!(set.credentials.is_empty(), "the pass adds them");
}

#[test]
fn deleted_and_portal_resources_are_not_in_the_set() {
    let (mut deleted, mut portal) = (resource("pas", &signed()), resource("lab", &signed()));
    deleted.metadata.deletion_timestamp = Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(now()));
    portal.labels_mut().insert(MANAGED_BY.into(), PORTAL.into());
    assert_eq!(partner_set([&deleted, &portal], now()), PartnerSet::default());
}

fn feed_with(senders: Vec<(String, String)>, has_place: bool, has_quiet_days: bool) -> Feed {
    let place = PlaceComponents { ward: 2, bay: 0, bed: 3, site: 1, description: 9 };
    let field = FurtherField {
        key: "news".into(),
        label: "NEWS2".into(),
        kind: FurtherKind::Number,
        from: "OBX:NEWS2".into(),
        words: BTreeMap::from([("0".to_owned(), "none".to_owned())]),
        filter: true,
    };
    Feed {
        senders,
        profile: "itk".into(),
        training: false,
        place: has_place.then_some(place),
        wards: BTreeMap::from([("J27".to_owned(), "Ward J27".to_owned())]),
        fields: vec![field],
        quiet_days: has_quiet_days.then_some(3),
    }
}

/// Stages that say something of every agreed dataset, or nothing at all.
fn stages_of(datasets: &BTreeSet<Dataset>, stage: Option<Stage>) -> Stages {
    let mut stages = Stages::default();
    let Some(stage) = stage.filter(|_| !datasets.is_empty()) else { return stages };
    stages.testers = BTreeSet::from([UserId::new("018f-tester")]);
    for dataset in datasets {
        stages.set(StageRule { dataset: *dataset, unit: None, receiver: None, stage });
        stages.set(StageRule {
            dataset: *dataset,
            unit: None,
            receiver: Some(OdsCode::new("B86001")),
            stage: Stage::On,
        });
    }
    stages
}

proptest! {
    #[test]
    fn a_row_converts_to_a_resource_and_back((organisation, system) in row()) {
        let resource = to_resource(&system, &others(&organisation, &system)).unwrap();
        prop_assert!(managed_elsewhere(&resource));
        prop_assert_eq!(to_registry_rows(&resource, now()), (organisation, system));
    }

    #[test]
    fn a_resource_survives_being_written_and_read((organisation, system) in row()) {
        let resource = to_resource(&system, &others(&organisation, &system)).unwrap();
        let read: PartnerSystem = serde_json::from_value(serde_json::to_value(&resource).unwrap()).unwrap();
        prop_assert_eq!(read, resource);
    }
}
