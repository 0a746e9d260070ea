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
    assert_eq!(why[&("suspended", Dataset::Demographics)], WithheldReason::NotConnected, "it does not vanish");
    assert_eq!(why.get(&("suspended", Dataset::Results)), None, "reception would not see it anyway");
}

/// A system with stage rules of one dataset: for everybody, and for one unit.
fn with_stages(id: &str, whole: Option<Stage>, unit: Option<Stage>) -> System {
    let mut system = system(id, false, false, DatasetSwitch::On);
    let rule = |unit: Option<OdsCode>, stage| StageRule { dataset: Dataset::Results, unit, receiver: None, stage };
    let rules = whole.map(|stage| rule(None, stage)).into_iter();
    let rules = rules.chain(unit.map(|stage| rule(Some(OdsCode::new("Y90009")), stage)));
    rules.for_each(|rule| system.setup.stages.set(rule));
    system.setup.stages.testers.insert(UserId::new("user-2"));
    system
}

#[test]
fn a_dataset_that_is_not_yet_on_is_withheld_and_says_so() {
    let systems = [with_stages("later", Some(Stage::SafetyTesters), None)];
    let facts = permitted_facts(&systems);
    let reason = |actor: &Actor| {
        let grant = open(actor, &facts).unwrap();
        grant.withheld.iter().find(|(_, dataset, _)| *dataset == Dataset::Results).map(|(.., reason)| *reason)
    };
    assert_eq!(reason(&actor(Role::Gp, PRACTICE)), Some(WithheldReason::NotYetOn));
    let tester = Actor { user: UserId::new("user-2"), ..actor(Role::Gp, PRACTICE) };
    assert_eq!(reason(&tester), None, "a safety tester sees it");
    let clerk = actor(Role::Receptionist, PRACTICE);
    assert_eq!(reason(&clerk), Some(WithheldReason::Role), "whoever may never see it is not told that it comes");
    let objected = Facts { objections: objection(Direction::OutOf, Some("Z9H01")), ..facts.clone() };
    let grant = open(&actor(Role::Gp, PRACTICE), &objected).unwrap();
    let of = |dataset| grant.withheld.iter().find(|one| one.1 == dataset).map(|one| one.2);
    assert_eq!(of(Dataset::Allergies), Some(WithheldReason::OptedOut));
    assert_eq!(of(Dataset::Results), Some(WithheldReason::NotYetOn), "a choice is not told of what shows nothing yet");
}

#[test]
fn a_unit_that_is_not_yet_on_travels_in_the_grant_of_its_dataset() {
    let systems = [with_stages("shared", None, Some(Stage::SafetyTesters)), with_stages("other", None, None)];
    let facts = permitted_facts(&systems);
    let grant = open(&actor(Role::Gp, PRACTICE), &facts).unwrap();
    let closed = BTreeSet::from([(SourceId::new("shared"), Dataset::Results, OdsCode::new("Y90009"))]);
    assert_eq!(grant.closed_units, closed);
    assert!(grant.allows(&SourceId::new("shared"), Dataset::Results), "its other units are shown");
    let tester = Actor { user: UserId::new("user-2"), ..actor(Role::Gp, PRACTICE) };
    assert!(open(&tester, &facts).unwrap().closed_units.is_empty());
}

#[test]
fn a_system_that_is_not_live_gives_nothing_and_is_named_only_if_it_was_live_before() {
    let not_live = |id: &str, discreet, switch| {
        let mut waiting = system(id, discreet, false, switch);
        waiting.setup.end_live();
        waiting
    };
    let mut of_newcomer = not_live("newcomer", false, DatasetSwitch::On);
    of_newcomer.organisation = OdsCode::new("Z9X01");
    let mut draft = system("draft", false, false, DatasetSwitch::On);
    draft.setup.live = false;
    let systems = [
        not_live("waiting", false, DatasetSwitch::On),
        not_live("unagreed", false, DatasetSwitch::NotAgreed),
        not_live("quiet", true, DatasetSwitch::On),
        of_newcomer,
        draft,
        system("live", false, false, DatasetSwitch::On),
    ];
    let unsigned_owners = BTreeSet::from([OdsCode::new("Z9X01")]);
    let facts = Facts { unsigned_owners: &unsigned_owners, ..permitted_facts(&systems) };
    let grant = open(&actor(Role::Gp, PRACTICE), &facts).unwrap();
    let live = BTreeSet::from([SourceId::new("live")]);
    assert_eq!(grant.grants.iter().map(|(source, _)| source.clone()).collect::<BTreeSet<_>>(), live);
    assert_eq!(grant.sharing, Some(live));
    let named = grant.withheld.iter().map(|(source, _, reason)| (source.as_str(), *reason));
    let named: BTreeSet<(&str, WithheldReason)> = named.filter(|(source, _)| *source != "live").collect();
    assert_eq!(named, BTreeSet::from([("waiting", WithheldReason::NotYetOn)]));
}
