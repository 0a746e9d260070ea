//! Random facts: a grant needs a role, a switch and a relationship.

use proptest::prelude::*;

use super::*;

/// The kinds of source.
static KINDS: [SystemKind; 7] = [
    SystemKind::Gp,
    SystemKind::Hospital,
    SystemKind::Community,
    SystemKind::MentalHealth,
    SystemKind::SocialCare,
    SystemKind::Authority,
    SystemKind::Added,
];

fn switches() -> impl Strategy<Value = Vec<System>> {
    let switch =
        prop_oneof![Just(DatasetSwitch::On), Just(DatasetSwitch::NotAgreed), Just(DatasetSwitch::NotConnected)];
    let switches = prop::collection::vec(switch, Dataset::ALL.len());
    let one = (any::<bool>(), any::<bool>(), prop::sample::select(KINDS.to_vec()), switches);
    prop::collection::vec(one, 0..5).prop_map(|rows| {
        let made = rows.into_iter().enumerate().map(|(at, (discreet, suspended, kind, switches))| {
            let datasets = Dataset::ALL.iter().copied().zip(switches).collect();
            System { datasets, kind, ..system(&format!("s{at}"), discreet, suspended, DatasetSwitch::On) }
        });
        made.collect()
    })
}

/// A rule for a dataset or a unit of it, for every organisation or for the reader's.
fn stage_rules() -> impl Strategy<Value = StageRule> {
    let stage = prop_oneof![Just(Stage::Off), Just(Stage::SafetyTesters), Just(Stage::PilotTeams), Just(Stage::On)];
    let dataset = prop::sample::select(Dataset::ALL.to_vec());
    (dataset, prop::option::of("U[12]"), any::<bool>(), stage).prop_map(|(dataset, unit, is_own, stage)| StageRule {
        dataset,
        unit: unit.map(OdsCode::new),
        receiver: is_own.then(|| OdsCode::new(PRACTICE)),
        stage,
    })
}

/// The systems with these rules in force. The reader may be a safety tester or work in a pilot team.
fn staged(systems: &[System], rules: &[StageRule], (is_tester, is_pilot): (bool, bool)) -> Vec<System> {
    let with_rules = |system: &System| {
        let mut system = system.clone();
        system.setup.stages.testers.extend(is_tester.then(|| UserId::new("user-1")));
        system.setup.stages.pilots.extend(is_pilot.then(|| OdsCode::new(PRACTICE)));
        for rule in rules {
            system.setup.stages.set(rule.clone());
        }
        system
    };
    systems.iter().map(with_rules).collect()
}

proptest! {
    /// a step back shows less or the same, whatever the steps before.
    #[test]
    fn a_stage_off_a_closed_unit_or_a_declined_dataset_never_adds_to_a_grant(
        role in prop::sample::select(Role::ALL),
        links in prop::sample::subsequence(all_relationships(), 0..7),
        what in prop::sample::select(vec![AccessKind::Record, AccessKind::Fhir, AccessKind::WardList]),
        systems in switches(),
        rules in prop::collection::vec(stage_rules(), 0..6),
        reader in any::<(bool, bool)>(),
        (added, declines) in (stage_rules(), any::<bool>()),
    ) {
        let before = staged(&systems, &rules, reader);
        let mut after = before.clone();
        for stages in after.iter_mut().map(|system| &mut system.setup.stages) {
            if declines {
                stages.declined.insert(Declined { receiver: OdsCode::new(PRACTICE), dataset: added.dataset });
            } else {
                stages.set(StageRule { stage: Stage::Off, ..added.clone() });
            }
        }
        let decided = |systems: &[System]| {
            let facts = Facts { relationships: links.clone(), ..permitted_facts(systems) };
            decide(policies(), &actor(role, PRACTICE), what, Dataset::ALL, &facts)
        };
        match (decided(&before), decided(&after)) {
            (Ok(more), Ok(less)) => {
                prop_assert!(less.grants.is_subset(&more.grants) && less.labels.is_subset(&more.labels));
                let mut closed = more.closed_units.iter().filter(|(source, dataset, _)| less.allows(source, *dataset));
                prop_assert!(closed.all(|unit| less.closed_units.contains(unit)), "a unit opened");
            }
            (more, less) => prop_assert_eq!(more.is_ok(), less.is_ok()),
        }
    }
}

proptest! {
    #[test]
    fn a_grant_needs_role_switch_and_relationship(
        role in prop::sample::select(Role::ALL),
        links in prop::sample::subsequence(all_relationships(), 0..7),
        what in prop::sample::select(vec![AccessKind::Record, AccessKind::Fhir, AccessKind::WardList]),
        known in prop::option::of(1..5i64),
        (restricted, objected, session_ended, agreement_signed) in any::<(bool, bool, bool, bool)>(),
        systems in switches(),
        asked in prop::sample::subsequence(Dataset::ALL, 0..Dataset::ALL.len()),
    ) {
        let facts = Facts {
            known_version: known, restricted, session_ended, agreement_signed,
            relationships: links.clone(),
            objections: if objected { objection(Direction::Whole, None) } else { vec![] },
            ..permitted_facts(&systems)
        };
        if let Ok(grant) = decide(policies(), &actor(role, PRACTICE), what, &asked, &facts) {
            prop_assert!(!links.is_empty() && agreement_signed && !objected && !session_ended);
            prop_assert!(known.is_some_and(|known| known >= facts.asked_version));
            for (source, dataset) in &grant.grants {
                let from = systems.iter().find(|one| one.id == *source).unwrap();
                prop_assert!(!from.discreet && !from.suspended);
                prop_assert_eq!(from.datasets[dataset], DatasetSwitch::On);
                prop_assert!(asked.contains(dataset));
                prop_assert!(policies().can_ask(role, &from.kind), "{} may see {}", role, from.kind);
                if what == AccessKind::WardList && *dataset == Dataset::Encounters {
                    continue;
                }
                let mut limits = links.iter().filter_map(|link| policies().dataset_limits(role, *dataset, link));
                prop_assert!(limits.any(|one| one.is_subset(&grant.clearances)), "{} sees {} in part", role, dataset);
            }
        }
    }
}
