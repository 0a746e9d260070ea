//! Linking is deterministic, does not depend on the order of arrival, and never joins on less than number and birth date.

use jiff::civil::Date;
use lcr_contracts::events::PersonMark;
use lcr_model::{LocalId, SourceId};
use proptest::prelude::*;

use super::*;

fn patient(number: Option<&str>, born: Option<Date>) -> SourcePatient {
    SourcePatient {
        nhs_number: number.map(str::to_owned),
        nhs_number_verified: true,
        family: "Smith".into(),
        given: "Fredrica".into(),
        birth_date: born,
        gender: "female".into(),
        ..SourcePatient::without_details(SourceId::new("x"))
    }
}

fn update(source: &str, local: &str, patient: SourcePatient) -> IdentityUpdate {
    let identity = SourceIdentity { source: SourceId::new(source), local_id: LocalId(local.into()) };
    IdentityUpdate { identity, version: 1, patient }
}

const BORN: Date = jiff::civil::date(1945, 7, 14);

#[test]
fn the_same_number_and_birth_date_is_one_person() {
    let updates = [
        update("gp", "1", patient(Some("943 476 5919"), Some(BORN))),
        update("hospital", "9", patient(Some("9434765919"), Some(BORN))),
    ];
    let placed = place_identities(&updates, &mut IndexState::default(), PersonId::new);
    assert_eq!(placed[0].as_ref().unwrap().person, placed[1].as_ref().unwrap().person);
}

#[test]
fn a_shared_number_with_another_birth_date_is_another_person() {
    let twin = jiff::civil::date(1945, 7, 15);
    let updates = [
        update("gp", "1", patient(Some("9434765919"), Some(BORN))),
        update("hospital", "9", patient(Some("9434765919"), Some(twin))),
        update("hospital", "10", patient(Some("9434765919"), None)),
        update("hospital", "11", patient(Some("9434765918"), Some(BORN))),
        update("hospital", "12", patient(None, Some(BORN))),
    ];
    let placed = place_identities(&updates, &mut IndexState::default(), PersonId::new);
    let people: std::collections::HashSet<_> = placed.iter().flatten().map(|one| one.person).collect();
    assert_eq!(people.len(), 5);
}

#[test]
fn an_older_update_changes_nothing() {
    let first = update("gp", "1", patient(None, None));
    let mut state = IndexState::default();
    place_identities(std::slice::from_ref(&first), &mut state, PersonId::new);
    assert_eq!(place_identities(&[first], &mut state, PersonId::new), vec![None]);
}

#[test]
fn a_known_id_with_another_number_leaves_its_person() {
    let mut state = IndexState::default();
    let first = update("gp", "1", patient(Some("9434765919"), Some(BORN)));
    let was = place_identities(&[first], &mut state, PersonId::new)[0].clone().unwrap();
    let mut reused = update("gp", "1", patient(Some("9876543210"), Some(BORN)));
    reused.version = 2;
    let now = place_identities(&[reused], &mut state, PersonId::new)[0].clone().unwrap();
    assert_ne!(now.person, was.person);
    assert_eq!(now.left, Some(was.person));
}

#[test]
fn an_unhashed_number_is_superseded_by_its_sources_hash() {
    let identity = |source: &str, id: &str| SourceIdentity {
        source: lcr_model::SourceId::new(source),
        local_id: lcr_model::LocalId(id.into()),
    };
    let hash = format!("nhs-{}", "ab".repeat(20));
    let all = [
        identity("pds", "943 476 5919"),
        identity("pds", &hash),
        identity("gp", "9434765919"),
        identity("pds", "4711"),
    ];
    let superseded: Vec<bool> = all.iter().map(|one| is_superseded(one, &all)).collect();
    assert_eq!(superseded, [true, false, false, false]);
}

#[test]
fn only_the_authority_states_restriction_and_death() {
    let mut feed = patient(None, None);
    (feed.restricted, feed.died) = (true, true);
    assert_eq!(combine_attributes(&[&feed]).marks(), []);
    feed.authority = true;
    assert_eq!(combine_attributes(&[&feed]).marks(), [PersonMark::Restricted, PersonMark::Died]);
}

