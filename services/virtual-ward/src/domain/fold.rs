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

pub use standing::without_copies;

use super::{event_order::Telling, spell::Spell};

/// The stay that these messages leave. They are in told order; plans in the first `plan_from` are another person's.
pub fn fold_turn(tellings: &[Telling<'_>], plan_from: usize) -> Spell {
    let mut spell = Spell::default();
    let standing = standing::of(tellings);
    fields::apply(&mut spell, tellings, &standing, plan_from);
    moves::apply(&mut spell, &standing);
    note::apply(&mut spell, tellings, &standing);
    spell.last_told = tellings.last().map(|last| last.told);
    spell
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
