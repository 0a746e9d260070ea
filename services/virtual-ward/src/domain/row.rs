//! Builds the row of a stay for one reader. A row holds what the permit grants and the names of the hidden fields; it must
//! never hold anything else.

mod cells;
mod data_quality;
mod discharged;
mod further_fields;
mod hiding;
mod on_record;

pub use cells::specialty_cell;
use cells::{disagreements, expected_cell, needed_cell, transfer_cell};
pub use data_quality::DataQuality;
pub use discharged::{FollowUp, Readmission, build_discharged_row};
pub use further_fields::further_cells;
use hiding::{hide_all_but_row_only, hide_location};
use jiff::Timestamp;
use lcr_contracts::{
    registry::FurtherField,
    ward::{Cell, InpatientRow, ListCategory, RowPatient},
};
use lcr_model::{
    Clearance, Dataset, PersonId, SourceId, SpellId,
    permit::{Hide, PersonGrant},
};
pub use on_record::build_on_record;

use super::{
    code_names,
    list_category::{self, ListPlacement},
    london,
    spell::{Phase, Spell},
    texts,
};

/// A stay and everything else that its row needs.
#[derive(Debug, Clone, Copy)]
pub struct RowInput<'a> {
    pub id: &'a SpellId,
    pub version: i64,
    pub person: PersonId,
    pub source: &'a SourceId,
    /// The hospital's name.
    pub hospital: &'a str,
    /// The source is a community service.
    pub is_community: bool,
    pub spell: &'a Spell,
    /// The index marks this person as restricted.
    pub restricted: bool,
    /// The index marks this person as dead.
    pub died: bool,
    /// The further fields of the hospital's feed profile.
    pub fields: &'a [FurtherField],
    pub quality: DataQuality,
    /// The reader watches this person.
    pub watched: bool,
    /// The registry knows the unit that the hospital sent as the site of the latest place.
    pub is_site_known: bool,
}

impl RowInput<'_> {
    /// Whether the permit grants the row at all.
    pub fn is_granted(&self, grant: &PersonGrant) -> bool {
        let closed = grant.closed_units(self.source, Dataset::Encounters);
        let is_open = grant.person == self.person && grant.allows(self.source, Dataset::Encounters);
        is_open && self.spell.is_at_open_unit(closed, self.is_site_known)
    }

    fn who(&self, grant: &PersonGrant) -> RowPatient {
        let mut patient = self.spell.patient.clone();
        patient.died |= self.died;
        let location_protected = self.restricted || grant.hides(Hide::Location);
        RowPatient { person: Some(self.person), patient, location_protected }
    }

    fn placement(&self) -> Option<ListPlacement> {
        list_category::categorise(self.spell, self.is_community)
    }

    /// Only the emergency department's own list has its attenders as candidates.
    fn emergency_placement(&self, now: Timestamp) -> Option<ListPlacement> {
        let placement = ListPlacement { category: ListCategory::Emergency, is_unsure: false };
        list_category::is_in_emergency(self.spell, now).then_some(placement)
    }

    fn warnings(&self, is_unsure: bool, now: Timestamp) -> Vec<String> {
        let of_stay = self.spell.warnings.iter().map(|warning| texts::warning_text(*warning).to_owned());
        let unsure = is_unsure.then(|| texts::KIND_OF_STAY_UNSURE.to_owned());
        of_stay.chain(unsure).chain(self.quality.warnings(self.spell, now)).collect()
    }

    /// This stay as a readmission after `left`, if it is an ordinary admission.
    pub fn readmission_after(&self, left: lcr_contracts::Moment) -> Option<Readmission> {
        let arrival = self.spell.arrival()?;
        let ordinary = self.placement().is_some_and(|placement| placement.category == ListCategory::Main);
        let later = !arrival.value.is_before(left) && self.spell.phase == Phase::Admitted;
        let unplanned = self.spell.method.as_ref().and_then(|method| code_names::is_unplanned(&method.value));
        (ordinary && later).then_some(Readmission { at: arrival.value, unplanned })
    }
}

/// The row of a patient in hospital, or `None` if the patient has left or the permit does not grant it.
pub fn build_inpatient_row(input: &RowInput<'_>, grant: &PersonGrant, now: Timestamp) -> Option<InpatientRow> {
    let spell = input.spell;
    let placement = input.placement().or_else(|| input.emergency_placement(now))?;
    if spell.has_left(now) || !input.is_granted(grant) {
        return None;
    }
    let arrival = spell.arrival();
    let mut row = InpatientRow {
        spell: input.id.clone(),
        version: input.version,
        who: input.who(grant),
        hospital: input.hospital.to_owned(),
        source: input.source.clone(),
        category: if input.quality.is_not_heard_of(spell, now) { ListCategory::NotHeardOf } else { placement.category },
        on_leave: spell.on_leave,
        place: spell.latest_place().map(|period| Cell { value: period.place.clone(), at: period.from }),
        consultant: spell.consultant.clone(),
        specialty: specialty_cell(spell),
        days: arrival.as_ref().map_or(0, |arrival| london::days_so_far(arrival.value.at, now)),
        admitted: arrival,
        expected_stay: spell.expected_stay.clone(),
        expected_discharge: expected_cell(spell, now),
        reside: spell.reside.clone(),
        needed: needed_cell(spell),
        plan: spell.status.clone(),
        pathway: spell.pathway.clone(),
        going_to: spell.going_to.clone(),
        transfer: transfer_cell(spell),
        further: further_cells(spell, input.fields, grant.allows(input.source, Dataset::Results)),
        last_message_at: spell.last_message_at.unwrap_or(Timestamp::UNIX_EPOCH),
        watched: input.watched,
        disagreements: disagreements(spell),
        warnings: input.warnings(placement.is_unsure, now),
        hidden: vec![],
    };
    if row.further.len() < input.fields.len() {
        row.hidden.push("further".to_owned());
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
