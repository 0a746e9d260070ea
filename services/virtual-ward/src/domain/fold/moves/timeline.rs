//! The standing events in the order in which they happened (RULES.md, T2): by their times, at equal times by what they are
//! and by PV1-6; by PV1-6 alone if it links all moves and the times contradict it.

use lcr_contracts::{
    Moment,
    spell::{Place, SpellEvent},
};

use super::told;
use crate::domain::{
    event_order::{self, sort_keys},
    fold::standing::Event,
    place,
};

/// Where a kind of event stands among events of the same time.
fn precedence(kind: SpellEvent) -> u8 {
    use SpellEvent as E;
    match kind {
        E::PreAdmit => 0,
        E::Register => 1,
        E::Admit => 2,
        E::Discharge => 9,
        _ => 5,
    }
}

/// When an event counts. A snapshot counts from when its source last changed it.
fn happened(event: &Event<'_>) -> Moment {
    let message = event.message();
    let snapshot = event.kind == SpellEvent::Snapshot;
    message.map_or(Moment::exact(jiff::Timestamp::MIN), |message| {
        if snapshot { event_order::told(message) } else { message.happened }
    })
}

pub fn in_happened_order<'e, 'a>(events: &'e [Event<'a>]) -> Vec<&'e Event<'a>> {
    let times: Vec<Moment> = events.iter().map(happened).collect();
    let mut keyed: Vec<_> = sort_keys(&times).into_iter().zip(events).collect();
    // Stable: events of one time and kind stay in the order in which they were told.
    keyed.sort_by(|(one, this), (other, that)| {
        one.cmp(other).then_with(|| precedence(this.kind).cmp(&precedence(that.kind)))
    });
    for group in keyed.chunk_by_mut(|one, other| one.0 == other.0) {
        link_within(group);
    }
    let mut ordered: Vec<&Event<'_>> = keyed.into_iter().map(|(_, event)| event).collect();
    admission_first(&mut ordered);
    link_all(&mut ordered);
    ordered
}

fn is_move(event: &Event<'_>) -> bool {
    event.kind == SpellEvent::Transfer
}

fn from<'e>(event: &'e Event<'_>) -> Option<&'e Place> {
    told(&event.message()?.prior_place)
}

fn to<'e>(event: &'e Event<'_>) -> Option<&'e Place> {
    told(&event.message()?.place)
}

fn follows(event: &Event<'_>, before: &Event<'_>) -> bool {
    from(event).zip(to(before)).is_some_and(|(from, to)| place::agree(from, to))
}

/// Moves of one time: one that comes from where another went stands behind it.
fn link_within(group: &mut [(jiff::Timestamp, &Event<'_>)]) {
    for _ in 0..group.len() {
        let wrong = (1..group.len()).find(|at| {
            let pair = group.get(at - 1).zip(group.get(*at));
            pair.is_some_and(|((_, one), (_, other))| {
                is_move(one) && is_move(other) && follows(one, other) && !follows(other, one)
            })
        });
        let Some(at) = wrong else { return };
        group.swap(at - 1, at);
    }
}

/// Nobody moves within a hospital or leaves it before they came: a move that stands before the only admission was dated wrong, or
/// the admission was entered late.
fn admission_first(events: &mut Vec<&Event<'_>>) {
    let attended = events.iter().any(|event| event.kind == SpellEvent::Register);
    let Some(at) = events.iter().position(|event| event.kind == SpellEvent::Admit) else { return };
    let before = events.get(..at).unwrap_or_default();
    let comes_from_it =
        |event: &&Event<'_>| events.get(at).is_some_and(|admission| follows(event, admission));
    let is_early = |event: &&&Event<'_>| {
        event.kind == SpellEvent::Discharge || (is_move(event) && (!attended || comes_from_it(event)))
    };
    if let Some(first) = before.iter().position(|event| is_early(&event)) {
        let admission = events.remove(at);
        events.insert(first, admission);
    }
}

/// The moves as one chain from the admission, if PV1-6 links every one of them and their times do not.
fn link_all(events: &mut [&Event<'_>]) {
    let slots: Vec<usize> =
        events.iter().enumerate().filter(|(_, event)| is_move(event)).map(|(at, _)| at).collect();
    let start = events.iter().find(|event| event.kind == SpellEvent::Admit).copied();
    let (Some(start), true) = (start, slots.len() > 1) else { return };
    let moves: Vec<&Event<'_>> = slots.iter().filter_map(|at| events.get(*at).copied()).collect();
    if fits(start, &moves) {
        return;
    }
    let (mut rest, mut chain, mut last) = (moves, vec![], start);
    while let Some(at) = rest.iter().position(|event| follows(event, last)) {
        last = rest.remove(at);
        chain.push(last);
    }
    if rest.is_empty() {
        for (slot, event) in slots.into_iter().zip(chain) {
            if let Some(held) = events.get_mut(slot) {
                *held = event;
            }
        }
    }
}

fn fits(start: &Event<'_>, moves: &[&Event<'_>]) -> bool {
    let mut last = start;
    moves.iter().all(|event| {
        let fits = from(event).is_none() || follows(event, last);
        last = event;
        fits
    })
}
