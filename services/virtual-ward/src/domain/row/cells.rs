//! The cells that are made of more than one field of the stay. A cell must never show a value that no message sent.

use jiff::Timestamp;
use lcr_contracts::{
    spell::{CodedName, PlanItem},
    ward::{Cell, Disagreement, ExpectedDischarge},
};

use crate::domain::{code_names, london, spell::Spell, texts};

pub(super) fn expected_cell(spell: &Spell, now: Timestamp) -> Option<Cell<ExpectedDischarge>> {
    let day = spell.expected.now.as_ref()?;
    let passed_days = london::passed_days(day.value, now);
    Some(Cell { value: ExpectedDischarge { date: day.value, was: spell.expected.was, passed_days }, at: day.at })
}

pub(super) fn needed_cell(spell: &Spell) -> Option<Cell<Vec<PlanItem>>> {
    let items = spell.items.as_ref()?;
    let open = items.value.iter().filter(|item| !item.done).cloned().collect();
    Some(Cell { value: open, at: items.at })
}

/// The planned transfer to another service, else the planned move to another ward.
pub(super) fn transfer_cell(spell: &Spell) -> Option<Cell<String>> {
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

pub(super) fn disagreements(spell: &Spell) -> Vec<Disagreement> {
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
