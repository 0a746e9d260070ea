//! Tests of `list_category.rs`.

use lcr_contracts::{
    Moment,
    ward::Cell,
    whereabouts::{Visit, Whereabouts},
};

use super::*;
use crate::domain::spell::PlacePeriod;

fn stay(class: Option<&str>, phase: Phase, ward: &str) -> Spell {
    let at = jiff::Timestamp::UNIX_EPOCH;
    let place = Place { ward: Some(ward.into()), ..Place::default() };
    Spell {
        phase,
        class: class.map(|value| Cell { value: value.to_owned(), at }),
        in_places: vec![PlacePeriod { place, from: at, inferred: false }],
        ..Spell::default()
    }
}

fn category(class: &str, ward: &str) -> Option<ListCategory> {
    categorise(&stay(Some(class), Phase::Admitted, ward), false).map(|placement| placement.category)
}

#[test]
fn class_and_place_decide_the_category() {
    for (class, ward, expected) in [
        ("I", "J27", Some(ListCategory::Main)),
        ("IMP", "J27", Some(ListCategory::Main)),
        (" inpatient ", "J27", Some(ListCategory::Main)),
        ("1", "J27", Some(ListCategory::Main)),
        ("2", "T11E", Some(ListCategory::DayCase)),
        ("3", "RENAL", None),
        ("4", "RENAL", None),
        ("DAY CASE", "T11E", Some(ListCategory::DayCase)),
        ("SS", "T11E", Some(ListCategory::DayCase)),
        ("HH", "HOME", Some(ListCategory::HospitalAtHome)),
        ("I", "Hospital at home, frailty", Some(ListCategory::HospitalAtHome)),
        ("Community bed", "Beech", Some(ListCategory::CommunityBed)),
        ("I", "Intermediate Care Unit", Some(ListCategory::CommunityBed)),
        ("E", "ED", None),
        ("EMER", "ED", None),
        ("O", "CLINIC", None),
        ("AMB", "CLINIC", None),
        ("R", "RENAL", None),
        ("Regular day attender", "RENAL", None),
        ("P", "J27", None),
        ("W", "J27", None),
    ] {
        assert_eq!(category(class, ward), expected, "{class} at {ward}");
    }
}

#[test]
fn an_admitted_patient_of_unknown_class_is_listed_as_unsure() {
    for class in [Some("U"), Some("N"), Some("ZZZ"), None] {
        let admitted = categorise(&stay(class, Phase::Admitted, "J27"), false);
        assert_eq!(admitted, Some(ListPlacement { category: ListCategory::Main, is_unsure: true }));
        assert_eq!(categorise(&stay(class, Phase::Attending, "ED"), false), None);
        assert_eq!(categorise(&stay(class, Phase::Expected, "J27"), false), None);
    }
}

#[test]
fn a_community_service_has_community_beds() {
    let placement = categorise(&stay(Some("I"), Phase::Admitted, "Beech"), true);
    assert_eq!(placement.map(|placement| placement.category), Some(ListCategory::CommunityBed));
}

#[test]
fn an_emergency_attendance_is_a_place_of_its_own_until_it_ends_or_lapses() {
    let arrived: Timestamp = "2026-11-29T01:00:00Z".parse().unwrap();
    let later = |hours: i64| arrived + jiff::SignedDuration::from_hours(hours);
    let attending = Spell { attended: Some(arrived), ..stay(Some("E"), Phase::Attending, "ED") };
    assert!(is_in_emergency(&attending, later(2)));
    assert!(!is_in_emergency(&attending, later(25)), "no end was sent");
    let left = Spell { left: Some(Moment::exact(later(3))), ..attending.clone() };
    assert!(is_in_emergency(&left, later(2)) && !is_in_emergency(&left, later(4)));
    assert!(!is_in_emergency(&Spell { void: Some(arrived), ..attending }, later(2)), "cancelled");
    assert!(!is_in_emergency(&stay(Some("O"), Phase::Attending, "CLINIC"), later(2)));
    assert!(!is_in_emergency(&stay(Some("I"), Phase::Admitted, "J27"), later(2)));
}

/// The record's rule, on what virtual-ward sends of the stay.
fn is_in_emergency_on_record(spell: &Spell, now: Timestamp) -> bool {
    let sent = crate::domain::row::build_on_record(spell, None, &lcr_model::SourceId::new("h"));
    let visit = Visit {
        kind: sent.class.as_deref().and_then(VisitKind::of_class),
        attends: Some(sent.attends),
        in_progress: sent.left.is_none(),
        started: sent.admitted,
        last_movement: sent.last_movement,
        ended: sent.left,
        ..Visit::default()
    };
    sent.counts && visit.whereabouts(now) == Whereabouts::InEmergency
}

#[test]
fn the_list_and_the_record_agree_on_when_an_attendance_ends() {
    let arrived: Timestamp = "2026-11-29T01:00:00Z".parse().unwrap();
    let at = |hours: i64| arrived + jiff::SignedDuration::from_hours(hours);
    let attends = Spell {
        admitted: Some(Cell { value: Moment::exact(arrived), at: arrived }),
        attended: Some(arrived),
        ..stay(Some("E"), Phase::Attending, "ED")
    };
    let moved = |hours: i64| Spell { attended: Some(at(hours)), ..attends.clone() };
    let left = |spell: Spell, hours: i64| Spell { left: Some(Moment::exact(at(hours))), ..spell };
    for (what, spell, ends) in [
        ("no movement", attends.clone(), 24),
        ("moved after 20 hours", moved(20), 44),
        ("no time of registration", Spell { attended: None, ..attends.clone() }, 24),
        ("left", left(attends.clone(), 3), 3),
        ("moved, then left", left(moved(20), 30), 30),
        ("will leave after more than a day", left(attends.clone(), 40), 40),
        ("cancelled", Spell { void: Some(arrived), ..attends.clone() }, 0),
        ("clinic", Spell { class: None, ..attends.clone() }, 0),
    ] {
        for hour in 0..50 {
            let lists = [is_in_emergency(&spell, at(hour)), is_in_emergency_on_record(&spell, at(hour))];
            assert_eq!(lists, [hour < ends; 2], "{what}, after {hour} hours");
        }
    }
    let admitted = Spell { phase: Phase::Admitted, ..attends };
    assert!(is_in_emergency(&admitted, at(500)) && is_in_emergency_on_record(&admitted, at(500)));
}

#[test]
fn a_cancelled_stay_has_no_category() {
    let void = Spell { void: Some(jiff::Timestamp::UNIX_EPOCH), ..stay(Some("I"), Phase::Admitted, "J27") };
    assert_eq!(categorise(&void, false), None);
}
