//! The people: numbers of each kind, households, and registered practices.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::*;
use crate::plan::TEAMS;

fn world(people: u32) -> World {
    World::new(7, people, "2026-11-22T12:00:00Z".parse().unwrap())
}

#[test]
fn a_household_shares_address_telephone_practice_and_mostly_its_family_name() {
    let world = world(2000);
    let (mut together, mut same_name) = (0, 0);
    for index in BLOCK..2000 {
        let home = home(index);
        assert!(home.head <= index && home.head / BLOCK == index / BLOCK);
        if home.head == index {
            continue;
        }
        let (one, head) = (world.person(index), world.person(home.head));
        let lives = |person: &Person| {
            let address = &person.address;
            (address.house, address.street, address.part, address.postcode())
        };
        assert_eq!(lives(&one), lives(&head));
        assert_eq!(world.telephones(index).0, world.telephones(home.head).0);
        assert_eq!(world.practice(index).ods, world.practice(home.head).ods);
        together += 1;
        same_name += u32::from(one.family == head.family);
        if home.role == Role::Child {
            assert!(world.age(home.head) >= world.age(index) + 16, "a parent is older than their child");
        }
    }
    assert!(together > 800 && same_name * 10 > together * 8, "{same_name} of {together}");
}

#[test]
fn ages_are_distributed_as_in_a_city() {
    let world = world(20_000);
    let mut bands = [0_u32; 4];
    for index in BLOCK..20_000 {
        let at = match world.age(index) {
            ..18 => 0,
            18..65 => 1,
            65..85 => 2,
            _ => 3,
        };
        bands[at] += 1;
    }
    let share = bands.map(|count| count * 100 / 19_980);
    assert!((16..25).contains(&share[0]) && (50..66).contains(&share[1]), "{share:?}");
    assert!((11..22).contains(&share[2]) && (2..8).contains(&share[3]), "{share:?}");
}

#[test]
fn twins_visitors_restricted_and_adopted_people_have_their_shares() {
    let world = world(60_000);
    let (mut twins, mut visitors, mut restricted, mut adopted) = (0, 0, 0, 0);
    for index in BLOCK..60_000 {
        if let Some(elder) = world.elder_twin(index) {
            let (one, other) = (world.person(elder), world.person(index));
            assert_eq!((one.birth, one.sex, one.family), (other.birth, other.sex, other.family));
            assert_ne!(one.given, other.given);
            twins += 1;
        }
        if let Some(now) = world.adopted_as(index) {
            let (before, after) = (world.person(index), world.person(now));
            assert_eq!((before.birth, before.sex, before.given), (after.birth, after.sex, after.given));
            assert!(before.number.is_some() && before.number != after.number, "two numbers, never one");
            adopted += 1;
        }
        let person = world.person(index);
        if person.number.is_none() {
            assert!(Source::ALL.iter().filter(|source| world.knows(**source, index)).count() == 1);
            visitors += 1;
        }
        restricted += u32::from(person.restricted);
    }
    assert!((100..260).contains(&twins), "{twins} pairs of twins");
    assert!((100..270).contains(&visitors), "{visitors} without a number");
    assert!((150..260).contains(&restricted), "{restricted} restricted: one in three hundred");
    assert!((10..60).contains(&adopted), "{adopted} adopted");
}

#[test]
fn a_small_city_lives_at_beckside_and_a_large_one_everywhere() {
    let of = |people: u32, every: usize| {
        let world = world(people);
        let mut found: HashMap<&str, u32> = HashMap::new();
        for index in (0..people).step_by(every) {
            *found.entry(world.practice(index).ods).or_default() += 1;
        }
        found
    };
    let small = of(2000, 1);
    assert!((300..600).contains(&small["Y90001"]), "{} at Beckside", small["Y90001"]);
    let large = of(817_000, 7);
    assert_eq!(large.len(), 107);
    let (most, least) = (large.values().max().unwrap() * 7, large.values().min().unwrap() * 7);
    assert!((20_000..45_000).contains(&most) && (1_500..6_000).contains(&least), "{least} to {most}");
}

#[test]
fn every_practice_is_in_one_gp_system_and_every_team_has_practices() {
    let world = world(20_000);
    for index in 0..2000 {
        let gps = Source::ALL.iter().filter(|one| one.is_gp() && world.knows(**one, index)).count();
        let expected = usize::from(world.nhs_number(index).is_some() && !world.is_visitor(index));
        assert_eq!(gps, expected);
    }
    assert_eq!(TEAMS.len(), 13);
}

#[test]
fn one_in_a_hundred_objects_and_none_of_them_is_a_child_or_of_the_cast() {
    let world = Arc::new(world(20_000));
    let numbers: Vec<String> = Arc::clone(&world).objectors().collect();
    assert!((140..260).contains(&numbers.len()), "{}", numbers.len());
    assert_eq!(numbers.iter().collect::<HashSet<_>>().len(), numbers.len());
    for number in &numbers {
        let index = world.by_nhs_number(Source::Authority, number).unwrap();
        assert!(index >= CAST_SIZE && world.person(index).age >= 18);
    }
}

#[test]
fn people_are_the_same_tomorrow() {
    let tomorrow = World::new(7, 3000, "2026-11-23T12:00:00Z".parse().unwrap());
    let today = world(3000);
    for index in BLOCK..3000 {
        let (one, other) = (today.person(index), tomorrow.person(index));
        assert_eq!((one.birth, one.family, one.number), (other.birth, other.family, other.number));
    }
}
