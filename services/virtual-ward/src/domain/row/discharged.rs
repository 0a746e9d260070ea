//! The row of somebody who left.

use jiff::Timestamp;
use lcr_contracts::{
    Moment,
    ward::{Cell, DischargedRow},
};
use lcr_model::{
    Dataset, SourceId,
    permit::{Hide, PersonGrant},
};

use super::{Held, ROW_ONLY};
use crate::domain::{london, words};

const ROW_ONLY_HIDES: [&str; 7] =
    ["specialty", "to", "stayed_days", "letter", "pending_results", "back", "warnings"];
const LOCATION_HIDES: [&str; 8] =
    ["hospital", "source", "place", "specialty", "to", "letter", "pending_results", "warnings"];

/// What else is known of a stay that ended.
#[derive(Debug, Clone, Default)]
pub struct Afterwards {
    pub letter: Option<Cell<String>>,
    pub pending_results: Vec<String>,
    pub back: Option<Back>,
}

/// A later admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Back {
    pub at: Moment,
    /// `None`: the hospital did not say.
    pub unplanned: Option<bool>,
}

/// The row of somebody who left within the window of `days`, if this reader may see it.
pub fn discharged(
    held: &Held<'_>,
    grant: &PersonGrant,
    afterwards: Afterwards,
    days: u8,
    now: Timestamp,
) -> Option<DischargedRow> {
    let (listed, spell) = (held.listed()?, held.spell);
    let left = spell.left?;
    let day = london::day_since_leaving(spell.gone_from()?, now).filter(|day| *day <= days)?;
    if !held.shown(grant) {
        return None;
    }
    let to = spell.destination.as_ref();
    let mut row = DischargedRow {
        spell: held.id.clone(),
        version: held.version,
        who: held.who(grant),
        hospital: held.hospital.to_owned(),
        source: held.source.clone(),
        left,
        day,
        place: spell.place().map(|held| Cell { value: held.place.clone(), at: held.from }),
        specialty: super::specialty(spell),
        to: to.map(|to| Cell { value: words::destination(&to.value), at: to.at }),
        stayed_days: spell.came().map_or(0, |came| london::days_between(came.value.date(), left.date())),
        letter: afterwards.letter,
        pending_results: afterwards.pending_results,
        back: afterwards.back.is_some_and(|back| back.unplanned != Some(false)),
        back_at: afterwards.back.map(|back| back.at),
        back_unplanned: afterwards.back.and_then(|back| back.unplanned),
        watched: held.watched,
        died: spell.died() || held.died,
        warnings: held.warnings(listed.unsure, now),
        hidden: vec![],
    };
    if !grant.allows(held.source, Dataset::Documents) {
        row.letter = None;
        row.hidden.push("letter".into());
    }
    if !grant.allows(held.source, Dataset::Results) {
        row.pending_results.clear();
        row.hidden.push("pending_results".into());
    }
    if grant.clearances.contains(ROW_ONLY) {
        keep_row_only(&mut row);
    }
    if grant.hides(Hide::Location) {
        hide_location(&mut row);
    }
    row.hidden.sort();
    row.hidden.dedup();
    Some(row)
}

fn keep_row_only(row: &mut DischargedRow) {
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
