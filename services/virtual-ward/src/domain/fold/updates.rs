//! Applies updates (RULES.md, E7). A place or time of leaving in an update is stored as a disagreement to show; an update
//! may correct the time of a discharge and the class. It must never move a patient.

use lcr_contracts::{
    Moment,
    spell::{FieldUpdate, SpellEvent, SpellMessage},
    ward::Cell,
};

use super::effective_events::EffectiveEvents;
use crate::domain::{
    event_order::{OrderedMessage, cell_time, message_time},
    list_category,
    place::{self, named_place},
    spell::{Phase, Spell, Warning},
};

pub fn apply(spell: &mut Spell, messages: &[OrderedMessage<'_>], effective: &EffectiveEvents<'_>) {
    if spell.left.is_none() {
        (spell.destination, spell.discharge_method) = (None, None);
    }
    let last_move = last_move(effective);
    for ordered in messages {
        correct_class(spell, ordered);
        if is_update(spell, ordered.message) {
            if effective.discharge_cancelled_at.is_none_or(|at| ordered.message_time >= at) {
                compare_discharge(spell, ordered);
            }
            let outdated = last_move.is_some_and(|(moved, happened)| {
                ordered.message_time < moved || ordered.message.happened.is_before(happened)
            });
            if !outdated {
                compare_place(spell, ordered.message);
            }
        }
    }
    if spell.class.is_none() {
        let classes = messages.iter().rev().filter_map(|one| Some((one.message, one.message.class.set()?)));
        let mut classes = classes.filter(|(message, class)| {
            can_set_class(message.event) && !effective.is_cancelled(message) && !list_category::is_no_bed_class(class)
        });
        spell.class = classes.next().map(|(message, class)| Cell { value: class.clone(), at: cell_time(message) });
    }
}

/// Whether a message only repeats the state: an update, a transfer within one place, a registration after the admission.
fn is_update(spell: &Spell, message: &SpellMessage) -> bool {
    let is_within_place = || {
        let places = named_place(&message.prior_place).zip(named_place(&message.place));
        places.is_some_and(|(from, to)| place::is_same(from, to))
    };
    match message.event {
        SpellEvent::Update => true,
        SpellEvent::Transfer => is_within_place(),
        SpellEvent::Register => spell.phase == Phase::Admitted && spell.in_places.len() > 1,
        _ => false,
    }
}

/// The message time and event time of the newest event that moved the patient.
fn last_move(effective: &EffectiveEvents<'_>) -> Option<(jiff::Timestamp, Moment)> {
    let newest = effective.events.iter().filter_map(|event| event.newest());
    let moves = newest.filter(|ordered| {
        let (from, to) = (named_place(&ordered.message.prior_place), named_place(&ordered.message.place));
        to.is_some() && to != from
    });
    moves.map(|ordered| (ordered.message_time, ordered.message.happened)).max_by_key(|(time, _)| *time)
}

fn can_set_class(event: SpellEvent) -> bool {
    !matches!(event, SpellEvent::PreAdmit | SpellEvent::CancelPreAdmit | SpellEvent::CancelAdmit)
}

/// Corrects the class by a message newer than the event that set it. An update cannot take an admitted patient off the list.
fn correct_class(spell: &mut Spell, ordered: &OrderedMessage<'_>) {
    use SpellEvent::{Admit, Register, Snapshot, ToInpatient, ToOutpatient};
    let message = ordered.message;
    let sets_class = matches!(message.event, Admit | Register | ToInpatient | ToOutpatient | Snapshot);
    let is_newer = spell.class_sent_at.is_none_or(|set| ordered.message_time >= set);
    if sets_class || !is_newer || !can_set_class(message.event) {
        return;
    }
    match &message.class {
        FieldUpdate::Set(class) if spell.phase == Phase::Admitted && list_category::is_no_bed_class(class) => {}
        FieldUpdate::Set(class) => spell.class = Some(Cell { value: class.clone(), at: cell_time(message) }),
        FieldUpdate::Deleted => spell.class = None,
        FieldUpdate::Unchanged => {}
    }
}

fn compare_discharge(spell: &mut Spell, ordered: &OrderedMessage<'_>) {
    let message = ordered.message;
    let is_newer = spell.left_reported_at.is_none_or(|known| ordered.message_time > known);
    let is_past = |left: Moment| !message.happened.is_before(left);
    match message.discharged {
        FieldUpdate::Deleted if spell.left.is_some() && is_newer => {
            spell.warnings.insert(Warning::LeavingDeleted);
        }
        FieldUpdate::Deleted => spell.left_in_update = None,
        // An update may correct the time of a discharge to another past time.
        FieldUpdate::Set(left) if spell.left.is_some() && is_past(left) && is_newer => {
            spell.record_discharge(left, message_time(message));
        }
        FieldUpdate::Set(left) if spell.left.is_none() && is_past(left) => {
            spell.left_in_update = Some(Cell { value: left, at: cell_time(message) });
        }
        // A future time is only a plan.
        FieldUpdate::Unchanged | FieldUpdate::Set(_) => {}
    }
}

fn compare_place(spell: &mut Spell, message: &SpellMessage) {
    let Some(to) = named_place(&message.place) else { return };
    if spell.left.is_some_and(|left| !message.happened.is_before(left)) {
        return;
    }
    let present = spell.latest_place().map(|period| &period.place);
    let differs = present.is_none_or(|present| !place::is_same(&place::fill_gaps(to, present), present));
    spell.elsewhere = differs.then(|| Cell { value: to.clone(), at: cell_time(message) });
}
