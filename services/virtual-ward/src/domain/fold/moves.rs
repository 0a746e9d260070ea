//! Applies the effective events in event order: the patient's places, the phase, leave and discharge (RULES.md, T2, E7,
//! E8). An update must never move a patient.

mod admission;
mod timeline;

use admission::{admit, change_class, infer_admission, register};
use lcr_contracts::{
    spell::{Place, SpellEvent, SpellMessage},
    ward::Cell,
};

use super::{
    effective_events::{EffectiveEvents, Event},
    snapshot,
};
use crate::domain::{
    event_order::{cell_time, message_time},
    place::{self, named_place},
    spell::{Phase, PlacePeriod, Spell, Warning},
};

pub fn apply(spell: &mut Spell, effective: &EffectiveEvents<'_>) {
    spell.void = effective.voided_at;
    for event in timeline::in_event_order(&effective.events) {
        let Some(message) = event.message() else { continue };
        match event.kind {
            SpellEvent::PreAdmit => spell.phase = spell.phase.max(Phase::Expected),
            SpellEvent::Register => register(spell, message),
            SpellEvent::Admit => admit(spell, event),
            SpellEvent::ToInpatient => change_class(spell, message, Phase::Admitted),
            SpellEvent::ToOutpatient => change_class(spell, message, Phase::Attending),
            SpellEvent::Transfer => transfer(spell, message),
            SpellEvent::Discharge => discharge(spell, event, effective),
            SpellEvent::PendingTransfer => plan_transfer(spell, message),
            SpellEvent::PendingDischarge => spell.pending_discharge = Some(message.happened.at),
            SpellEvent::Snapshot => snapshot::apply(spell, message),
            _ => {}
        }
    }
    if effective.cancel_unclear {
        spell.warnings.insert(Warning::CancelUnclear);
    }
    if effective.order_unsure {
        spell.warnings.insert(Warning::OrderUnsure);
    }
    spell.on_leave |= is_on_leave(effective) && spell.left.is_none();
    if effective.reopened_by_transfer && spell.phase == Phase::Admitted {
        spell.warnings.remove(&Warning::AdmissionFromTransfer);
        spell.warnings.insert(Warning::MovedAfterCancel);
    }
}

/// Adds the ward to a place that names a bed or bay alone: the ward in PV1-6, else the patient's present ward.
fn complete_ward(spell: &Spell, message: &SpellMessage, to: &Place) -> Place {
    let from = named_place(&message.prior_place).or(spell.latest_place().map(|period| &period.place));
    match from.filter(|_| to.ward.is_none() && to.ward_name.is_none()) {
        Some(from) if to.site.is_none() || from.site.is_none() || to.site == from.site => Place {
            ward: from.ward.clone(),
            ward_name: from.ward_name.clone(),
            site: to.site.clone().or_else(|| from.site.clone()),
            ..to.clone()
        },
        _ => to.clone(),
    }
}

/// Moves the patient, unless they are already there.
fn move_to(spell: &mut Spell, to: &Place, message: &SpellMessage) {
    let to = &complete_ward(spell, message, to);
    if let Some(present) = spell.in_places.last_mut().filter(|period| place::is_same(&period.place, to)) {
        present.place = place::fill_gaps(&present.place, to);
    } else {
        let from = cell_time(message);
        spell.in_places.push(PlacePeriod { place: to.clone(), from, inferred: false });
    }
    spell.pending_transfer = None;
}

/// E8: whether a leave began that no later event ended. A leave without its own time is compared by message order.
fn is_on_leave(effective: &EffectiveEvents<'_>) -> bool {
    use SpellEvent::{Discharge, LeaveOut, LeaveReturn, ToInpatient, ToOutpatient, Transfer};
    let newest = |kinds: &'static [SpellEvent]| {
        effective.events.iter().filter(|event| kinds.contains(&event.kind)).filter_map(Event::newest)
    };
    let mut out = newest(&[LeaveOut]);
    out.any(|out| {
        let dated = out.message.occurred.is_some();
        let mut ends = newest(&[LeaveReturn, Transfer, Discharge, ToInpatient, ToOutpatient]);
        !ends.any(|end| {
            let by_time = dated && end.message.occurred.is_some();
            if by_time { out.message.happened.is_before(end.message.happened) } else { out.order < end.order }
        })
    })
}

