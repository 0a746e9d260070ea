//! A stay as a row, for one reader: what the permit grants of it, and the names of what it does not.

mod discharged;
mod doubt;
mod further;
mod on_record;

pub use discharged::{Afterwards, Back, discharged};
pub use doubt::Doubts;
pub use further::further;
pub use on_record::on_record;

use jiff::Timestamp;
use lcr_contracts::{
    identity::FurtherField,
    spell::{Named, PlanItem},
    ward::{Cell, Disagreement, Expected, InpatientRow, Shelf, Who},
};
use lcr_model::{
    Dataset, PersonId, SourceId, SpellId,
    permit::{Hide, PersonGrant},
};

use super::{
    london,
    shelf::{self, Listed},
    spell::{Phase, Spell},
    words,
};

/// The clearance of a neighbourhood team's area alone: name, place and expected date, not the rest.
pub const ROW_ONLY: &str = "ward-list:row-only";

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
/// What could tell where a protected person is: free text included.
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

/// A stay with what is known around it.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    pub id: &'a SpellId,
    pub version: i64,
    pub person: PersonId,
    pub source: &'a SourceId,
    /// The hospital, in words.
    pub hospital: &'a str,
    /// The source is a community service.
    pub community: bool,
    pub spell: &'a Spell,
    /// The index marks the person as restricted.
    pub restricted: bool,
    /// The index marks the person as dead.
    pub died: bool,
    /// Fields of the hospital's own profile.
    pub fields: &'a [FurtherField],
    pub doubts: Doubts,
    /// The reader watches the person.
    pub watched: bool,
}

impl Held<'_> {
    /// Whether the reader may see a row of it at all.
    pub fn shown(&self, grant: &PersonGrant) -> bool {
        grant.person == self.person && grant.allows(self.source, Dataset::Encounters)
    }

    fn who(&self, grant: &PersonGrant) -> Who {
        let mut said = self.spell.patient.clone();
        said.died |= self.died;
        let location_protected = self.restricted || grant.hides(Hide::Location);
        Who { person: Some(self.person), said, location_protected }
    }

    fn listed(&self) -> Option<Listed> {
        shelf::listed(self.spell, self.community)
    }

    fn warnings(&self, unsure: bool, now: Timestamp) -> Vec<String> {
        let told = self.spell.warnings.iter().map(|warning| words::warning(*warning).to_owned());
        let unsure = unsure.then(|| words::UNSURE.to_owned());
        told.chain(unsure).chain(self.doubts.words(self.spell, now)).collect()
    }

    /// Back in hospital as an ordinary admission after `left`: when, and whether unplanned if the hospital says how.
    pub fn back_after(&self, left: lcr_contracts::Moment) -> Option<Back> {
        let came = self.spell.came()?;
        let ordinary = self.listed().is_some_and(|listed| listed.shelf == Shelf::Main);
        let later = !came.value.is_before(left) && self.spell.phase == Phase::Admitted;
        let unplanned = self.spell.method.as_ref().and_then(|method| words::unplanned(&method.value));
        (ordinary && later).then_some(Back { at: came.value, unplanned })
    }
}

/// The row of somebody in hospital, if they are and this reader may see it.
pub fn inpatient(held: &Held<'_>, grant: &PersonGrant, now: Timestamp) -> Option<InpatientRow> {
    let (listed, spell) = (held.listed()?, held.spell);
    if spell.has_left(now) || !held.shown(grant) {
        return None;
    }
    let came = spell.came();
    let mut row = InpatientRow {
        spell: held.id.clone(),
        version: held.version,
        who: held.who(grant),
        hospital: held.hospital.to_owned(),
        source: held.source.clone(),
        shelf: if held.doubts.not_heard_of(spell, now) { Shelf::NotHeardOf } else { listed.shelf },
        on_leave: spell.on_leave,
        place: spell.place().map(|held| Cell { value: held.place.clone(), at: held.from }),
        consultant: spell.consultant.clone(),
        specialty: specialty(spell),
        days: came.as_ref().map_or(0, |came| london::days_so_far(came.value.at, now)),
        admitted: came,
        expected_stay: spell.expected_stay.clone(),
        expected_discharge: expected(spell, now),
        reside: spell.reside.clone(),
        needed: needed(spell),
        plan: spell.status.clone(),
        pathway: spell.pathway.clone(),
        going_to: spell.going_to.clone(),
        transfer: transfer(spell),
        further: further(spell, held.fields, grant.allows(held.source, Dataset::Results)),
        last_told: spell.last_told.unwrap_or(Timestamp::UNIX_EPOCH),
        watched: held.watched,
        disagreements: disagreements(spell),
        warnings: held.warnings(listed.unsure, now),
        hidden: vec![],
    };
    if row.further.len() < held.fields.len() {
        row.hidden.push("further".to_owned());
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

fn keep_row_only(row: &mut InpatientRow) {
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
    row.shelf = Shelf::Main;
    row.needed = None;
    row.going_to = None;
    row.transfer = None;
    row.further.clear();
    row.disagreements.clear();
    row.warnings.clear();
    row.hidden.extend(LOCATION_HIDES.map(str::to_owned));
}

fn expected(spell: &Spell, now: Timestamp) -> Option<Cell<Expected>> {
    let said = spell.expected.now.as_ref()?;
    let passed_days = london::passed_days(said.value, now);
    Some(Cell { value: Expected { date: said.value, was: spell.expected.was, passed_days }, at: said.at })
}

fn needed(spell: &Spell) -> Option<Cell<Vec<PlanItem>>> {
    let items = spell.items.as_ref()?;
    let open = items.value.iter().filter(|item| !item.done).cloned().collect();
    Some(Cell { value: open, at: items.at })
}

/// The plan for transfer, and a move between wards that is planned.
fn transfer(spell: &Spell) -> Option<Cell<String>> {
    let on = |date: &Cell<jiff::civil::Date>| words::date(date.value);
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
        let to = pending.value.as_ref().map(|place| format!(" to {}", words::place(place)));
        Some(Cell { value: format!("Move planned{}", to.unwrap_or_default()), at: pending.at })
    })
}

fn disagreements(spell: &Spell) -> Vec<Disagreement> {
    let place = spell.elsewhere.as_ref();
    let place = place.map(|told| Disagreement { words: words::elsewhere(&told.value), at: told.at });
    let left = spell.said_left.as_ref();
    let left = left.map(|told| Disagreement { words: words::said_left(told.value), at: told.at });
    place.into_iter().chain(left).collect()
}

/// The specialty by its name, where the hospital sent the code alone.
pub fn specialty(spell: &Spell) -> Option<Cell<Named>> {
    let mut cell = spell.specialty.clone()?;
    let bare = cell.value.code.as_deref() == Some(cell.value.name.as_str());
    if let Some(name) = cell.value.code.as_deref().filter(|_| bare).and_then(words::specialty) {
        name.clone_into(&mut cell.value.name);
    }
    Some(cell)
}
