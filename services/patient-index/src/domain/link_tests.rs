//! Linking is deterministic, blind to the order of arrival, and never joins on less than number and birth date.

use jiff::civil::Date;
use lcr_model::{LocalId, SourceId};
use proptest::prelude::*;

use super::*;

fn patient(number: Option<&str>, born: Option<Date>) -> SourcePatient {
    SourcePatient {
        source: SourceId::new("x"),
        nhs_number: number.map(str::to_owned),
        nhs_number_verified: true,
        family: "Smith".into(),
        given: "Fredrica".into(),
        title: None,
        birth_date: born,
        gender: "female".into(),
        address: None,
        postcode: None,
        practice: None,
        died: false,
        restricted: false,
        authority: false,
        gp_registration: false,
        replaces: vec![],
        active: true,
        links: vec![],
    }
}

fn incoming(source: &str, local: &str, patient: SourcePatient) -> Incoming {
    let identity = SourceIdentity { source: SourceId::new(source), local_id: LocalId(local.into()) };
    Incoming { identity, version: 1, patient }
}

const BORN: Date = jiff::civil::date(1945, 7, 14);

#[test]
fn the_same_number_and_birth_date_is_one_person() {
    let arrivals = [
        incoming("gp", "1", patient(Some("943 476 5919"), Some(BORN))),
        incoming("hospital", "9", patient(Some("9434765919"), Some(BORN))),
    ];
    let placed = place(&arrivals, &mut Held::default(), PersonId::new);
    assert_eq!(placed[0].as_ref().unwrap().person, placed[1].as_ref().unwrap().person);
}

#[test]
fn a_shared_number_with_another_birth_date_is_another_person() {
    let twin = jiff::civil::date(1945, 7, 15);
    let arrivals = [
        incoming("gp", "1", patient(Some("9434765919"), Some(BORN))),
        incoming("hospital", "9", patient(Some("9434765919"), Some(twin))),
        incoming("hospital", "10", patient(Some("9434765919"), None)),
        incoming("hospital", "11", patient(Some("9434765918"), Some(BORN))),
        incoming("hospital", "12", patient(None, Some(BORN))),
    ];
    let placed = place(&arrivals, &mut Held::default(), PersonId::new);
    let people: std::collections::HashSet<_> = placed.iter().flatten().map(|one| one.person).collect();
    assert_eq!(people.len(), 5);
}

#[test]
fn an_older_word_of_a_source_changes_nothing() {
    let first = incoming("gp", "1", patient(None, None));
    let mut held = Held::default();
    place(std::slice::from_ref(&first), &mut held, PersonId::new);
    assert_eq!(place(&[first], &mut held, PersonId::new), vec![None]);
}

#[test]
fn a_known_id_that_comes_with_another_number_leaves_its_person() {
    let mut held = Held::default();
    let first = incoming("gp", "1", patient(Some("9434765919"), Some(BORN)));
    let was = place(&[first], &mut held, PersonId::new)[0].clone().unwrap();
    let mut reused = incoming("gp", "1", patient(Some("9876543210"), Some(BORN)));
    reused.version = 2;
    let now = place(&[reused], &mut held, PersonId::new)[0].clone().unwrap();
    assert_ne!(now.person, was.person);
    assert_eq!(now.left, Some(was.person));
}

#[test]
fn what_stands_under_a_number_in_clear_is_old_once_its_source_has_a_hash() {
    let of = |source: &str, id: &str| SourceIdentity {
        source: lcr_model::SourceId::new(source),
        local_id: lcr_model::LocalId(id.into()),
    };
    let hash = format!("nhs-{}", "ab".repeat(20));
    let all = [of("pds", "943 476 5919"), of("pds", &hash), of("gp", "9434765919"), of("pds", "4711")];
    let old: Vec<bool> = all.iter().map(|one| is_superseded(one, &all)).collect();
    assert_eq!(old, [true, false, false, false]);
}

