//! Tests of the fold: admissions to another place, and transfers. An update must move nobody.

use super::*;

#[test]
fn a_second_admission_for_another_place_replaces_the_first_with_a_warning() {
    let spell = fold(&[admitted(0, "J27"), admitted(5, "J27")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27"], vec![]));
    assert_eq!(spell.arrival().unwrap().value, minute(0));
    let spell = fold(&[admitted(0, "J27"), admitted(5, "J28")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J28"], vec![Warning::MovedByAdmission]));
}

#[test]
fn a_transfer_ends_one_place_and_begins_another() {
    let spell = fold(&[admitted(0, "J27"), moved(10, "J27", "J28")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27", "J28"], vec![]));
    assert_eq!(spell.latest_place().unwrap().from, minute(10).at);
}

#[test]
fn a_transfer_from_an_unknown_place_implies_a_missing_move() {
    let spell = fold(&[admitted(0, "AAU"), moved(10, "J27", "J28")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["AAU", "J27", "J28"], vec![Warning::MoveMissing]));
    assert!(spell.in_places[1].inferred);
    // The late message fills the gap.
    let spell = fold(&[admitted(0, "AAU"), moved(10, "J27", "J28"), moved(5, "AAU", "J27")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["AAU", "J27", "J28"], vec![]));
}

#[test]
fn a_transfer_within_one_place_moves_nobody() {
    let spell = fold(&[admitted(0, "J27"), moved(10, "J27", "J27"), at(SpellEvent::Transfer, 11, "J27")]);
    assert_eq!((wards(&spell), warned(&spell)), (vec!["J27"], vec![]));
    // If both places contradict the present one, the row shows a disagreement.
    let spell = fold(&[admitted(0, "J27"), moved(10, "J28", "J28")]);
    assert_eq!(wards(&spell), ["J27"]);
    assert_eq!(spell.elsewhere.unwrap().value, ward("J28"));
}

#[test]
fn a_patient_with_a_planned_discharge_can_still_be_moved() {
    let plan = SpellMessage { discharged: FieldUpdate::Set(minute(1000)), ..message_at(SpellEvent::Discharge, 10) };
    let spell = fold(&[admitted(0, "J27"), plan, moved(20, "J27", "J28")]);
    assert!(!spell.has_left(minute(999).at) && spell.has_left(minute(1000).at));
    assert_eq!(wards(&spell), ["J27", "J28"]);
}

#[test]
fn an_update_moves_nobody_but_its_place_is_shown() {
    let spell = fold(&[admitted(0, "J27"), at(SpellEvent::Update, 5, "J28")]);
    assert_eq!(wards(&spell), ["J27"]);
    assert_eq!(spell.elsewhere.as_ref().unwrap().value, ward("J28"));
    let spell = fold(&[admitted(0, "J27"), at(SpellEvent::Update, 5, "J28"), at(SpellEvent::Update, 6, "J27")]);
    assert_eq!(spell.elsewhere, None, "a later update that agrees removes it");
    let gone = SpellMessage { discharged: FieldUpdate::Set(minute(4)), ..message_at(SpellEvent::Update, 5) };
    let spell = fold(&[admitted(0, "J27"), gone]);
    assert_eq!((spell.left, spell.left_in_update.unwrap().value), (None, minute(4)));
    assert_eq!(fold(&[at(SpellEvent::Update, 5, "J28")]).phase, Phase::Unknown);
}
