//! What opens a stay, moves somebody and ends it (standards 3.6). An update never moves anybody.

use jiff::Timestamp;
use lcr_contracts::{
    spell::{Place, SpellMessage, Told},
    ward::Cell,
};

use super::note;
use crate::domain::{
    place,
    spell::{InPlace, Phase, Spell, Warning},
};

/// The place told, if any is.
pub fn told(place: &Told<Place>) -> Option<&Place> {
    place.set().filter(|place| !place::is_empty(place))
}

pub fn current(spell: &Spell) -> Option<&Place> {
    spell.in_places.last().map(|held| &held.place)
}

/// The leaving was sent after this message: whoever sent it knew of this.
fn known_to_leaving(spell: &Spell, message: &SpellMessage) -> bool {
    spell.left_sent.is_some_and(|sent| message.sent < sent)
}

/// Goes to a place, unless already there.
pub fn go(spell: &mut Spell, to: &Place, from: Timestamp, transfer_sent: Option<Timestamp>) {
    match spell.in_places.last_mut().filter(|held| place::same(&held.place, to)) {
        // The same transfer told again, perhaps after it was taken back.
        Some(held) if held.transfer_sent.is_some() => {
            held.transfer_sent = held.transfer_sent.max(transfer_sent);
        }
        Some(_) => {}
        None => spell.in_places.push(InPlace { place: to.clone(), from, inferred: false, transfer_sent }),
    }
    spell.elsewhere = None;
    spell.pending_transfer = None;
}

/// Nobody has left after all.
pub fn not_left(spell: &mut Spell) {
    spell.left = None;
    spell.left_sent = None;
    spell.destination = None;
    spell.discharge_method = None;
    spell.said_left = None;
}

/// After a cancelled admission only an admission sent later opens the stay again, and then it starts afresh.
fn may_open(spell: &mut Spell, message: &SpellMessage) -> bool {
    let Some(cancelled) = spell.void else { return true };
    if message.sent < cancelled {
        return false;
    }
    not_left(spell);
    spell.void = None;
    spell.opened_sent = None;
    spell.phase = Phase::Unknown;
    spell.on_leave = false;
    spell.in_places.clear();
    spell.after_leaving.clear();
    spell.warnings.clear();
    spell.elsewhere = None;
    spell.pending_transfer = None;
    spell.pending_discharge = None;
    spell.admitted = spell.admitted.take().filter(|_| message.admitted.set().is_some());
    true
}

/// A05, A14: expected, in no bed. Late ones change nothing.
pub fn pre_admit(spell: &mut Spell, message: &SpellMessage) {
    if spell.phase <= Phase::Expected && may_open(spell, message) {
        spell.phase = Phase::Expected;
    }
}

/// A04: attends. Somebody already admitted is not made an attender by it.
pub fn register(spell: &mut Spell, message: &SpellMessage) {
    if !may_open(spell, message) {
        return;
    }
    if spell.phase == Phase::Admitted {
        note::note(spell, message);
        return;
    }
    if spell.has_left(message.happened) {
        if known_to_leaving(spell, message) {
            return;
        }
        not_left(spell);
    }
    opened(spell, message, Phase::Attending);
    if let Some(to) = told(&message.place) {
        go(spell, to, message.happened, None);
    }
}

/// A01: opens the stay; a second one is a double, or a move with a warning.
pub fn admit(spell: &mut Spell, message: &SpellMessage) {
    if !may_open(spell, message) {
        return;
    }
    if spell.has_left(message.happened) && known_to_leaving(spell, message) {
        opened(spell, message, spell.phase);
        if spell.warnings.remove(&Warning::AdmissionFromDischarge) {
            spell.warnings.insert(Warning::LeftBeforeAdmitted);
            admitted(spell, message);
        }
        return;
    }
    if spell.has_left(message.happened) {
        not_left(spell);
        spell.after_leaving.clear();
        if spell.phase == Phase::Admitted {
            spell.warnings.insert(Warning::AdmittedAgain);
        }
        first_admission(spell, message);
    } else if spell.phase == Phase::Admitted {
        second_admission(spell, message);
    } else {
        first_admission(spell, message);
    }
}

/// Opens the stay so far; told again, the newest sending counts.
fn opened(spell: &mut Spell, message: &SpellMessage, phase: Phase) {
    let told_again = spell.opened_sent.filter(|_| spell.phase == phase);
    spell.opened_sent = told_again.max(Some(message.sent));
    if phase == Phase::Attending {
        spell.attended = spell.attended.max(Some(message.happened));
    }
    spell.phase = phase;
}

/// When they were admitted: as told, else when it happened.
fn admitted(spell: &mut Spell, message: &SpellMessage) {
    let value = message.admitted.set().copied().unwrap_or(message.happened);
    spell.admitted = Some(Cell { value, at: message.happened });
}

fn first_admission(spell: &mut Spell, message: &SpellMessage) {
    // The class of somebody who attended is not the class of their stay.
    if spell.phase == Phase::Attending && message.class == Told::Unchanged {
        spell.class = None;
    }
    opened(spell, message, Phase::Admitted);
    spell.on_leave = false;
    admitted(spell, message);
    if let Some(to) = told(&message.place) {
        go(spell, to, message.happened, None);
    }
}

