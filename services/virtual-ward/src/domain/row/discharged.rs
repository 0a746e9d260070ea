//! Builds the row of a patient who left. It must not show a letter or results that the permit does not grant.

use jiff::Timestamp;
use lcr_contracts::{
    Moment,
    ward::{Cell, DischargedRow},
};
use lcr_model::{
    Clearance, Dataset, SourceId, discharge_window,
    permit::{Hide, PersonGrant},
};

use super::RowInput;
use crate::domain::{code_names, london};

const ROW_ONLY_HIDES: [&str; 7] = ["specialty", "to", "stayed_days", "letter", "pending_results", "back", "warnings"];
const LOCATION_HIDES: [&str; 8] =
    ["hospital", "source", "place", "specialty", "to", "letter", "pending_results", "warnings"];

/// What followed a stay: its letter, its pending results, and a readmission.
#[derive(Debug, Clone, Default)]
pub struct FollowUp {
    pub letter: Option<Cell<String>>,
    pub pending_results: Vec<String>,
    pub readmission: Option<Readmission>,
}

/// A later admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readmission {
    pub at: Moment,
    /// `None`: the hospital did not say.
    pub unplanned: Option<bool>,
}

/// The row of a patient who left within the window of `days`, if the permit grants it.
pub fn build_discharged_row(
    input: &RowInput<'_>,
    grant: &PersonGrant,
    follow_up: FollowUp,
    days: u8,
    now: Timestamp,
) -> Option<DischargedRow> {
    let (placement, spell) = (input.placement()?, input.spell);
    let left = spell.left?;
    let day = discharge_window::day_in_window(spell.departure_time()?, now).filter(|day| *day <= days)?;
    if !input.is_granted(grant) {
        return None;
    }
    let to = spell.destination.as_ref();
    let mut row = DischargedRow {
        spell: input.id.clone(),
        version: input.version,
        who: input.who(grant),
        hospital: input.hospital.to_owned(),
        source: input.source.clone(),
        left,
        day,
        place: spell.latest_place().map(|period| Cell { value: period.place.clone(), at: period.from }),
        specialty: super::specialty_cell(spell),
        to: to.map(|to| Cell { value: code_names::destination_name(&to.value), at: to.at }),
        stayed_days: spell.arrival().map_or(0, |arrival| london::days_between(arrival.value.date(), left.date())),
        letter: follow_up.letter,
        pending_results: follow_up.pending_results,
        back: follow_up.readmission.is_some_and(|readmission| readmission.unplanned != Some(false)),
        back_at: follow_up.readmission.map(|readmission| readmission.at),
        back_unplanned: follow_up.readmission.and_then(|readmission| readmission.unplanned),
        watched: input.watched,
        died: spell.has_died() || input.died,
        warnings: input.warnings(placement.is_unsure, now),
        hidden: vec![],
    };
    if !grant.allows(input.source, Dataset::Documents) {
        row.letter = None;
        row.hidden.push("letter".into());
    }
    if !grant.allows(input.source, Dataset::Results) {
        row.pending_results.clear();
        row.hidden.push("pending_results".into());
    }
    if grant.clearances.contains(&Clearance::WardListRowOnly) {
        hide_all_but_row_only(&mut row);
    }
    if grant.hides(Hide::Location) {
        hide_location(&mut row);
    }
    row.hidden.sort();
    row.hidden.dedup();
    Some(row)
}

fn hide_all_but_row_only(row: &mut DischargedRow) {
    row.specialty = None;
    row.to = None;
    row.stayed_days = 0;
    row.letter = None;
    row.pending_results.clear();
    row.back = false;
    row.back_at = None;
    row.back_unplanned = None;
    row.warnings.clear();
    row.hidden.extend(ROW_ONLY_HIDES.map(str::to_owned));
}

fn hide_location(row: &mut DischargedRow) {
    row.hospital.clear();
    row.source = SourceId::new("");
    row.place = None;
    row.specialty = None;
    row.to = None;
    row.letter = None;
    row.pending_results.clear();
    row.warnings.clear();
    row.hidden.extend(LOCATION_HIDES.map(str::to_owned));
}
