//! Which sources a grant names: those that share, those whose data is withheld with a reason, and never a discreet one.

use std::collections::BTreeMap;

use super::*;

#[test]
fn the_sources_that_share_something_do_not_depend_on_what_is_asked() {
    let mut partly = system("partly", false, false, DatasetSwitch::NotAgreed);
    partly.datasets.insert(Dataset::Results, DatasetSwitch::On);
    let systems = [
        system("open", false, false, DatasetSwitch::On),
        partly,
        system("closed", false, false, DatasetSwitch::NotAgreed),
        system("discreet", true, false, DatasetSwitch::On),
        system("suspended", false, true, DatasetSwitch::On),
    ];
    let (gp, facts) = (actor(Role::Gp, PRACTICE), permitted_facts(&systems));
    let asked_sets = Dataset::ALL.iter().map(std::slice::from_ref).chain([&[][..], Dataset::ALL]);
    for asked in asked_sets {
        let grant = decide(policies(), &gp, AccessKind::Record, asked, &facts).unwrap();
        let sharing: Vec<String> = grant.sharing.unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(sharing, ["open", "partly"], "{asked:?}");
    }
    let apart = System { kind: SystemKind::MentalHealth, ..system("apart", false, false, DatasetSwitch::On) };
    let systems = [apart];
    let manager = actor(Role::PracticeManager, PRACTICE);
    let grant = open(&manager, &permitted_facts(&systems)).unwrap();
    assert_eq!(grant.sharing, Some(BTreeSet::new()), "nothing of it is open to this role");
}

#[test]
fn a_source_gives_nothing_until_its_owner_has_signed() {
    let mut connected_in_part = system("part", false, false, DatasetSwitch::NotConnected);
    connected_in_part.datasets.insert(Dataset::Results, DatasetSwitch::On);
    let mut signed = system("signed", false, false, DatasetSwitch::On);
    signed.organisation = OdsCode::new("Z9H02");
    let systems = [connected_in_part, system("discreet", true, false, DatasetSwitch::On), signed];
    let unsigned_owners = BTreeSet::from([OdsCode::new("Z9H01")]);
    let facts = Facts { unsigned_owners: &unsigned_owners, ..permitted_facts(&systems) };
    let grant = open(&actor(Role::Gp, PRACTICE), &facts).unwrap();
    assert!(grant.grants.iter().all(|(source, _)| source.as_str() == "signed"));
    assert_eq!(grant.sharing, Some(BTreeSet::from([SourceId::new("signed")])));
    for (source, _, reason) in &grant.withheld {
        let expected = match source.as_str() {
            "part" => Some(WithheldReason::NotAgreed),
            "discreet" => Some(WithheldReason::Discreet),
            _ => None,
        };
        assert!(expected.is_none_or(|expected| expected == *reason), "{source}");
    }
    assert_eq!(grant.withheld.iter().filter(|one| one.0.as_str() == "part").count(), Dataset::ALL.len());
}

#[test]
fn the_index_may_name_a_discreet_source_to_its_own_staff_alone() {
    let systems = [system("open", false, false, DatasetSwitch::On), system("discreet", true, false, DatasetSwitch::On)];
    for (what, org, named) in [
        (AccessKind::Identity, PRACTICE, false),
        (AccessKind::Review, PRACTICE, false),
        (AccessKind::Review, "Z9H01", true),
    ] {
        let steward = actor(Role::DataSteward, org);
        let grant = decide(policies(), &steward, what, &[Dataset::Demographics], &permitted_facts(&systems)).unwrap();
        assert_eq!((grant.may_name("open"), grant.may_name("discreet")), (true, named), "{what:?} at {org}");
        assert_eq!(grant.grants.len(), 1, "the summary alone");
    }
}

#[test]
fn withheld_data_has_a_reason_and_a_discreet_source_is_never_granted() {
    let systems = [
        system("on", false, false, DatasetSwitch::On),
        system("not-agreed", false, false, DatasetSwitch::NotAgreed),
        system("not-connected", false, false, DatasetSwitch::NotConnected),
        system("discreet", true, false, DatasetSwitch::On),
        system("suspended", false, true, DatasetSwitch::On),
    ];
    let grant = open(&actor(Role::Receptionist, PRACTICE), &permitted_facts(&systems)).unwrap();
    assert!(grant.grants.iter().all(|(source, _)| source.as_str() == "on"));
    let why: BTreeMap<(&str, Dataset), WithheldReason> =
        grant.withheld.iter().map(|(source, dataset, reason)| ((source.as_str(), *dataset), *reason)).collect();
    assert_eq!(why[&("on", Dataset::Results)], WithheldReason::Role);
    assert_eq!(why[&("not-agreed", Dataset::Demographics)], WithheldReason::NotAgreed);
    assert_eq!(why[&("not-connected", Dataset::Demographics)], WithheldReason::NotConnected);
    assert!(Dataset::ALL.iter().all(|one| why[&("discreet", *one)] == WithheldReason::Discreet));
    assert!(why.keys().all(|(source, _)| *source != "suspended"), "a suspended source is not named");
}
