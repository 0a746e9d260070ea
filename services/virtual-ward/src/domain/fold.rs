//! Folds the messages of one stay into its state (RULES.md). Every new message folds all of them again, so that late and
//! repeated messages lead to the same stay. The result must depend on the messages alone.
//!
//! The steps: find the effective events (`effective_events`, `cancel`), set the fields (`fields`), apply the moves
//! (`moves`, `snapshot`), compare with the updates (`updates`).

mod cancel;
mod effective_events;
mod fields;
mod moves;
mod snapshot;
mod updates;

pub use effective_events::{find_discharge, remove_copies};

use super::{event_order::OrderedMessage, spell::Spell};

/// Folds messages in message order. `own` says which of them name the person whose stay this is: plans that were sent for
/// another person are ignored.
pub fn fold_stay(messages: &[OrderedMessage<'_>], own: &[bool]) -> Spell {
    let mut spell = Spell::default();
    let effective = effective_events::collect(messages);
    fields::apply(&mut spell, messages, &effective, own);
    moves::apply(&mut spell, &effective);
    updates::apply(&mut spell, messages, &effective);
    spell.last_message_at = messages.last().map(displayed_time);
    spell
}

/// The message time that a page shows. A day without an hour becomes its last moment, or the arrival if that is earlier.
fn displayed_time(ordered: &OrderedMessage<'_>) -> jiff::Timestamp {
    let sent = ordered.message.sent;
    let time = ordered.message_time;
    if sent.is_day() { sent.last().min(ordered.message.received).max(time) } else { time }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
