//! The effect of a registration, an admission and a change of class. A second admission must never move a patient without a
//! warning.

use lcr_contracts::{
    spell::{Place, SpellMessage},
    ward::Cell,
};

use super::{super::effective_events::Event, move_to};
use crate::domain::{
    event_order::{cell_time, message_time},
    place::{self, named_place},
    spell::{Phase, PlacePeriod, Spell, Warning},
};

/// A04: the patient attends. It does not change the phase of an admitted patient.
pub(super) fn register(spell: &mut Spell, message: &SpellMessage) {
    if spell.phase == Phase::Admitted {
        return;
    }
    spell.phase = Phase::Attending;
    spell.attended = spell.attended.max(Some(message.happened.at));
    set_class(spell, message, None);
    if let Some(to) = named_place(&message.place) {
        move_to(spell, to, message);
    }
}

/// Sets the class from this event. A later update may correct it.
fn set_class(spell: &mut Spell, message: &SpellMessage, default: Option<&str>) {
    let class = message.class.set().cloned().or_else(|| default.map(str::to_owned));
    spell.class = class.map(|value| Cell { value, at: cell_time(message) });
    spell.class_sent_at = Some(message_time(message).at);
}

/// A01: opens the stay. If its messages name different places, the newest counts and the row carries a warning.
pub(super) fn admit(spell: &mut Spell, event: &Event<'_>) {
    let Some(message) = event.message() else { return };
    // The class of an attendance is not the class of the stay that follows.
    set_class(spell, message, None);
    spell.phase = Phase::Admitted;
    let places: Vec<&Place> = event.messages.iter().filter_map(|one| named_place(&one.message.place)).collect();
    if let Some(to) = places.last() {
        move_to(spell, to, message);
        if places.iter().any(|other| !place::is_compatible(other, to)) {
            spell.warnings.insert(Warning::MovedByAdmission);
        }
    }
}

/// A06, A07: changes the class and moves the patient.
pub(super) fn change_class(spell: &mut Spell, message: &SpellMessage, phase: Phase) {
    set_class(spell, message, Some(if phase == Phase::Admitted { "I" } else { "O" }));
    spell.phase = phase;
    if phase == Phase::Attending {
        spell.attended = spell.attended.max(Some(message.happened.at));
    }
    if let Some(to) = named_place(&message.place) {
        move_to(spell, to, message);
    }
}

/// Infers an admission that was not sent.
pub(super) fn infer_admission(spell: &mut Spell, message: &SpellMessage, from: Option<&Place>, to: Option<&Place>) {
    spell.phase = Phase::Admitted;
    spell.warnings.insert(Warning::AdmissionFromTransfer);
    let since = message.admitted.set().filter(|time| !message.happened.is_before(**time)).map(|time| time.at);
    if let Some(first) = from.filter(|from| to.is_none_or(|to| !place::is_same(from, to))) {
        let from = since.unwrap_or_else(|| cell_time(message));
        spell.in_places.push(PlacePeriod { place: first.clone(), from, inferred: true });
    }
}
