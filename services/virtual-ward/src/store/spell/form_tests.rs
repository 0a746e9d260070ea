//! The version before reads each stay that this one writes, and this one what a later one writes.

#![allow(clippy::unwrap_used, reason = "tests")]

use jiff::Timestamp;
use lcr_contracts::{Moment, spell::Place, ward::Cell};
use serde::Deserialize;

use super::*;
use crate::domain::spell::InPlace;

/// What the version before needs of a stay, in its own types.
#[derive(Deserialize)]
struct Before {
    on_leave: bool,
    in_places: Vec<PlaceBefore>,
    left: Option<Timestamp>,
    after_leaving: Vec<PlaceBefore>,
    taken_back: Vec<Value>,
    admitted: Option<Cell<Timestamp>>,
    said_left: Option<Cell<Timestamp>>,
    warnings: BTreeSet<WarningBefore>,
}

#[derive(Deserialize)]
struct PlaceBefore {
    from: Timestamp,
    transfer_sent: Option<Timestamp>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WarningBefore {
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
        said_left: Some(Cell { value: "2026-11-21T10Z".parse().unwrap(), at: day.at }),
        in_places: vec![InPlace { place: Place::default(), from: day.at, inferred: false }],
        warnings: [Warning::VisitShared, Warning::MoveMissing, Warning::OrderUnsure].into(),
        ..Spell::default()
    }
}

#[test]
fn the_version_before_reads_a_stay_of_this_one() {
    let before: Before = serde_json::from_value(written(&spell()).unwrap()).unwrap();
    assert_eq!(before.left.unwrap(), spell().left.unwrap().at);
    assert_eq!(before.admitted.unwrap().value, spell().left.unwrap().at);
    assert!(before.said_left.is_some() && !before.on_leave);
    assert_eq!(before.in_places[0].from, spell().in_places[0].from);
    assert!(before.in_places[0].transfer_sent.is_none());
    assert!(before.after_leaving.is_empty() && before.taken_back.is_empty());
    assert_eq!(before.warnings, [WarningBefore::MoveMissing].into());
}

#[test]
fn a_stay_reads_as_it_was_written_by_this_version_and_by_the_one_before() {
    assert!(read(written(&spell()).unwrap()).unwrap() == spell());
    let mut old = serde_json::to_value(Spell::default()).unwrap();
    old["warnings"] = json!(["move-missing"]);
    old["opened_sent"] = json!("2026-11-20T10:00:00Z");
    assert_eq!(read(old).unwrap().warnings, [Warning::MoveMissing].into());
}

#[test]
fn a_warning_of_a_later_version_does_not_hide_the_stay() {
    let mut later = written(&spell()).unwrap();
    later[ALL_WARNINGS] = json!(["visit-shared", "of-a-later-version"]);
    assert_eq!(read(later).unwrap().warnings, [Warning::VisitShared].into());
}
