//! FHIR Encounters are whole states: the newest by the source's own last change wins in every field it tells,
//! and moves are worked out from what differs.

use lcr_contracts::spell::{SnapshotState, SpellMessage};

use super::moves;
use crate::domain::{
    place,
    spell::{InPlace, Phase, Spell},
};

pub fn apply(spell: &mut Spell, message: &SpellMessage) {
    let Some(state) = message.snapshot else { return };
    spell.void = None;
    match state {
        SnapshotState::Void => spell.void = Some(message.sent),
        SnapshotState::Planned => {
            moves::not_left(spell);
            spell.phase = Phase::Expected;
            spell.in_places.clear();
        }
        SnapshotState::Present | SnapshotState::OnLeave => {
            let (to, how) = (spell.destination.take(), spell.discharge_method.take());
            moves::not_left(spell);
            // Told by this very snapshot, they stand; from an earlier one they went with the leaving.
            spell.destination = to.filter(|_| message.destination.set().is_some());
            spell.discharge_method = how.filter(|_| message.discharge_method.set().is_some());
            spell.on_leave = state == SnapshotState::OnLeave;
            is_here(spell, message);
        }
        SnapshotState::Finished => {
            is_here(spell, message);
            spell.left = Some(message.discharged.set().copied().unwrap_or(message.happened));
            spell.left_sent = Some(message.sent);
        }
    }
}

fn is_here(spell: &mut Spell, message: &SpellMessage) {
    spell.phase = Phase::Admitted;
    let Some(to) = moves::told(&message.place) else { return };
    let first = spell.in_places.is_empty();
    let came = message.admitted.set().copied().unwrap_or(message.happened);
    let from = if first { came } else { message.sent };
    if spell.in_places.last().is_none_or(|held| !place::same(&held.place, to)) {
        spell.in_places.push(InPlace { place: to.clone(), from, inferred: !first, transfer_sent: None });
    }
    spell.elsewhere = None;
}
