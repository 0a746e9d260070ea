//! Sets the fields of a stay, except class, place and leaving, from the newest message on each (RULES.md, T3). An absent
//! field must never delete a value (HL7 v2.5.1, chapter 2).

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use lcr_contracts::{
    Moment,
    spell::{DischargePlanUpdate, FieldUpdate, PatientDetails, Reside, SpellEvent, SpellMessage},
    ward::Cell,
};

use super::effective_events::{EffectiveEvents, Event};
use crate::domain::{
    event_order::{OrderedMessage, cell_time},
    london,
    spell::{ExpectedDischargeDay, Spell, Warning},
};

fn update_cell<T: Clone>(cell: &mut Option<Cell<T>>, update: &FieldUpdate<T>, at: Timestamp) {
    match update {
        FieldUpdate::Unchanged => {}
        FieldUpdate::Deleted => *cell = None,
        FieldUpdate::Set(value) => *cell = Some(Cell { value: value.clone(), at }),
    }
}

pub fn apply(spell: &mut Spell, messages: &[OrderedMessage<'_>], effective: &EffectiveEvents<'_>, own: &[bool]) {
    spell.patient = patient_details(messages);
    spell.death_reported = messages.iter().any(|one| one.message.patient.died);
    for (ordered, is_own) in messages.iter().zip(own) {
        let (message, at) = (ordered.message, cell_time(ordered.message));
        update_cell(&mut spell.consultant, &message.consultant, at);
        update_cell(&mut spell.specialty, &message.specialty, at);
        update_admitted(spell, ordered, effective);
        if *is_own {
            update_cell(&mut spell.method, &message.method, at);
            update_destination(spell, ordered, effective);
            for (key, update) in &message.further {
                let mut cell = spell.further.remove(key);
                update_cell(&mut cell, update, at);
                spell.further.extend(cell.map(|cell| (key.clone(), cell)));
            }
            update_cell(&mut spell.expected_stay, &message.expected_stay, at);
            update_expected(&mut spell.expected, message, at);
            update_plan(spell, &message.plan, at);
        }
    }
}

/// The newest name, with the newest title, number and birth date. Messages under another number are ignored.
fn patient_details(messages: &[OrderedMessage<'_>]) -> PatientDetails {
    let mut patient = PatientDetails::default();
    let identity = messages.last().map(|last| &last.message.identity);
    for ordered in messages.iter().filter(|one| Some(&one.message.identity) == identity) {
        let update = &ordered.message.patient;
        if !update.family.trim().is_empty() {
            let before = std::mem::replace(&mut patient, update.clone());
            patient.title = update.title.clone().or(before.title);
            patient.birth_date = update.birth_date.or(before.birth_date);
            patient.nhs_number = update.nhs_number.clone().or(before.nhs_number);
        }
        patient.died = update.died;
    }
    patient
}

/// The time of admission: the newest PV1-44, else the event time of the admission. Pre-admissions and cancelled messages do
/// not count: the first give an expected time.
fn update_admitted(spell: &mut Spell, ordered: &OrderedMessage<'_>, effective: &EffectiveEvents<'_>) {
    use SpellEvent::{Admit, CancelAdmit, CancelPreAdmit, PreAdmit, ToInpatient};
    let message = ordered.message;
    if matches!(message.event, PreAdmit | CancelPreAdmit | CancelAdmit) || effective.is_cancelled(message) {
        return;
    }
    // A time far ahead is a typing error: the patient is already here.
    let is_ahead = |time: &Moment| time.at.duration_since(ordered.message_time) > SignedDuration::from_hours(48);
    if message.admitted.set().is_some_and(is_ahead) {
        spell.warnings.insert(Warning::AdmittedInFuture);
        return;
    }
    let first_of = |event: &Event<'_>| event.messages.first().is_some_and(|first| std::ptr::eq(first.message, message));
    let happened = FieldUpdate::Set(message.happened);
    let admits = matches!(message.event, Admit | ToInpatient);
    let update: &FieldUpdate<Moment> = match message.admitted {
        FieldUpdate::Unchanged if admits && effective.events.iter().any(first_of) => &happened,
        FieldUpdate::Unchanged if message.event == Admit && message.occurred.is_some() => &happened,
        _ => &message.admitted,
    };
    update_cell(&mut spell.admitted, update, cell_time(message));
}

/// Destination and discharge method. Cancelling a discharge also voids those that were sent before the cancel.
fn update_destination(spell: &mut Spell, ordered: &OrderedMessage<'_>, effective: &EffectiveEvents<'_>) {
    let (message, at) = (ordered.message, cell_time(ordered.message));
    if message.event == SpellEvent::Snapshot {
        (spell.destination, spell.discharge_method) = (None, None);
    }
    let is_void = match message.event {
        SpellEvent::CancelDischarge => true,
        SpellEvent::Discharge => effective.is_cancelled(message),
        _ => effective.discharge_cancelled_at.is_some_and(|cancelled| ordered.message_time < cancelled),
    };
    if !is_void {
        update_cell(&mut spell.destination, &message.destination, at);
        update_cell(&mut spell.discharge_method, &message.discharge_method, at);
    }
}

/// The expected day, and the last different one before it. Cancelling a pending discharge removes the day that it set.
fn update_expected(expected: &mut ExpectedDischargeDay, message: &SpellMessage, at: Timestamp) {
    // A day years in the past is a typing error or a filler.
    let oldest = london::date(at).checked_sub(2.years()).unwrap_or(Date::MIN);
    if message.expected_discharge.set().is_some_and(|day| *day < oldest) {
        return;
    }
    update_cell(&mut expected.now, &message.expected_discharge, at);
    match &message.expected_discharge {
        FieldUpdate::Unchanged if message.event == SpellEvent::CancelPendingDischarge && expected.by_pending => {
            expected.now = None;
            expected.by_pending = false;
        }
        FieldUpdate::Unchanged => {}
        FieldUpdate::Deleted => expected.by_pending = false,
        FieldUpdate::Set(day) => {
            expected.was = expected.last.filter(|last| last != day).or(expected.was).filter(|was| was != day);
            expected.last = Some(*day);
            expected.by_pending = message.event == SpellEvent::PendingDischarge;
        }
    }
}

fn update_plan(spell: &mut Spell, plan: &DischargePlanUpdate, at: Timestamp) {
    update_reside(&mut spell.reside, &plan.reside, at);
    update_cell(&mut spell.status, &plan.status, at);
    update_cell(&mut spell.pathway, &plan.pathway, at);
    update_cell(&mut spell.going_to, &plan.going_to, at);
    update_cell(&mut spell.transfer_service, &plan.transfer_service, at);
    update_cell::<Date>(&mut spell.transfer_date, &plan.transfer_date, at);
    update_cell(&mut spell.criteria, &plan.criteria, at);
    if let Some(items) = &plan.items {
        spell.items = Some(Cell { value: items.clone(), at });
    }
}

/// Criteria to reside. The discharge ready date stays while they are not met and goes when they are met again.
fn update_reside(reside: &mut Option<Cell<Reside>>, update: &FieldUpdate<Reside>, at: Timestamp) {
    let since_before = reside.as_ref().filter(|cell| !cell.value.meets).and_then(|cell| cell.value.since);
    update_cell(reside, update, at);
    if let (FieldUpdate::Set(_), Some(cell)) = (update, reside) {
        cell.value.since = if cell.value.meets { None } else { cell.value.since.or(since_before) };
    }
}
