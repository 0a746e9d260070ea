//! Builds the row of a stay for one reader. A row holds what the permit grants and the names of the hidden fields; it must
//! never hold anything else.

mod data_quality;
mod discharged;
mod further_fields;
mod on_record;

pub use data_quality::DataQuality;
pub use discharged::{FollowUp, Readmission, build_discharged_row};
pub use further_fields::further_cells;
pub use on_record::build_on_record;

use jiff::Timestamp;
use lcr_contracts::{
    registry::FurtherField,
    spell::{CodedName, PlanItem},
    ward::{Cell, Disagreement, ExpectedDischarge, InpatientRow, ListCategory, RowPatient},
};
use lcr_model::{
    Clearance, Dataset, PersonId, SourceId, SpellId,
    permit::{Hide, PersonGrant},
};

use super::{
    code_names,
    list_category::{self, ListPlacement},
    london,
    spell::{Phase, Spell},
    texts,
};

/// Hidden from readers whose only link is their team's area: they see name, place and expected date.
const ROW_ONLY_HIDES: [&str; 15] = [
    "further",
    "consultant",
    "specialty",
    "admitted",
    "days",
    "expected_stay",
    "reside",
    "needed",
    "plan",
    "pathway",
    "going_to",
    "transfer",
    "on_leave",
    "disagreements",
    "warnings",
];
/// The fields that could reveal where a protected person is, free text included.
const LOCATION_HIDES: [&str; 12] = [
    "further",
    "hospital",
    "source",
    "place",
    "consultant",
    "specialty",
    "shelf",
    "needed",
    "going_to",
    "transfer",
    "disagreements",
    "warnings",
];

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

fn hide_all_but_row_only(row: &mut InpatientRow) {
    row.consultant = None;
    row.specialty = None;
    row.admitted = None;
    row.days = 0;
    row.expected_stay = None;
    row.reside = None;
    row.needed = None;
    row.plan = None;
    row.pathway = None;
    row.going_to = None;
    row.transfer = None;
    row.on_leave = false;
    row.further.clear();
    row.disagreements.clear();
    row.warnings.clear();
    row.hidden.extend(ROW_ONLY_HIDES.map(str::to_owned));
}

fn hide_location(row: &mut InpatientRow) {
    row.hospital.clear();
    row.source = SourceId::new("");
    row.place = None;
    row.consultant = None;
    row.specialty = None;
    row.category = ListCategory::Main;
    row.needed = None;
    row.going_to = None;
    row.transfer = None;
    row.further.clear();
    row.disagreements.clear();
    row.warnings.clear();
    row.hidden.extend(LOCATION_HIDES.map(str::to_owned));
}

fn expected_cell(spell: &Spell, now: Timestamp) -> Option<Cell<ExpectedDischarge>> {
    let day = spell.expected.now.as_ref()?;
    let passed_days = london::passed_days(day.value, now);
    Some(Cell { value: ExpectedDischarge { date: day.value, was: spell.expected.was, passed_days }, at: day.at })
}

fn needed_cell(spell: &Spell) -> Option<Cell<Vec<PlanItem>>> {
    let items = spell.items.as_ref()?;
    let open = items.value.iter().filter(|item| !item.done).cloned().collect();
    Some(Cell { value: open, at: items.at })
}

/// The planned transfer to another service, else the planned move to another ward.
fn transfer_cell(spell: &Spell) -> Option<Cell<String>> {
    let on = |date: &Cell<jiff::civil::Date>| texts::format_date(date.value);
    let planned = match (&spell.transfer_service, &spell.transfer_date) {
        (Some(service), Some(day)) => {
            Some(Cell { value: format!("{}, {}", service.value, on(day)), at: service.at.max(day.at) })
        }
        (Some(service), None) => Some(service.clone()),
        (None, Some(day)) => Some(Cell { value: on(day), at: day.at }),
        (None, None) => None,
    };
    planned.or_else(|| {
        let pending = spell.pending_transfer.as_ref()?;
        let to = pending.value.as_ref().map(|place| format!(" to {}", texts::format_place(place)));
        Some(Cell { value: format!("Move planned{}", to.unwrap_or_default()), at: pending.at })
    })
}

fn disagreements(spell: &Spell) -> Vec<Disagreement> {
    let place = spell.elsewhere.as_ref();
    let place = place.map(|cell| Disagreement { words: texts::update_names_place(&cell.value), at: cell.at });
    let left = spell.left_in_update.as_ref();
    let left = left.map(|cell| Disagreement { words: texts::update_says_left(cell.value), at: cell.at });
    place.into_iter().chain(left).collect()
}

/// The specialty, named from its code if the hospital sent the code alone.
pub fn specialty_cell(spell: &Spell) -> Option<Cell<CodedName>> {
    let mut cell = spell.specialty.clone()?;
    let bare = cell.value.code.as_deref() == Some(cell.value.name.as_str());
    if let Some(name) = cell.value.code.as_deref().filter(|_| bare).and_then(code_names::specialty_name) {
        name.clone_into(&mut cell.value.name);
    }
    Some(cell)
}
