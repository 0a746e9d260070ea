//! Tests that the previous version reads the stays of this one, and this one those of a later version.

#![allow(clippy::unwrap_used, reason = "tests")]

use jiff::Timestamp;
use lcr_contracts::{Moment, spell::Place, ward::Cell};
use serde::Deserialize;

use super::*;
use crate::domain::spell::PlacePeriod;

/// The previous version's type, with the fields it needs.
#[derive(Deserialize)]
struct PreviousSpell {
    on_leave: bool,
    in_places: Vec<PreviousPlace>,
    left: Option<Timestamp>,
    after_leaving: Vec<PreviousPlace>,
    taken_back: Vec<Value>,
    admitted: Option<Cell<Timestamp>>,
    said_left: Option<Cell<Timestamp>>,
    warnings: BTreeSet<PreviousWarning>,
}

#[derive(Deserialize)]
struct PreviousPlace {
    from: Timestamp,
    transfer_sent: Option<Timestamp>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PreviousWarning {
    AdmissionFromTransfer,
    AdmissionFromDischarge,
    MovedByAdmission,
    MoveMissing,
    AdmittedAgain,
    LeftBeforeAdmitted,
}

fn spell() -> Spell {
    let day: Moment = "2026-11-20".parse().unwrap();
    Spell {
        left: Some(day),
        admitted: Some(Cell { value: day, at: day.at }),
        left_in_update: Some(Cell { value: "2026-11-21T10Z".parse().unwrap(), at: day.at }),
        in_places: vec![PlacePeriod { place: Place::default(), from: day.at, inferred: false }],
        warnings: [Warning::VisitShared, Warning::MoveMissing, Warning::OrderUnsure].into(),
        ..Spell::default()
    }
}

#[test]
fn the_previous_version_reads_a_stay_of_this_one() {
    let before: PreviousSpell = serde_json::from_value(to_json(&spell()).unwrap()).unwrap();
    assert_eq!(before.left.unwrap(), spell().left.unwrap().at);
    assert_eq!(before.admitted.unwrap().value, spell().left.unwrap().at);
    assert!(before.said_left.is_some() && !before.on_leave);
    assert_eq!(before.in_places[0].from, spell().in_places[0].from);
    assert!(before.in_places[0].transfer_sent.is_none());
    assert!(before.after_leaving.is_empty() && before.taken_back.is_empty());
    assert_eq!(before.warnings, [PreviousWarning::MoveMissing].into());
}

#[test]
fn stays_of_this_and_the_previous_version_are_read() {
    assert!(from_json(to_json(&spell()).unwrap()).unwrap() == spell());
    let mut old = serde_json::to_value(Spell::default()).unwrap();
    old["warnings"] = json!(["move-missing"]);
    old["opened_sent"] = json!("2026-11-20T10:00:00Z");
    assert_eq!(from_json(old).unwrap().warnings, [Warning::MoveMissing].into());
}

#[test]
fn a_warning_of_a_later_version_does_not_hide_the_stay() {
    let mut later = to_json(&spell()).unwrap();
    later[ALL_WARNINGS] = json!(["visit-shared", "of-a-later-version"]);
    assert_eq!(from_json(later).unwrap().warnings, [Warning::VisitShared].into());
}
