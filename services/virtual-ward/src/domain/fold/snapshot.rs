//! Applies FHIR Encounters, which are whole states: the newest replaces the one before, and a different place is a move. A
//! snapshot must never add to an older one.

use lcr_contracts::{
    spell::{SnapshotState, SpellMessage},
    ward::Cell,
};

use crate::domain::{
    event_order::message_time,
    place::{self, named_place},
    spell::{Phase, PlacePeriod, Spell},
};

pub fn apply(spell: &mut Spell, message: &SpellMessage) {
    let Some(state) = message.snapshot else { return };
    spell.void = (state == SnapshotState::Void).then(|| message_time(message).at);
    spell.class = message.class.set().map(|class| Cell { value: class.clone(), at: message.sent.at });
    spell.class_sent_at = Some(message_time(message).at);
    match state {
        SnapshotState::Void => {}
        SnapshotState::Planned => {
            clear_discharge(spell);
            spell.phase = Phase::Expected;
            spell.in_places.clear();
        }
        SnapshotState::Present | SnapshotState::OnLeave => {
            clear_discharge(spell);
            spell.on_leave = state == SnapshotState::OnLeave;
            set_present(spell, message);
        }
        SnapshotState::Finished => {
            set_present(spell, message);
            let left = message.discharged.set().copied().unwrap_or(message.happened);
            spell.record_discharge(left, message_time(message));
        }
    }
}

fn clear_discharge(spell: &mut Spell) {
    spell.left = None;
    spell.left_from = None;
    spell.left_reported_at = None;
}

fn set_present(spell: &mut Spell, message: &SpellMessage) {
    spell.phase = Phase::Admitted;
    let Some(to) = named_place(&message.place) else { return };
    let is_first = spell.in_places.is_empty();
    let admitted = message.admitted.set().map_or(message.happened.at, |time| time.at);
    let from = if is_first { admitted } else { message.sent.at };
    if spell.latest_place().is_none_or(|present| !place::is_same(&present.place, to)) {
        spell.in_places.push(PlacePeriod { place: to.clone(), from, inferred: !is_first });
    }
}
