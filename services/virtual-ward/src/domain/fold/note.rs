//! What does not move anybody: places and times of leaving that an update tells are kept beside what is held, to
//! be shown as a disagreement (standards 3.6, A08).

use jiff::Timestamp;
use lcr_contracts::{
    spell::{Place, SpellMessage, Told},
    ward::Cell,
};

use super::moves::{current, told};
use crate::domain::{place, spell::Spell};

/// A08 and the like: what it says of place or leaving is kept beside what is held, to be shown.
pub fn note(spell: &mut Spell, message: &SpellMessage) {
    let at = message.happened;
    match message.discharged {
        Told::Deleted => spell.said_left = None,
        // The time of a leaving that was told may be corrected, to another past one.
        Told::Set(left) if spell.left.is_some() && left <= at => spell.left = Some(left),
        Told::Set(left) if left <= at => spell.said_left = Some(Cell { value: left, at }),
        // A plan to leave is not said to have happened.
        Told::Unchanged | Told::Set(_) => {}
    }
    if let Some(place) = told(&message.place)
        && !spell.has_left(at)
    {
        note_place(spell, place, at);
    }
}

pub fn note_place(spell: &mut Spell, told: &Place, at: Timestamp) {
    let adds = current(spell).is_none_or(|held| !place::same(&place::filled(told, held), held));
    spell.elsewhere = adds.then(|| Cell { value: told.clone(), at });
}
