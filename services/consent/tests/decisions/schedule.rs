//! The schedule of the reader's agreement: their staff read what the organisation receives, and nothing else of other owners (S-68).

use lcr_consent::domain::reader::Reader;
use proptest::prelude::*;

use super::*;

/// Why results of the system are withheld. `None`: they are granted.
fn reason(actor: &Actor, facts: &Facts<'_>) -> Option<WithheldReason> {
    let grant = open(actor, facts).unwrap();
    grant.withheld.iter().find(|(_, dataset, _)| *dataset == Dataset::Results).map(|(.., reason)| *reason)
}

#[test]
fn a_dataset_that_the_organisation_does_not_receive_is_withheld_and_says_so() {
    let mut later = system("h", false, false, DatasetSwitch::On);
    let rule = StageRule { dataset: Dataset::Results, unit: None, receiver: None, stage: Stage::Off };
    later.setup.stages.set(rule);
    let (systems, off) = ([system("h", false, false, DatasetSwitch::On)], [later]);
    let unagreed = [system("h", false, false, DatasetSwitch::NotAgreed)];
    let (with, without) = (practice(Some([Dataset::Results].into())), practice(Some([Dataset::Allergies].into())));
    let (gp, clerk) = (actor(Role::Gp, PRACTICE), actor(Role::Receptionist, PRACTICE));
    let of = |organisation, systems| Facts { organisation: Some(organisation), ..permitted_facts(systems) };
    let on_paper = practice(None);
    assert_eq!(reason(&gp, &of(&on_paper, &systems)), None, "an agreement on paper has no schedule on record");
    assert_eq!(reason(&gp, &of(&with, &systems)), None);
    assert_eq!(reason(&gp, &of(&without, &systems)), Some(WithheldReason::NotReceived));
    assert_eq!(reason(&gp, &of(&without, &off)), Some(WithheldReason::NotReceived), "the switch-on would not show it");
    assert_eq!(reason(&gp, &of(&without, &unagreed)), Some(WithheldReason::NotAgreed), "nobody is given it");
    assert_eq!(reason(&clerk, &of(&without, &systems)), Some(WithheldReason::Role), "whoever may never see it");
}

#[test]
fn what_the_organisation_holds_itself_and_a_persons_own_record_are_not_limited() {
    let own = System { organisation: OdsCode::new(PRACTICE), ..system("own", false, false, DatasetSwitch::On) };
    let systems = [system("h", false, false, DatasetSwitch::On), own];
    let nothing = practice(Some(BTreeSet::new()));
    let facts = Facts { organisation: Some(&nothing), ..permitted_facts(&systems) };
    let grant = open(&actor(Role::Gp, PRACTICE), &facts).unwrap();
    assert!(!grant.grants.is_empty() && grant.grants.iter().all(|(source, _)| source.as_str() == "own"));
    assert_eq!(grant.sharing, Some(BTreeSet::from([SourceId::new("own")])));
    for (role, receives) in [(Role::Patient, true), (Role::ProxyParent, true), (Role::Gp, false)] {
        let reader = Reader { actor: &actor(role, PRACTICE), organisation: Some(&nothing), organisations: &[] };
        assert_eq!(reader.receives(&systems[0], Dataset::Results), receives, "{role}");
    }
}

/// S-68: a site and its trust are one organisation to a schedule. Two practices of one team are not.
#[test]
fn data_of_the_readers_own_trust_is_not_limited_and_that_of_another_practice_of_their_team_is() {
    let of = |ods: &str, kind: &str, part_of: Option<&str>| Organisation {
        ods: OdsCode::new(ods),
        kind: kind.into(),
        part_of: part_of.map(OdsCode::new),
        ..practice(Some(BTreeSet::new()))
    };
    let site_and_trust = [of(PRACTICE, "hospital-site", Some("Z9H01")), of("Z9H01", "acute", None)];
    let two_practices = [
        of(PRACTICE, "gp-practice", Some("Z9T01")),
        of("Z9H01", "gp-practice", Some("Z9T01")),
        of("Z9T01", "neighbourhood-team", None),
    ];
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let gp = actor(Role::Gp, PRACTICE);
    let found = |organisations: &[Organisation]| {
        let organisation = organisations.first();
        reason(&gp, &Facts { organisation, organisations, ..permitted_facts(&systems) })
    };
    assert_eq!(found(&site_and_trust), None);
    assert_eq!(found(&two_practices), Some(WithheldReason::NotReceived));
}

#[test]
fn a_suspended_source_is_not_named_as_one_that_will_come_back() {
    let systems = [system("h", false, true, DatasetSwitch::On)];
    let without = practice(Some(BTreeSet::new()));
    let facts = Facts { organisation: Some(&without), ..permitted_facts(&systems) };
    assert_eq!(reason(&actor(Role::Gp, PRACTICE), &facts), Some(WithheldReason::NotReceived));
}

proptest! {
    /// S-68: who receives less never sees more, and nobody sees of other owners what they do not receive.
    #[test]
    fn a_smaller_schedule_never_adds_to_a_grant(
        role in prop::sample::select(Role::ALL),
        links in prop::sample::subsequence(all_relationships(), 0..7),
        what in prop::sample::select(vec![AccessKind::Record, AccessKind::Fhir, AccessKind::WardList]),
        wide in prop::option::of(prop::sample::subsequence(Dataset::ALL, 0..=Dataset::ALL.len())),
        kept in prop::sample::subsequence(Dataset::ALL, 0..=Dataset::ALL.len()),
        owners in prop::collection::vec(prop::sample::select(vec![PRACTICE, "Z9H01", "Z9H02"]), 0..4),
    ) {
        let owned = |(at, owner): (usize, &&str)| System {
            organisation: OdsCode::new(*owner),
            ..system(&format!("s{at}"), false, false, DatasetSwitch::On)
        };
        let systems: Vec<System> = owners.iter().enumerate().map(owned).collect();
        let wide: Option<BTreeSet<Dataset>> = wide.map(|all| all.into_iter().collect());
        let narrow: BTreeSet<Dataset> =
            kept.into_iter().filter(|dataset| wide.as_ref().is_none_or(|wide| wide.contains(dataset))).collect();
        let decided = |organisation: &Organisation| {
            let facts =
                Facts { relationships: links.clone(), organisation: Some(organisation), ..permitted_facts(&systems) };
            decide(policies(), &actor(role, PRACTICE), what, Dataset::ALL, &facts)
        };
        match (decided(&practice(wide)), decided(&practice(Some(narrow.clone())))) {
            (Ok(more), Ok(less)) => {
                prop_assert!(less.grants.is_subset(&more.grants) && less.labels.is_subset(&more.labels));
                let reads_own_record = matches!(role, Role::Patient | Role::ProxyParent);
                for (source, dataset) in less.grants.iter().filter(|_| !reads_own_record) {
                    let is_own = systems.iter().any(|one| one.id == *source && one.organisation.as_str() == PRACTICE);
                    prop_assert!(is_own || narrow.contains(dataset), "{dataset} of {source}");
                }
            }
            (more, less) => prop_assert_eq!(more.is_ok(), less.is_ok()),
        }
    }
}
