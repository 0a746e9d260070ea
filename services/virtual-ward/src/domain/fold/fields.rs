//! What a message tells of a stay besides moving anybody: each field the newest in the order, with the time it
//! was said for. Absent leaves, `""` deletes (standards 3.3).

use jiff::{Timestamp, civil::Date};
use lcr_contracts::{
    spell::{PatientSaid, PlanTold, Reside, SpellEvent, SpellMessage, Told},
    ward::Cell,
};

use crate::domain::{
    order, shelf,
    spell::{ExpectedDay, Phase, Spell},
};

/// The newest word on one field.
pub fn newest<T: Clone>(held: &mut Option<Cell<T>>, told: &Told<T>, at: Timestamp) {
    match told {
        Told::Unchanged => {}
        Told::Deleted => *held = None,
        Told::Set(value) => *held = Some(Cell { value: value.clone(), at }),
    }
}

pub fn tell(spell: &mut Spell, message: &SpellMessage) {
    let at = order::counts_at(message);
    if spell.identity.as_ref() != Some(&message.identity) {
        // Somebody else's number, birth date or death must not stand under this name.
        spell.patient = PatientSaid::default();
        spell.identity = Some(message.identity.clone());
    }
    patient(spell, message);
    if !loses_the_bed(spell, message) {
        newest(&mut spell.class, &message.class, at);
    }
    newest(&mut spell.consultant, &message.consultant, at);
    newest(&mut spell.specialty, &message.specialty, at);
    newest(&mut spell.expected_stay, &message.expected_stay, at);
    newest(&mut spell.method, &message.method, at);
    newest(&mut spell.destination, &message.destination, at);
    newest(&mut spell.discharge_method, &message.discharge_method, at);
    // What a pre-admission says is when the person is expected, not when they came.
    if !matches!(message.event, SpellEvent::PreAdmit | SpellEvent::CancelPreAdmit) {
        newest(&mut spell.admitted, &message.admitted, at);
    }
    let pending = message.event == SpellEvent::PendingDischarge;
    expected(&mut spell.expected, &message.expected_discharge, at, pending);
    plan(spell, &message.plan, at);
}

/// Somebody admitted is taken off the list by what is about the kind of stay, and by nothing said in passing.
fn loses_the_bed(spell: &Spell, message: &SpellMessage) -> bool {
    use SpellEvent::{Admit, Snapshot, ToInpatient, ToOutpatient};
    spell.phase == Phase::Admitted
        && !matches!(message.event, Admit | ToInpatient | ToOutpatient | Snapshot)
        && message.class.set().is_some_and(|class| shelf::takes_off(class))
}

/// The newest name; a message that leaves out a number or birth date takes none away. A death once told stands:
/// most messages leave it out, and leaving it out is not taking it back.
fn patient(spell: &mut Spell, message: &SpellMessage) {
    let said = &message.patient;
    let died = spell.patient.died || said.died;
    if !said.family.trim().is_empty() {
        let before = std::mem::replace(&mut spell.patient, said.clone());
        spell.patient.title = said.title.clone().or(before.title);
        spell.patient.birth_date = said.birth_date.or(before.birth_date);
        spell.patient.nhs_number = said.nhs_number.clone().or(before.nhs_number);
    }
    spell.patient.died = died;
}

/// The expected day, and the last different one said before it.
fn expected(held: &mut ExpectedDay, told: &Told<Date>, at: Timestamp, pending: bool) {
    newest(&mut held.now, told, at);
    match told {
        Told::Unchanged => {}
        Told::Deleted => held.by_pending = false,
        Told::Set(day) => {
            held.was = held.last.filter(|last| last != day).or(held.was).filter(|was| was != day);
            held.last = Some(*day);
            held.by_pending = pending;
        }
    }
}

fn plan(spell: &mut Spell, told: &PlanTold, at: Timestamp) {
    reside(&mut spell.reside, &told.reside, at);
    newest(&mut spell.status, &told.status, at);
    newest(&mut spell.pathway, &told.pathway, at);
    newest(&mut spell.going_to, &told.going_to, at);
    newest(&mut spell.transfer_service, &told.transfer_service, at);
    newest(&mut spell.transfer_date, &told.transfer_date, at);
    newest(&mut spell.criteria, &told.criteria, at);
    if let Some(items) = &told.items {
        spell.items = Some(Cell { value: items.clone(), at });
    }
}

/// Criteria to reside. Met again, the discharge ready date goes; still not met, it stays (standards 4.1).
fn reside(held: &mut Option<Cell<Reside>>, told: &Told<Reside>, at: Timestamp) {
    let since_before = held.as_ref().filter(|cell| !cell.value.meets).and_then(|cell| cell.value.since);
    newest(held, told, at);
    if let (Told::Set(_), Some(cell)) = (told, held) {
        cell.value.since = if cell.value.meets { None } else { cell.value.since.or(since_before) };
    }
}