fn second_admission(spell: &mut Spell, message: &SpellMessage) {
    opened(spell, message, Phase::Admitted);
    let inferred = spell.warnings.remove(&Warning::AdmissionFromTransfer);
    if inferred || spell.admitted.is_none() {
        admitted(spell, message);
    }
    let Some(to) = told(&message.place) else { return };
    let came = message.admitted.set().copied().unwrap_or(message.happened);
    // The admission that a transfer made us infer stands before the transfer; it is no move after it.
    let before = inferred && spell.in_places.first().is_some_and(|first| came <= first.from);
    match spell.in_places.last_mut() {
        Some(held) if place::agree(&held.place, to) => held.place = place::filled(&held.place, to),
        _ if before => {
            let first = InPlace { place: to.clone(), from: came, inferred: false, transfer_sent: None };
            match spell.in_places.first_mut().filter(|first| first.inferred) {
                Some(held) => *held = first,
                None => spell.in_places.insert(0, first),
            }
        }
        None => go(spell, to, message.happened, None),
        Some(_) => {
            go(spell, to, message.happened, None);
            spell.warnings.insert(Warning::MovedByAdmission);
        }
    }
}

/// A06, A07: another class, and a move.
pub fn change_class(spell: &mut Spell, message: &SpellMessage, class: &str) {
    if !may_open(spell, message) || (spell.has_left(message.happened) && known_to_leaving(spell, message)) {
        return;
    }
    if spell.has_left(message.happened) {
        not_left(spell);
    }
    if message.class.set().is_none() {
        spell.class = Some(Cell { value: class.to_owned(), at: message.happened });
    }
    let admits = class == "I";
    if admits && spell.phase != Phase::Admitted {
        admitted(spell, message);
    }
    opened(spell, message, if admits { Phase::Admitted } else { Phase::Attending });
    if let Some(to) = told(&message.place) {
        go(spell, to, message.happened, None);
    }
}

/// A02. What it came from, when it is not where the person was held to be, is a move that was never told.
pub fn transfer(spell: &mut Spell, message: &SpellMessage) {
    if spell.void.is_some() {
        return;
    }
    let from = told(&message.prior_place);
    if spell.phase <= Phase::Expected {
        return infer_admission(spell, message, from);
    }
    if spell.phase == Phase::Attending {
        spell.attended = spell.attended.max(Some(message.happened));
    }
    let Some(to) = told(&message.place) else { return };
    if spell.has_left(message.happened) {
        let moved = InPlace {
            place: to.clone(),
            from: message.happened,
            inferred: false,
            transfer_sent: Some(message.sent),
        };
        let known = known_to_leaving(spell, message);
        let places = if known { &mut spell.in_places } else { &mut spell.after_leaving };
        places.push(moved);
        return;
    }
    if from.is_some_and(|from| place::same(from, to)) {
        // No move; but it may tell that the person is not where they are held to be.
        return note::note_place(spell, to, message.happened);
    }
    if let (Some(from), Some(held)) = (from, current(spell))
        && !place::agree(held, from)
        && !place::same(held, to)
    {
        let missed =
            InPlace { place: from.clone(), from: message.happened, inferred: true, transfer_sent: None };
        spell.in_places.push(missed);
        spell.warnings.insert(Warning::MoveMissing);
    }
    go(spell, to, message.happened, Some(message.sent));
}

/// The admission was not sent, or its event is later than this by the hospital's own times.
fn infer_admission(spell: &mut Spell, message: &SpellMessage, came_from: Option<&Place>) {
    spell.phase = Phase::Admitted;
    spell.warnings.insert(Warning::AdmissionFromTransfer);
    let since = message.admitted.set().copied().filter(|came| *came <= message.happened);
    let to = told(&message.place);
    let first = came_from.filter(|from| to.is_none_or(|to| !place::same(from, to)));
    if let Some(first) = first {
        let from = since.unwrap_or(message.happened);
        spell.in_places.push(InPlace { place: first.clone(), from, inferred: true, transfer_sent: None });
    }
    if let Some(to) = to {
        go(spell, to, message.happened, Some(message.sent));
    }
}

/// A15: where a transfer is planned to, when that is said.
pub fn pending_transfer(spell: &mut Spell, message: &SpellMessage) {
    let to = told(&message.place).filter(|to| current(spell).is_none_or(|held| !place::agree(held, to)));
    spell.pending_transfer = Some(Cell { value: to.cloned(), at: message.happened });
}

/// A03: leaves at PV1-45, else when it happened. A time in the future is a plan until it comes.
pub fn discharge(spell: &mut Spell, message: &SpellMessage) {
    if spell.void.is_some() {
        return;
    }
    let left = message.discharged.set().copied().unwrap_or(message.happened);
    if spell.phase <= Phase::Expected {
        spell.phase = Phase::Admitted;
        spell.warnings.insert(Warning::AdmissionFromDischarge);
        if let Some(place) = told(&message.place) {
            let from = message.admitted.set().copied().unwrap_or(left);
            spell.in_places.push(InPlace { place: place.clone(), from, inferred: true, transfer_sent: None });
        }
    }
    spell.left = Some(left);
    spell.left_sent = spell.left_sent.max(Some(message.sent));
    spell.said_left = None;
    spell.pending_transfer = None;
    spell.pending_discharge = None;
}
