//! What takes back: A11, A12, A13, A25, A27, A38. A cancel that stands before its original in the order, but was
//! sent after it, waits for it.

use jiff::Timestamp;
use lcr_contracts::spell::{Place, SpellEvent, SpellMessage};

use super::moves;
use crate::domain::{
    place,
    spell::{InPlace, Phase, Spell, TakenBack, TakenBackKind, Warning},
};

/// Whether `message` was cancelled by something before it in the order, but sent after it.
pub fn was_taken_back(spell: &mut Spell, message: &SpellMessage) -> bool {
    let cancels = |waiting: &TakenBack| {
        let meant = match (waiting.what, message.event) {
            (TakenBackKind::Discharge, SpellEvent::Discharge) => true,
            (TakenBackKind::Transfer, SpellEvent::Transfer) => {
                match (&waiting.place, moves::told(&message.place)) {
                    (Some(cancelled), Some(to)) => place::agree(cancelled, to),
                    _ => false,
                }
            }
            _ => false,
        };
        meant && message.sent < waiting.sent
    };
    let Some(at) = spell.taken_back.iter().position(cancels) else { return false };
    spell.taken_back.remove(at);
    true
}

/// A27, A38: nobody is expected any more. Somebody who came all the same is not sent away.
pub fn cancel_pre_admit(spell: &mut Spell) {
    if spell.phase == Phase::Expected {
        spell.phase = Phase::Unknown;
    }
}

/// A25: the plan goes, and with it the date it set.
pub fn cancel_pending_discharge(spell: &mut Spell, message: &SpellMessage) {
    spell.pending_discharge = None;
    if spell.expected.by_pending && message.expected_discharge.set().is_none() {
        spell.expected.now = None;
        spell.expected.by_pending = false;
    }
}

/// A11: no stay, unless the admission was told again after it.
pub fn cancel_admit(spell: &mut Spell, message: &SpellMessage) {
    if !is_later(spell.opened_sent, message) {
        spell.void = spell.void.max(Some(message.sent));
    }
}

/// What a cancel would take back was sent after it: it cannot have meant that.
fn is_later(sent: Option<Timestamp>, cancel: &SpellMessage) -> bool {
    sent.is_some_and(|sent| cancel.sent < sent)
}

/// A13: back on the ward, unless a later stay has begun, which is open already, or the leaving was told again.
pub fn cancel_discharge(spell: &mut Spell, message: &SpellMessage) {
    if spell.left.is_some() {
        if is_later(spell.left_sent, message) {
            return;
        }
        moves::not_left(spell);
        let later = std::mem::take(&mut spell.after_leaving);
        spell.in_places.extend(later);
    } else if !spell.warnings.contains(&Warning::AdmittedAgain) {
        wait(spell, TakenBackKind::Discharge, message, None);
    }
}

fn wait(spell: &mut Spell, what: TakenBackKind, message: &SpellMessage, place: Option<&Place>) {
    spell.taken_back.push(TakenBack { what, place: place.cloned(), sent: message.sent });
}

/// A12: takes back the transfer to PV1-6, or at that time, and the person is where they were before.
pub fn cancel_transfer(spell: &mut Spell, message: &SpellMessage) {
    let (cancelled, back_to) = (moves::told(&message.prior_place), moves::told(&message.place));
    if let Some(at) = spell.after_leaving.iter().rposition(|moved| {
        cancelled.or(back_to).is_some_and(|cancelled| place::agree(&moved.place, cancelled))
    }) {
        if spell.after_leaving.get(at).is_some_and(|moved| !is_later(moved.transfer_sent, message)) {
            spell.after_leaving.remove(at);
        }
        return;
    }
    let Some(at) = meant(&spell.in_places, message, cancelled, back_to) else {
        return wait(spell, TakenBackKind::Transfer, message, cancelled.or(back_to));
    };
    if spell.in_places.get(at).is_some_and(|moved| is_later(moved.transfer_sent, message)) {
        return;
    }
    spell.in_places.remove(at);
    let rejoined = at
        .checked_sub(1)
        .and_then(|before| spell.in_places.get(before).zip(spell.in_places.get(at)))
        .is_some_and(|(before, after)| place::same(&before.place, &after.place));
    if rejoined {
        spell.in_places.remove(at);
    }
    if let (true, Some(back_to)) = (spell.in_places.is_empty(), back_to) {
        moves::go(spell, back_to, message.happened, None);
    }
    spell.elsewhere = None;
}

/// Which transfer it means: by place and time, by place, by time, by where it goes back to, or the last.
fn meant(
    held: &[InPlace],
    message: &SpellMessage,
    cancelled: Option<&Place>,
    back_to: Option<&Place>,
) -> Option<usize> {
    let moved = |at: &usize| held.get(*at).is_some_and(|one| one.transfer_sent.is_some());
    let find = |rule: &dyn Fn(usize, &InPlace) -> bool| {
        (0..held.len()).rev().filter(moved).find(|at| held.get(*at).is_some_and(|one| rule(*at, one)))
    };
    let at_time = |one: &InPlace| one.from == message.happened;
    let is = |one: &InPlace, place: Option<&Place>| place.is_some_and(|it| place::agree(&one.place, it));
    let before = |at: usize| at.checked_sub(1).and_then(|at| held.get(at));
    find(&|_, one| at_time(one) && is(one, cancelled))
        .or_else(|| find(&|_, one| is(one, cancelled)))
        .or_else(|| find(&|_, one| at_time(one)))
        // Some hospitals write it as they would the transfer: PV1-3 taken back, PV1-6 where they were.
        .or_else(|| find(&|at, one| is(one, back_to) && before(at).is_some_and(|it| is(it, cancelled))))
        .or_else(|| {
            cancelled.is_none().then(|| find(&|at, _| before(at).is_some_and(|it| is(it, back_to))))?
        })
        .or_else(|| (cancelled.is_none() && back_to.is_none()).then(|| find(&|_, _| true))?)
}
