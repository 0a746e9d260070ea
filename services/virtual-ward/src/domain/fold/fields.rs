//! What was said last on each field besides moves (RULES.md, T3): absent leaves, `""` deletes (standards 3.3). The order is
//! that of telling; each cell says when it was said for.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use lcr_contracts::{
    Moment,
    spell::{PatientSaid, PlanTold, Reside, SpellEvent, SpellMessage, Told},
    ward::Cell,
};

use super::{
    moves::cell_time,
    standing::{Event, Standing},
};
use crate::domain::{
    event_order::Telling,
    london,
    spell::{ExpectedDay, Spell, Warning},
};

/// The newest word on one field.
pub fn newest<T: Clone>(held: &mut Option<Cell<T>>, told: &Told<T>, at: Timestamp) {
    match told {
        Told::Unchanged => {}
        Told::Deleted => *held = None,
        Told::Set(value) => *held = Some(Cell { value: value.clone(), at }),
    }
}

/// Everything but class, place and leaving.
pub fn apply(spell: &mut Spell, tellings: &[Telling<'_>], standing: &Standing<'_>, own: &[bool]) {
    spell.patient = patient(tellings);
    spell.death_told = tellings.iter().any(|one| one.message.patient.died);
    for (telling, is_own) in tellings.iter().zip(own) {
        let (message, at) = (telling.message, cell_time(telling.message));
        newest(&mut spell.consultant, &message.consultant, at);
        newest(&mut spell.specialty, &message.specialty, at);
        admitted(spell, telling, standing);
        if *is_own {
            newest(&mut spell.method, &message.method, at);
            destination(spell, telling, standing);
            for (key, told) in &message.further {
                let mut held = spell.further.remove(key);
                newest(&mut held, told, at);
                spell.further.extend(held.map(|held| (key.clone(), held)));
            }
            newest(&mut spell.expected_stay, &message.expected_stay, at);
            expected(&mut spell.expected, message, at);
            plan(spell, &message.plan, at);
        }
    }
}

/// The newest name; a message that leaves out a number or birth date takes none away. Nothing of another number is used.
fn patient(tellings: &[Telling<'_>]) -> PatientSaid {
    let mut patient = PatientSaid::default();
    let identity = tellings.last().map(|last| &last.message.identity);
    for telling in tellings.iter().filter(|one| Some(&one.message.identity) == identity) {
        let said = &telling.message.patient;
        if !said.family.trim().is_empty() {
            let before = std::mem::replace(&mut patient, said.clone());
            patient.title = said.title.clone().or(before.title);
            patient.birth_date = said.birth_date.or(before.birth_date);
            patient.nhs_number = said.nhs_number.clone().or(before.nhs_number);
        }
        patient.died = said.died;
    }
    patient
}

/// When they were admitted: PV1-44 as last told, else when the admission happened. What a pre-admission says is when the
/// person is expected, and what was taken back says nothing.
fn admitted(spell: &mut Spell, telling: &Telling<'_>, standing: &Standing<'_>) {
    use SpellEvent::{Admit, CancelAdmit, CancelPreAdmit, PreAdmit, ToInpatient};
    let message = telling.message;
    if matches!(message.event, PreAdmit | CancelPreAdmit | CancelAdmit) || standing.took_back(message) {
        return;
    }
    // A typed year that lies ahead is no admission of somebody who is here.
    let ahead = |came: &Moment| came.at.duration_since(telling.told) > SignedDuration::from_hours(48);
    if message.admitted.set().is_some_and(ahead) {
        spell.warnings.insert(Warning::AdmittedInFuture);
        return;
    }
    let first_of =
        |event: &Event<'_>| event.tellings.first().is_some_and(|first| std::ptr::eq(first.message, message));
    let happened = Told::Set(message.happened);
    let admits = matches!(message.event, Admit | ToInpatient);
    let told: &Told<Moment> = match message.admitted {
        Told::Unchanged if admits && standing.events.iter().any(first_of) => &happened,
        Told::Unchanged if message.event == Admit && message.occurred.is_some() => &happened,
        _ => &message.admitted,
    };
    newest(&mut spell.admitted, told, cell_time(message));
}

/// Where to and how they left. A discharge that was taken back takes with it what was said of it before.
fn destination(spell: &mut Spell, telling: &Telling<'_>, standing: &Standing<'_>) {
    let (message, at) = (telling.message, cell_time(telling.message));
    if message.event == SpellEvent::Snapshot {
        (spell.destination, spell.discharge_method) = (None, None);
    }
    let is_gone = match message.event {
        SpellEvent::CancelDischarge => true,
        SpellEvent::Discharge => standing.took_back(message),
        _ => standing.discharge_taken_back.is_some_and(|taken_back| telling.told < taken_back),
    };
    if !is_gone {
        newest(&mut spell.destination, &message.destination, at);
        newest(&mut spell.discharge_method, &message.discharge_method, at);
    }
}

/// The expected day, and the last different one said before it. A planned discharge that is cancelled takes its day along.
fn expected(held: &mut ExpectedDay, message: &SpellMessage, at: Timestamp) {
    // A day years before it was told is a slip or a filler, and no expectation.
    let oldest = london::date(at).checked_sub(2.years()).unwrap_or(Date::MIN);
    if message.expected_discharge.set().is_some_and(|day| *day < oldest) {
        return;
    }
    newest(&mut held.now, &message.expected_discharge, at);
    match &message.expected_discharge {
        Told::Unchanged if message.event == SpellEvent::CancelPendingDischarge && held.by_pending => {
            held.now = None;
            held.by_pending = false;
        }
        Told::Unchanged => {}
        Told::Deleted => held.by_pending = false,
        Told::Set(day) => {
            held.was = held.last.filter(|last| last != day).or(held.was).filter(|was| was != day);
            held.last = Some(*day);
            held.by_pending = message.event == SpellEvent::PendingDischarge;
        }
    }
}

fn plan(spell: &mut Spell, told: &PlanTold, at: Timestamp) {
    reside(&mut spell.reside, &told.reside, at);
    newest(&mut spell.status, &told.status, at);
    newest(&mut spell.pathway, &told.pathway, at);
    newest(&mut spell.going_to, &told.going_to, at);
    newest(&mut spell.transfer_service, &told.transfer_service, at);
    newest::<Date>(&mut spell.transfer_date, &told.transfer_date, at);
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