const OTHER_DAY: Date = jiff::civil::date(1945, 7, 15);

fn named(given: &str, sex: &str, born: Option<Date>) -> SourcePatient {
    SourcePatient { given: given.into(), gender: sex.into(), ..patient(Some("9434765919"), born) }
}

/// Places two identities with one number, and returns the second placement.
fn second(first: SourcePatient, then: SourcePatient) -> Placement {
    let updates = [update("gp", "1", first), update("hospital", "9", then)];
    place_identities(&updates, &mut IndexState::default(), PersonId::new)[1].clone().unwrap()
}

#[test]
fn another_first_name_with_another_sex_or_birth_date_is_a_doubt() {
    let first = || named("Jonas", "male", Some(BORN));
    for (then, doubt) in [
        (named("Jonas", "male", Some(BORN)), None),
        (named("J", "female", Some(BORN)), None),
        (named("Ida", "male", Some(BORN)), None),
        (named("Ida", "unknown", Some(BORN)), None),
        (named("Ida", "female", Some(BORN)), Some(Differences { sex: true, birth_date: false })),
        (named("Ida", "female", None), Some(Differences { sex: true, birth_date: false })),
        (named("Ida", "male", Some(OTHER_DAY)), Some(Differences { sex: false, birth_date: true })),
        (named("Ida", "female", Some(OTHER_DAY)), Some(Differences { sex: true, birth_date: true })),
        (named("", "female", Some(BORN)), None),
    ] {
        let placed = second(first(), then.clone());
        assert_eq!(placed.doubt.map(|(_, differs)| differs), doubt, "{} {}", then.given, then.gender);
        assert_eq!(placed.number_doubted, doubt.is_some());
        assert_eq!(placed.new_person, doubt.is_some());
    }
    let only_born = second(first(), named("Jonas", "male", Some(OTHER_DAY)));
    assert!(only_born.new_person && only_born.doubt.is_none(), "a birth date alone makes another person");
}

#[test]
fn the_authority_has_the_number_in_either_order() {
    let authority = |given: &str, sex: &str| SourcePatient { authority: true, ..named(given, sex, Some(BORN)) };
    let placed = second(named("Ida", "female", Some(BORN)), authority("Jonas", "male"));
    assert!(placed.puts_in_doubt.is_some() && !placed.number_doubted);
    let placed = second(authority("Jonas", "male"), named("Ida", "female", Some(BORN)));
    assert!(placed.doubt.is_some() && placed.number_doubted);
}

#[test]
fn a_corrected_record_joins_unless_a_steward_separated_it() {
    for kept_separate in [false, true] {
        let mut state = IndexState::default();
        let twin = update("hospital", "9", named("Ida", "female", Some(BORN)));
        let updates = [update("gp", "1", named("Jonas", "male", Some(BORN))), twin.clone()];
        let placed = place_identities(&updates, &mut state, PersonId::new);
        let (hers, his) = (placed[1].clone().unwrap().person, placed[0].clone().unwrap().person);
        if kept_separate {
            state.kept_separate.insert(twin.identity.clone());
        }
        let corrected = IdentityUpdate { version: 2, patient: named("Jonas", "male", Some(BORN)), ..twin };
        let now = place_identities(&[corrected], &mut state, PersonId::new)[0].clone().unwrap();
        assert_eq!(now.person, if kept_separate { hers } else { his });
        assert_eq!(now.number_doubted, kept_separate);
    }
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_change_who_is_together(order in Just((0..6usize).collect::<Vec<_>>()).prop_shuffle()) {
        let numbers = ["9434765919", "9434765919", "9876543210", "9876543210", "9434765919", ""];
        let updates: Vec<_> = order
            .iter()
            .map(|at| update("s", &at.to_string(), patient(Some(numbers[*at]), Some(BORN))))
            .collect();
        let placed = place_identities(&updates, &mut IndexState::default(), PersonId::new);
        for (a, one) in order.iter().zip(&placed) {
            for (b, other) in order.iter().zip(&placed) {
                let together = a == b || (numbers[*a] == numbers[*b] && !numbers[*a].is_empty());
                prop_assert_eq!(one.as_ref().unwrap().person == other.as_ref().unwrap().person, together);
            }
        }
    }
}