#[test]
fn a_feed_only_suggests_restriction_and_death() {
    let mut feed = patient(None, None);
    (feed.restricted, feed.died) = (true, true);
    assert_eq!(standing(&[&feed]).marks(), Vec::<String>::new());
    feed.authority = true;
    assert_eq!(standing(&[&feed]).marks(), ["restricted", "died"]);
}

const OTHER_DAY: Date = jiff::civil::date(1945, 7, 15);

fn named(given: &str, sex: &str, born: Option<Date>) -> SourcePatient {
    SourcePatient { given: given.into(), gender: sex.into(), ..patient(Some("9434765919"), born) }
}

/// Where the second of two goes that have one number.
fn second(first: SourcePatient, then: SourcePatient) -> Placed {
    let arrivals = [incoming("gp", "1", first), incoming("hospital", "9", then)];
    place(&arrivals, &mut Held::default(), PersonId::new)[1].clone().unwrap()
}

#[test]
fn another_first_name_and_another_sex_or_birth_date_is_a_doubt() {
    let first = || named("Jonas", "male", Some(BORN));
    for (then, doubt) in [
        (named("Jonas", "male", Some(BORN)), None),
        (named("J", "female", Some(BORN)), None),
        (named("Ida", "male", Some(BORN)), None),
        (named("Ida", "unknown", Some(BORN)), None),
        (named("Ida", "female", Some(BORN)), Some(Differs { sex: true, birth_date: false })),
        (named("Ida", "female", None), Some(Differs { sex: true, birth_date: false })),
        (named("Ida", "male", Some(OTHER_DAY)), Some(Differs { sex: false, birth_date: true })),
        (named("Ida", "female", Some(OTHER_DAY)), Some(Differs { sex: true, birth_date: true })),
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
fn the_authority_has_the_number_whoever_came_first() {
    let authority =
        |given: &str, sex: &str| SourcePatient { authority: true, ..named(given, sex, Some(BORN)) };
    let placed = second(named("Ida", "female", Some(BORN)), authority("Jonas", "male"));
    assert!(placed.puts_in_doubt.is_some() && !placed.number_doubted);
    let placed = second(authority("Jonas", "male"), named("Ida", "female", Some(BORN)));
    assert!(placed.doubt.is_some() && placed.number_doubted);
}

#[test]
fn a_record_in_doubt_that_its_source_corrects_joins_unless_it_was_kept_apart() {
    for kept_apart in [false, true] {
        let mut held = Held::default();
        let twin = incoming("hospital", "9", named("Ida", "female", Some(BORN)));
        let arrivals = [incoming("gp", "1", named("Jonas", "male", Some(BORN))), twin.clone()];
        let placed = place(&arrivals, &mut held, PersonId::new);
        let (hers, his) = (placed[1].clone().unwrap().person, placed[0].clone().unwrap().person);
        if kept_apart {
            held.kept_apart.insert(twin.identity.clone());
        }
        let corrected = Incoming { version: 2, patient: named("Jonas", "male", Some(BORN)), ..twin };
        let now = place(&[corrected], &mut held, PersonId::new)[0].clone().unwrap();
        assert_eq!(now.person, if kept_apart { hers } else { his });
        assert_eq!(now.number_doubted, kept_apart);
    }
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_change_who_is_together(order in Just((0..6usize).collect::<Vec<_>>()).prop_shuffle()) {
        let numbers = ["9434765919", "9434765919", "9876543210", "9876543210", "9434765919", ""];
        let arrivals: Vec<_> = order
            .iter()
            .map(|at| incoming("s", &at.to_string(), patient(Some(numbers[*at]), Some(BORN))))
            .collect();
        let placed = place(&arrivals, &mut Held::default(), PersonId::new);
        for (a, one) in order.iter().zip(&placed) {
            for (b, other) in order.iter().zip(&placed) {
                let together = a == b || (numbers[*a] == numbers[*b] && !numbers[*a].is_empty());
                prop_assert_eq!(one.as_ref().unwrap().person == other.as_ref().unwrap().person, together);
            }
        }
    }
}
