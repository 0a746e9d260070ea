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
