//! What does not move anybody (RULES.md, E7): places and times of leaving that an update tells are kept beside what stands,
//! to be shown as a disagreement. An update may correct the time of a leaving that was told, and the kind of stay.

use lcr_contracts::{
    Moment,
    spell::{SpellEvent, SpellMessage, Told},
    ward::Cell,
};

use super::{
    moves::{self, cell_time, told},
    standing::Standing,
};
use crate::domain::{
    event_order::{self, Telling},
    place, shelf,
    spell::{Phase, Spell, Warning},
};

pub fn apply(spell: &mut Spell, tellings: &[Telling<'_>], standing: &Standing<'_>) {
    if spell.left.is_none() {
        (spell.destination, spell.discharge_method) = (None, None);
    }
    let last_move = last_move(standing);
    for telling in tellings {
        class(spell, telling);
        if is_update(spell, telling.message) {
            if standing.discharge_taken_back.is_none_or(|at| telling.told >= at) {
                leaving(spell, telling);
            }
            let outdated = last_move.is_some_and(|(moved, happened)| {
                telling.told < moved || telling.message.happened.is_before(happened)
            });
            if !outdated {
                elsewhere(spell, telling.message);
            }
        }
    }
    if spell.class.is_none() {
        let said = tellings.iter().rev().filter_map(|one| Some((one.message, one.message.class.set()?)));
        let mut said = said.filter(|(message, class)| {
            counts(message.event) && !standing.took_back(message) && !shelf::takes_off(class)
        });
        spell.class =
            said.next().map(|(message, class)| Cell { value: class.clone(), at: cell_time(message) });
    }
}

/// Messages that say something in passing: updates, moves to where the person is, and registrations of somebody admitted.
fn is_update(spell: &Spell, message: &SpellMessage) -> bool {
    let stays = || {
        told(&message.prior_place).zip(told(&message.place)).is_some_and(|(from, to)| place::same(from, to))
    };
    match message.event {
        SpellEvent::Update => true,
        SpellEvent::Transfer => stays(),
        SpellEvent::Register => spell.phase == Phase::Admitted && spell.in_places.len() > 1,
        _ => false,
    }
}

/// When the newest event that says where the person is was told, and when it happened.
fn last_move(standing: &Standing<'_>) -> Option<(jiff::Timestamp, Moment)> {
    let placed = standing.events.iter().filter_map(|event| event.newest());
    let placed = placed.filter(|telling| {
        let message = telling.message;
        told(&message.place).is_some() && told(&message.prior_place) != told(&message.place)
    });
    placed.map(|telling| (telling.told, telling.message.happened)).max_by_key(|(told, _)| *told)
}

fn counts(event: SpellEvent) -> bool {
    !matches!(event, SpellEvent::PreAdmit | SpellEvent::CancelPreAdmit | SpellEvent::CancelAdmit)
}

/// The kind of stay by a message told after the event that set it. Somebody admitted is not taken off the list by what is
/// said in passing.
fn class(spell: &mut Spell, telling: &Telling<'_>) {
    use SpellEvent::{Admit, Register, Snapshot, ToInpatient, ToOutpatient};
    let message = telling.message;
    let sets_it = matches!(message.event, Admit | Register | ToInpatient | ToOutpatient | Snapshot);
    let newer = spell.class_told.is_none_or(|set| telling.told >= set);
    if sets_it || !newer || !counts(message.event) {
        return;
    }
    match &message.class {
        Told::Set(class) if spell.phase == Phase::Admitted && shelf::takes_off(class) => {}
        Told::Set(class) => spell.class = Some(Cell { value: class.clone(), at: cell_time(message) }),
        Told::Deleted => spell.class = None,
        Told::Unchanged => {}
    }
}

fn leaving(spell: &mut Spell, telling: &Telling<'_>) {
    let message = telling.message;
    let is_newer = spell.left_told.is_none_or(|told| telling.told > told);
    let past = |left: Moment| !message.happened.is_before(left);
    match message.discharged {
        Told::Deleted if spell.left.is_some() && is_newer => {
            spell.warnings.insert(Warning::LeavingDeleted);
        }
        Told::Deleted => spell.said_left = None,
        // The time of a leaving that was told may be corrected, to another past one.
        Told::Set(left) if spell.left.is_some() && past(left) && is_newer => {
            moves::leave(spell, left, event_order::told(message));
        }
        Told::Set(left) if spell.left.is_none() && past(left) => {
            spell.said_left = Some(Cell { value: left, at: cell_time(message) });
        }
        // A plan to leave is not said to have happened.
        Told::Unchanged | Told::Set(_) => {}
    }
}

fn elsewhere(spell: &mut Spell, message: &SpellMessage) {
    let Some(to) = told(&message.place) else { return };
    if spell.left.is_some_and(|left| !message.happened.is_before(left)) {
        return;
    }
    let adds = spell.place().is_none_or(|held| !place::same(&place::filled(to, &held.place), &held.place));
    spell.elsewhere = adds.then(|| Cell { value: to.clone(), at: cell_time(message) });
}
