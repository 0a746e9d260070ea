//! Where the standing events put the person, from when, and whether the stay lasts (RULES.md, T2, E7, E8). The events
//! come in the order in which they happened; an update never moves anybody.

mod timeline;

use lcr_contracts::{
    Moment,
    spell::{Place, SpellEvent, SpellMessage, Told},
    ward::Cell,
};

use super::{
    snapshot,
    standing::{Event, Standing},
};
use crate::domain::{
    event_order, place,
    spell::{InPlace, Phase, Spell, Warning},
};

/// The place told, if any is.
pub fn told(place: &Told<Place>) -> Option<&Place> {
    place.set().filter(|place| !place::is_empty(place))
}

/// When something began, for a cell that shows a time: a day without an hour shows when it was told instead.
pub fn cell_time(message: &SpellMessage) -> jiff::Timestamp {
    if message.happened.is_day() { event_order::told(message).at } else { message.happened.at }
}

pub fn apply(spell: &mut Spell, standing: &Standing<'_>) {
    spell.void = standing.void;
    for event in timeline::in_happened_order(&standing.events) {
        let Some(message) = event.message() else { continue };
        match event.kind {
            SpellEvent::PreAdmit => spell.phase = spell.phase.max(Phase::Expected),
            SpellEvent::Register => register(spell, message),
            SpellEvent::Admit => admit(spell, event),
            SpellEvent::ToInpatient => change_class(spell, message, Phase::Admitted),
            SpellEvent::ToOutpatient => change_class(spell, message, Phase::Attending),
            SpellEvent::Transfer => transfer(spell, message),
            SpellEvent::Discharge => discharge(spell, event, standing),
            SpellEvent::PendingTransfer => pending_transfer(spell, message),
            SpellEvent::PendingDischarge => spell.pending_discharge = Some(message.happened.at),
            SpellEvent::Snapshot => snapshot::apply(spell, message),
            _ => {}
        }
    }
    if standing.cancel_unclear {
        spell.warnings.insert(Warning::CancelUnclear);
    }
    if standing.order_unsure {
        spell.warnings.insert(Warning::OrderUnsure);
    }
    spell.on_leave |= is_on_leave(standing) && spell.left.is_none();
    if standing.opened_by_move && spell.phase == Phase::Admitted {
        spell.warnings.remove(&Warning::AdmissionFromTransfer);
        spell.warnings.insert(Warning::MovedAfterCancel);
    }
}

/// A bed or bay without a ward is on the ward that PV1-6 names, else on the one where the person is.
fn on_the_ward(spell: &Spell, message: &SpellMessage, to: &Place) -> Place {
    let held = told(&message.prior_place).or(spell.place().map(|held| &held.place));
    match held.filter(|_| to.ward.is_none() && to.ward_name.is_none()) {
        Some(held) if to.site.is_none() || held.site.is_none() || to.site == held.site => Place {
            ward: held.ward.clone(),
            ward_name: held.ward_name.clone(),
            site: to.site.clone().or_else(|| held.site.clone()),
            ..to.clone()
        },
        _ => to.clone(),
    }
}

/// Goes to a place, unless already there.
fn go(spell: &mut Spell, to: &Place, message: &SpellMessage) {
    let to = &on_the_ward(spell, message, to);
    if let Some(held) = spell.in_places.last_mut().filter(|held| place::same(&held.place, to)) {
        held.place = place::filled(&held.place, to);
    } else {
        let from = cell_time(message);
        spell.in_places.push(InPlace { place: to.clone(), from, inferred: false });
    }
    spell.pending_transfer = None;
}

