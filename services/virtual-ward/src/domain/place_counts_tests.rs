//! Tests of `place_counts.rs`.

use lcr_contracts::{spell::Place, ward::Cell};

use super::*;
use crate::domain::spell::{Phase, PlacePeriod};

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn stay(class: &str, phase: Phase, ward: &str) -> Spell {
    let place = Place { ward: Some(ward.into()), bed: Some("4".into()), ..Place::default() };
    let doctor = CodedName { code: Some("C1".into()), name: "Dr Ash".into() };
    Spell {
        phase,
        class: Some(Cell { value: class.into(), at: now() }),
        consultant: Some(Cell { value: doctor, at: now() }),
        attended: Some(now()),
        in_places: vec![PlacePeriod { place, from: now(), inferred: false }],
        ..Spell::default()
    }
}

fn visible(spell: &Spell) -> VisibleStay<'_> {
    VisibleStay { spell, is_community: false, is_not_heard_of: false, located: true }
}

#[test]
fn people_are_counted_by_ward_consultant_and_kind() {
    let [one, two, day, emergency] = [
        stay("I", Phase::Admitted, "J27"),
        stay("I", Phase::Admitted, "Ward j27"),
        stay("2", Phase::Admitted, "T11"),
        stay("E", Phase::Attending, "ED"),
    ];
    let known = ["J27".to_owned(), "J28".to_owned()];
    let counts = count([&one, &two, &day, &emergency].map(visible).into_iter(), &known, now());
    assert_eq!((counts.in_patients, counts.elsewhere, counts.emergency), (2, 1, 1));
    let wards: Vec<(&str, u32)> = counts.wards.iter().map(|ward| (ward.name.as_str(), ward.people)).collect();
    assert_eq!(wards, [("J27", 2), ("J28", 0), ("T11", 1)], "an empty ward is known, the department is no ward");
    let [doctor] = counts.consultants.as_slice() else { panic!("one consultant") };
    assert_eq!((doctor.name.as_str(), doctor.key.as_str(), doctor.people), ("Dr Ash", "C1", 3));
}

#[test]
fn two_consultants_are_one_only_if_their_whole_names_are() {
    let named = |name: &str| {
        let consultant = Some(Cell { value: CodedName { code: None, name: name.into() }, at: now() });
        Spell { consultant, ..stay("I", Phase::Admitted, "J27") }
    };
    let [smith, ward_smith, again] = ["Smith", "Ward Smith", "WARD  SMITH"].map(named);
    let counts = count([&smith, &ward_smith, &again].map(visible).into_iter(), &[], now());
    let people: Vec<(&str, u32)> = counts.consultants.iter().map(|one| (one.name.as_str(), one.people)).collect();
    assert_eq!(people, [("Smith", 1), ("Ward Smith", 2)]);
}

#[test]
fn a_protected_person_is_counted_in_the_hospital_and_at_no_place() {
    let spell = stay("I", Phase::Admitted, "J27");
    let counts = count([VisibleStay { located: false, ..visible(&spell) }].into_iter(), &[], now());
    assert_eq!((counts.in_patients, counts.wards.len(), counts.consultants.len()), (1, 0, 0));
    let silent = count([VisibleStay { is_not_heard_of: true, ..visible(&spell) }].into_iter(), &[], now());
    assert_eq!((silent.in_patients, silent.not_heard_of), (0, 1));
}
