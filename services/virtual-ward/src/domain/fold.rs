//! A stay is a fold over its messages in their total order (design section 7). The whole is folded again with
//! every message, so that one that comes late, or twice, finds the place it would have had.
//!
//! Event order decides. Only where the hospital's own sending times prove otherwise (a cancel sent after what
//! would follow it) is something taken for what it must have meant. Arrival is never looked at.

mod fields;
mod moves;
mod note;
mod snapshot;
mod undo;

use lcr_contracts::spell::{SpellEvent, SpellMessage};

use super::{order, spell::Spell};

/// The state that `messages` of one stay leave.
pub fn fold(messages: &[SpellMessage]) -> Spell {
    let mut spell = Spell::default();
    for message in order::ordered(messages) {
        apply(&mut spell, message);
    }
    spell
}

fn apply(spell: &mut Spell, message: &SpellMessage) {
    if undo::was_taken_back(spell, message) {
        return;
    }
    fields::tell(spell, message);
    match message.event {
        SpellEvent::PreAdmit => moves::pre_admit(spell, message),
        SpellEvent::CancelPreAdmit => undo::cancel_pre_admit(spell),
        SpellEvent::Register => moves::register(spell, message),
        SpellEvent::Admit => moves::admit(spell, message),
        SpellEvent::ToInpatient => moves::change_class(spell, message, "I"),
        SpellEvent::ToOutpatient => moves::change_class(spell, message, "O"),
        SpellEvent::Transfer => moves::transfer(spell, message),
        SpellEvent::PendingTransfer => moves::pending_transfer(spell, message),
        SpellEvent::CancelPendingTransfer => spell.pending_transfer = None,
        SpellEvent::LeaveOut | SpellEvent::CancelLeaveReturn => spell.on_leave = true,
        SpellEvent::LeaveReturn | SpellEvent::CancelLeaveOut => spell.on_leave = false,
        SpellEvent::Update => note::note(spell, message),
        SpellEvent::PendingDischarge => spell.pending_discharge = Some(message.happened),
        SpellEvent::CancelPendingDischarge => undo::cancel_pending_discharge(spell, message),
        SpellEvent::Discharge => moves::discharge(spell, message),
        SpellEvent::CancelTransfer => undo::cancel_transfer(spell, message),
        SpellEvent::CancelDischarge => undo::cancel_discharge(spell, message),
        SpellEvent::CancelAdmit => undo::cancel_admit(spell, message),
        SpellEvent::Snapshot => snapshot::apply(spell, message),
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
