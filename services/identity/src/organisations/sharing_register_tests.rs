//! The register names who shares what, and never a discreet service.

use std::collections::BTreeSet;

use jiff::civil::date;
use lcr_contracts::{
    registry::{Declined, PartnerState, StageRule, SystemSetup},
    vocabulary::{OrganisationKind, SystemKind},
};
use lcr_model::SourceId;

use super::*;
use crate::organisations::testing::schedule;

fn organisation(ods: &str, agreement_signed: bool) -> Organisation {
    Organisation {
        ods: OdsCode::new(ods),
        name: format!("Organisation {ods}"),
        kind: OrganisationKind::Community,
        agreement_signed,
        part_of: None,
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    }
}

fn system(id: &str, ods: &str) -> System {
    System {
        id: SourceId::new(id),
        name: format!("System {id}"),
        organisation: OdsCode::new(ods),
        base_url: String::new(),
        kind: SystemKind::Community,
        authority: false,
        discreet: false,
        datasets: BTreeMap::from([
            (Dataset::Allergies, DatasetSwitch::On),
            (Dataset::Results, DatasetSwitch::NotAgreed),
        ]),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        feed: None,
        setup: SystemSetup::default(),
    }
}

fn rule(receiver: Option<&str>, stage: Stage) -> StageRule {
    StageRule { dataset: Dataset::Allergies, unit: None, receiver: receiver.map(OdsCode::new), stage }
}

fn stage_with(change: impl FnOnce(&mut System)) -> Stage {
    let mut system = system("a", "Z9K01");
    change(&mut system);
    stage(&[&system], Dataset::Allergies)
}

#[test]
fn who_has_signed_is_listed_with_what_it_gives() {
    let registry = Registry {
        organisations: vec![organisation("Z9K01", true), organisation("Z9D01", false)],
        systems: vec![system("b", "Z9K01"), system("a", "Z9K01")],
    };
    let signed = SignedAgreement {
        since: Some(date(2026, 2, 1)),
        stopped: None,
        schedule: Some(schedule(&[Dataset::Allergies])),
    };
    let register = build(&registry, &BTreeMap::from([(OdsCode::new("Z9K01"), signed)]), "2026-1");
    assert_eq!(register.partners.len(), 1, "a draft is not listed");
    let entry = &register.partners[0];
    assert_eq!((entry.purpose.as_str(), entry.since, entry.takes_part), ("direct care", Some(date(2026, 2, 1)), true));
    assert_eq!(
        (entry.lawful_basis.as_str(), entry.receives.as_deref()),
        ("6(1)(e), 9(2)(h)", Some(&[Dataset::Medications][..]))
    );
    let systems = vec!["System a".to_owned(), "System b".to_owned()];
    assert_eq!(entry.gives, [SharedDataset { dataset: Dataset::Allergies, systems, stage: "on".to_owned() }]);
}

/// The platform does not know what an agreement on paper says.
#[test]
fn what_an_organisation_on_paper_receives_is_not_on_record() {
    let registry = Registry { organisations: vec![organisation("Z9K01", true)], systems: vec![] };
    let register = build(&registry, &BTreeMap::new(), "2026-1");
    assert_eq!(register.partners[0].receives, None);
    assert!(!serde_json::to_string(&register).unwrap().contains("receives"), "not an empty list either");
}

#[test]
fn who_has_left_stays_listed_and_gives_nothing() {
    let left = Organisation { state: PartnerState::Left, ..organisation("Z9K01", false) };
    let registry = Registry { organisations: vec![left], systems: vec![system("a", "Z9K01")] };
    let (since, stopped) = (Some(date(2026, 2, 1)), Some(date(2026, 9, 1)));
    let signed = SignedAgreement { since, stopped, schedule: None };
    let register = build(&registry, &BTreeMap::from([(OdsCode::new("Z9K01"), signed)]), "2026-1");
    assert_eq!(register.partners[0].since, stopped, "not the day of its signature");
    assert!(!register.partners[0].takes_part && register.partners[0].gives.is_empty());
}

#[test]
fn a_discreet_service_is_never_named() {
    let discreet = System { discreet: true, ..system("quiet", "Z9Q01") };
    let beside = System { discreet: true, ..system("hidden", "Z9K01") };
    let clinic = Organisation { kind: OrganisationKind::SexualHealth, ..organisation("Z9S01", true) };
    let registry = Registry {
        organisations: vec![organisation("Z9K01", true), organisation("Z9Q01", true), clinic],
        systems: vec![system("a", "Z9K01"), beside, discreet],
    };
    let text = format!("{:?}", build(&registry, &BTreeMap::new(), "2026-1"));
    assert!(text.contains("Z9K01") && text.contains("System a"));
    for hidden in ["Z9Q01", "Z9S01", "quiet", "hidden"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
}

#[test]
fn a_dataset_is_on_only_when_every_receiver_sees_it() {
    assert_eq!(stage_with(|_| {}), Stage::On, "no rule: on for everybody");
    assert_eq!(stage_with(|system| system.setup.stages.set(rule(None, Stage::SafetyTesters))), Stage::SafetyTesters);
    assert_eq!(stage_with(|system| system.setup.stages.set(rule(Some("B1"), Stage::Off))), Stage::PilotTeams);
    let declined = Declined { receiver: OdsCode::new("B1"), dataset: Dataset::Allergies };
    assert_eq!(stage_with(|system| system.setup.stages.declined = BTreeSet::from([declined])), Stage::PilotTeams);
    assert_eq!(stage_with(|system| system.setup.live = false), Stage::Off);
}
