//! What the messages of one stay leave (RULES.md). The whole is folded again with every message, so that one that comes
//! late, or twice, finds the place it would have had. Pure: the same messages always leave the same stay.
//!
//! Three steps: which events stand (`standing`, `cancel`), what was said last on each field (`fields`), and where the
//! standing events put the person (`moves`).

mod cancel;
mod fields;
mod moves;
mod note;
mod snapshot;
mod standing;

pub use standing::{left, without_copies};

use super::{event_order::Telling, spell::Spell};

/// The stay that these messages leave. They are in told order; `own` says which of them were told of the person whose stay
/// it is: what others say of plans is not theirs.
pub fn fold_turn(tellings: &[Telling<'_>], own: &[bool]) -> Spell {
    let mut spell = Spell::default();
    let standing = standing::of(tellings);
    fields::apply(&mut spell, tellings, &standing, own);
    moves::apply(&mut spell, &standing);
    note::apply(&mut spell, tellings, &standing);
    spell.last_told = tellings.last().map(last_told);
    spell
}

/// When a message was told, for a page: a day without an hour is its last moment, or when the message arrived.
fn last_told(telling: &Telling<'_>) -> jiff::Timestamp {
    let sent = telling.message.sent;
    if sent.is_day() { sent.last().min(telling.message.received).max(telling.told) } else { telling.told }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
