//! FHIR Encounters are whole states: the newest by the source's own last change wins in every field it names, and moves
//! are worked out from what differs.

use lcr_contracts::{
    spell::{SnapshotState, SpellMessage},
    ward::Cell,
};

use super::moves;
use crate::domain::{
    event_order, place,
    spell::{InPlace, Phase, Spell},
};

pub fn apply(spell: &mut Spell, message: &SpellMessage) {
    let Some(state) = message.snapshot else { return };
    spell.void = (state == SnapshotState::Void).then(|| event_order::told(message).at);
    spell.class = message.class.set().map(|class| Cell { value: class.clone(), at: message.sent.at });
    spell.class_told = Some(event_order::told(message).at);
    match state {
        SnapshotState::Void => {}
        SnapshotState::Planned => {
            not_left(spell);
            spell.phase = Phase::Expected;
            spell.in_places.clear();
        }
        SnapshotState::Present | SnapshotState::OnLeave => {
            not_left(spell);
            spell.on_leave = state == SnapshotState::OnLeave;
            is_here(spell, message);
        }
        SnapshotState::Finished => {
            is_here(spell, message);
            let left = message.discharged.set().copied().unwrap_or(message.happened);
            moves::leave(spell, left, event_order::told(message));
        }
    }
}

fn not_left(spell: &mut Spell) {
    spell.left = None;
    spell.left_from = None;
    spell.left_told = None;
}

fn is_here(spell: &mut Spell, message: &SpellMessage) {
    spell.phase = Phase::Admitted;
    let Some(to) = moves::told(&message.place) else { return };
    let first = spell.in_places.is_empty();
    let came = message.admitted.set().map_or(message.happened.at, |came| came.at);
    let from = if first { came } else { message.sent.at };
    if spell.place().is_none_or(|held| !place::same(&held.place, to)) {
        spell.in_places.push(InPlace { place: to.clone(), from, inferred: !first });
    }
}