/// E8: whether a leave began and nothing since says that the person is back. A leave that was recorded without saying when
/// it began is compared by when it was told.
fn is_on_leave(standing: &Standing<'_>) -> bool {
    use SpellEvent::{Discharge, LeaveOut, LeaveReturn, ToInpatient, ToOutpatient, Transfer};
    let newest = |kinds: &'static [SpellEvent]| {
        standing.events.iter().filter(|event| kinds.contains(&event.kind)).filter_map(Event::newest)
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

/// A04: attends. Somebody already admitted is not made an attender by it.
fn register(spell: &mut Spell, message: &SpellMessage) {
    if spell.phase == Phase::Admitted {
        return;
    }
    spell.phase = Phase::Attending;
    spell.attended = spell.attended.max(Some(message.happened.at));
    class(spell, message, None);
    if let Some(to) = told(&message.place) {
        go(spell, to, message);
    }
}

/// What kind of stay it is from this event on; an update told later may say otherwise.
fn class(spell: &mut Spell, message: &SpellMessage, otherwise: Option<&str>) {
    let class = message.class.set().cloned().or_else(|| otherwise.map(str::to_owned));
    spell.class = class.map(|value| Cell { value, at: cell_time(message) });
    spell.class_told = Some(event_order::told(message).at);
}

/// A01: opens the stay where it says. Told again for another place, the newest telling counts, with a word on it.
fn admit(spell: &mut Spell, event: &Event<'_>) {
    let Some(message) = event.message() else { return };
    // The class of somebody who attended is not the class of their stay.
    class(spell, message, None);
    spell.phase = Phase::Admitted;
    let places: Vec<&Place> = event.tellings.iter().filter_map(|one| told(&one.message.place)).collect();
    if let Some(to) = places.last() {
        go(spell, to, message);
        if places.iter().any(|other| !place::agree(other, to)) {
            spell.warnings.insert(Warning::MovedByAdmission);
        }
    }
}

/// A06, A07: another class, and a move.
fn change_class(spell: &mut Spell, message: &SpellMessage, phase: Phase) {
    class(spell, message, Some(if phase == Phase::Admitted { "I" } else { "O" }));
    spell.phase = phase;
    if phase == Phase::Attending {
        spell.attended = spell.attended.max(Some(message.happened.at));
    }
    if let Some(to) = told(&message.place) {
        go(spell, to, message);
    }
}

/// A02. Where it came from, if it is not where the person was, is a move that was never sent.
fn transfer(spell: &mut Spell, message: &SpellMessage) {
    let (from, to) = (told(&message.prior_place), told(&message.place));
    if spell.phase <= Phase::Expected {
        infer_admission(spell, message, from, to);
    }
    if spell.phase == Phase::Attending {
        spell.attended = spell.attended.max(Some(message.happened.at));
    }
    let Some(to) = to else { return };
    if from.is_some_and(|from| place::same(from, to)) {
        return;
    }
    if spell.left.is_some_and(|left| left.is_before(message.happened)) {
        if spell.left_told < Some(event_order::told(message).at) {
            spell.warnings.insert(Warning::MovedAfterLeaving);
        }
        return;
    }
    if let (Some(from), Some(held)) = (from, spell.place())
        && !place::agree(&held.place, from)
        && !place::same(&held.place, to)
    {
        let missed = InPlace { place: from.clone(), from: cell_time(message), inferred: true };
        spell.in_places.push(missed);
        spell.warnings.insert(Warning::MoveMissing);
    }
    go(spell, to, message);
}

/// The admission was not sent.
fn infer_admission(spell: &mut Spell, message: &SpellMessage, from: Option<&Place>, to: Option<&Place>) {
    spell.phase = Phase::Admitted;
    spell.warnings.insert(Warning::AdmissionFromTransfer);
    let since = message.admitted.set().filter(|came| !message.happened.is_before(**came)).map(|came| came.at);
    if let Some(first) = from.filter(|from| to.is_none_or(|to| !place::same(from, to))) {
        let from = since.unwrap_or_else(|| cell_time(message));
        spell.in_places.push(InPlace { place: first.clone(), from, inferred: true });
    }
}

/// A15: where a transfer is planned to, if that is said.
fn pending_transfer(spell: &mut Spell, message: &SpellMessage) {
    let held = spell.place().map(|held| &held.place);
    let to = told(&message.place).filter(|to| held.is_none_or(|held| !place::agree(held, to)));
    spell.pending_transfer = Some(Cell { value: to.cloned(), at: cell_time(message) });
}

/// A03: leaves at PV1-45, else when it happened. A time in the future is a plan until it comes.
fn discharge(spell: &mut Spell, event: &Event<'_>, standing: &Standing<'_>) {
    let Some(message) = event.message() else { return };
    let left = message.discharged.set().copied().unwrap_or(message.happened);
    if spell.phase <= Phase::Expected {
        spell.phase = Phase::Admitted;
        spell.warnings.insert(Warning::AdmissionFromDischarge);
        if let Some(place) = told(&message.place) {
            let from = message.admitted.set().map_or(left.at, |came| came.at);
            spell.in_places.push(InPlace { place: place.clone(), from, inferred: true });
        }
    }
    let before = spell.place().map(|held| held.place.clone());
    leave(spell, left, event_order::told(message));
    admitted_again(spell, standing, before.as_ref());
    if spell.came().is_some_and(|came| left.is_before(came.value)) {
        spell.warnings.insert(Warning::LeftBeforeAdmitted);
    }
}

/// An admission that was told after the leaving, for another place but with a time before it: perhaps they are back.
fn admitted_again(spell: &mut Spell, standing: &Standing<'_>, before: Option<&Place>) {
    let admission = standing.events.iter().find(|event| event.kind == SpellEvent::Admit);
    let Some(told_last) = admission.and_then(Event::newest) else { return };
    let elsewhere = admission.into_iter().flat_map(|event| &event.tellings).any(|one| {
        let place = told(&one.message.place).zip(told(&told_last.message.place));
        place.is_some_and(|(one, last)| !place::agree(one, last))
    });
    if elsewhere && before.is_some() && Some(told_last.told) > spell.left_told {
        spell.warnings.insert(Warning::AdmittedAgain);
    }
}

/// The person left. A day that was told before it began is a plan for that day, and over when the day is.
pub fn leave(spell: &mut Spell, left: Moment, told: Moment) {
    let planned = left.is_day() && told.at < left.at;
    spell.left = Some(left);
    spell.left_from = Some(if planned { left.last() } else { left.at });
    spell.left_told = Some(told.at);
    spell.on_leave = false;
    spell.pending_transfer = None;
    spell.pending_discharge = None;
}