/// A02: moves the patient. If PV1-6 is not the present place, an earlier move was never sent.
fn transfer(spell: &mut Spell, message: &SpellMessage) {
    let (from, to) = (named_place(&message.prior_place), named_place(&message.place));
    if spell.phase <= Phase::Expected {
        infer_admission(spell, message, from, to);
    }
    if spell.phase == Phase::Attending {
        spell.attended = spell.attended.max(Some(message.happened.at));
    }
    let Some(to) = to else { return };
    if from.is_some_and(|from| place::is_same(from, to)) {
        return;
    }
    if spell.left.is_some_and(|left| left.is_before(message.happened)) {
        if spell.left_reported_at < Some(message_time(message).at) {
            spell.warnings.insert(Warning::MovedAfterLeaving);
        }
        return;
    }
    if let (Some(from), Some(present)) = (from, spell.latest_place())
        && !place::is_compatible(&present.place, from)
        && !place::is_same(&present.place, to)
    {
        let missed = PlacePeriod { place: from.clone(), from: cell_time(message), inferred: true };
        spell.in_places.push(missed);
        spell.warnings.insert(Warning::MoveMissing);
    }
    move_to(spell, to, message);
}

/// A15: plans a transfer, with its destination if sent.
fn plan_transfer(spell: &mut Spell, message: &SpellMessage) {
    let present = spell.latest_place().map(|period| &period.place);
    let is_elsewhere = |to: &&Place| present.is_none_or(|present| !place::is_compatible(present, to));
    let to = named_place(&message.place).filter(is_elsewhere);
    spell.pending_transfer = Some(Cell { value: to.cloned(), at: cell_time(message) });
}

/// A03: the patient leaves at PV1-45, else at the event time. A future time is a plan.
fn discharge(spell: &mut Spell, event: &Event<'_>, effective: &EffectiveEvents<'_>) {
    let Some(message) = event.message() else { return };
    let left = message.discharged.set().copied().unwrap_or(message.happened);
    if spell.phase <= Phase::Expected {
        spell.phase = Phase::Admitted;
        spell.warnings.insert(Warning::AdmissionFromDischarge);
        if let Some(place) = named_place(&message.place) {
            let from = message.admitted.set().map_or(left.at, |time| time.at);
            spell.in_places.push(PlacePeriod { place: place.clone(), from, inferred: true });
        }
    }
    let had_place = spell.latest_place().is_some();
    spell.record_discharge(left, message_time(message));
    warn_of_readmission(spell, effective, had_place);
    if spell.arrival().is_some_and(|arrival| left.is_before(arrival.value)) {
        spell.warnings.insert(Warning::LeftBeforeAdmitted);
    }
}

/// Warns if an admission for another place was sent after the discharge: the patient may be back.
fn warn_of_readmission(spell: &mut Spell, effective: &EffectiveEvents<'_>, had_place: bool) {
    let admission = effective.events.iter().find(|event| event.kind == SpellEvent::Admit);
    let Some(newest) = admission.and_then(Event::newest) else { return };
    let elsewhere = admission.into_iter().flat_map(|event| &event.messages).any(|one| {
        let places = named_place(&one.message.place).zip(named_place(&newest.message.place));
        places.is_some_and(|(one, last)| !place::is_compatible(one, last))
    });
    if elsewhere && had_place && Some(newest.message_time) > spell.left_reported_at {
        spell.warnings.insert(Warning::AdmittedAgain);
    }
}
