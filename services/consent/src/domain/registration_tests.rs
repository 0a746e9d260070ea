//! Tests of `registration.rs`.

use proptest::prelude::*;

use super::*;

fn at(version: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + version).unwrap()
}

fn after(versions: &[(i64, Option<&str>)]) -> Registration {
    let mut state: Option<Registration> = None;
    for (version, practice) in versions {
        let practice = practice.map(str::to_owned);
        match &mut state {
            Some(state) => state.apply(*version, practice, at(*version)),
            None => state = Some(Registration::first(*version, practice, at(*version))),
        }
    }
    state.unwrap()
}

#[test]
fn the_former_practice_is_the_last_known_one_and_was_left_when_it_was_replaced() {
    for (versions, former) in [
        (vec![(1, Some("a")), (2, Some("a"))], None),
        (vec![(1, None), (2, Some("a"))], None),
        (vec![(1, Some("a")), (2, Some("b"))], Some(("a", 2))),
        (vec![(1, Some("a")), (2, None)], Some(("a", 2))),
        (vec![(1, Some("a")), (2, None), (3, Some("b"))], Some(("a", 2))),
        (vec![(1, Some("a")), (2, Some("b")), (3, Some("c"))], Some(("b", 3))),
        (vec![(1, Some("a")), (3, Some("b")), (2, Some("c"))], Some(("c", 3))),
    ] {
        let state = after(&versions);
        let found = state.former.as_deref().zip(state.left_at);
        assert_eq!(found, former.map(|(practice, left)| (practice, at(left))), "{versions:?}");
    }
}

proptest! {
    #[test]
    fn one_change_of_practice_reads_the_same_in_any_order(
        versions in (1..4i64, 1..4i64, any::<bool>()).prop_flat_map(|(before, after, known)| {
            let second = known.then_some("b");
            let all = (1..=before).map(|version| (version, Some("a")));
            let all: Vec<_> = all.chain((1..=after).map(move |version| (before + version, second))).collect();
            Just(all.clone()).prop_shuffle().prop_map(move |shuffled| (all.clone(), shuffled))
        }),
    ) {
        let (in_order, shuffled) = versions;
        prop_assert_eq!(after(&shuffled), after(&in_order));
    }
}
