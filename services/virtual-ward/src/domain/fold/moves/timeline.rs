//! Puts the effective events in event order (RULES.md, T2): by time, then by kind and PV1-6. If PV1-6 links all moves into
//! one chain, the chain must win over contradicting times.

use lcr_contracts::{
    Moment,
    spell::{Place, SpellEvent},
};

use crate::domain::{
    event_order::{message_time, sort_keys},
    fold::effective_events::Event,
    place::{self, named_place},
};

/// The rank of a kind of event among events of the same time.
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

/// The event time. For a snapshot it is the time of the source's last change.
fn event_time(event: &Event<'_>) -> Moment {
    let message = event.message();
    let snapshot = event.kind == SpellEvent::Snapshot;
    message.map_or(
        Moment::exact(jiff::Timestamp::MIN),
        |message| {
            if snapshot { message_time(message) } else { message.happened }
        },
    )
}

pub fn in_event_order<'e, 'a>(events: &'e [Event<'a>]) -> Vec<&'e Event<'a>> {
    let times: Vec<Moment> = events.iter().map(event_time).collect();
    let mut keyed: Vec<_> = sort_keys(&times).into_iter().zip(events).collect();
    // The sort is stable: events of the same time and kind stay in message order.
    keyed.sort_by(|(one, this), (other, that)| {
        one.cmp(other).then_with(|| precedence(this.kind).cmp(&precedence(that.kind)))
    });
    for group in keyed.chunk_by_mut(|one, other| one.0 == other.0) {
        order_simultaneous_moves(group);
    }
    let mut ordered: Vec<&Event<'_>> = keyed.into_iter().map(|(_, event)| event).collect();
    put_admission_first(&mut ordered);
    order_by_prior_place(&mut ordered);
    ordered
}

fn is_move(event: &Event<'_>) -> bool {
    event.kind == SpellEvent::Transfer
}

fn prior_place<'e>(event: &'e Event<'_>) -> Option<&'e Place> {
    named_place(&event.message()?.prior_place)
}

fn new_place<'e>(event: &'e Event<'_>) -> Option<&'e Place> {
    named_place(&event.message()?.place)
}

fn follows(event: &Event<'_>, before: &Event<'_>) -> bool {
    prior_place(event).zip(new_place(before)).is_some_and(|(from, to)| place::is_compatible(from, to))
}

/// Orders moves of the same time: a move follows the one that ends where it begins.
fn order_simultaneous_moves(group: &mut [(jiff::Timestamp, &Event<'_>)]) {
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

/// Puts the admission before a discharge or move that is dated earlier: the time is wrong, or the admission was entered late.
fn put_admission_first(events: &mut Vec<&Event<'_>>) {
    let has_attended = events.iter().any(|event| event.kind == SpellEvent::Register);
    let Some(at) = events.iter().position(|event| event.kind == SpellEvent::Admit) else { return };
    let before = events.get(..at).unwrap_or_default();
    let starts_at_admission = |event: &&Event<'_>| events.get(at).is_some_and(|admission| follows(event, admission));
    let is_early = |event: &&&Event<'_>| {
        event.kind == SpellEvent::Discharge || (is_move(event) && (!has_attended || starts_at_admission(event)))
    };
    if let Some(first) = before.iter().position(|event| is_early(&event)) {
        let admission = events.remove(at);
        events.insert(first, admission);
    }
}

/// Orders the moves as one chain from the admission, if PV1-6 links all of them and their times contradict it.
fn order_by_prior_place(events: &mut [&Event<'_>]) {
    let slots: Vec<usize> = events.iter().enumerate().filter(|(_, event)| is_move(event)).map(|(at, _)| at).collect();
    let start = events.iter().find(|event| event.kind == SpellEvent::Admit).copied();
    let (Some(start), true) = (start, slots.len() > 1) else { return };
    let moves: Vec<&Event<'_>> = slots.iter().filter_map(|at| events.get(*at).copied()).collect();
    if is_chain(start, &moves) {
        return;
    }
    let (mut rest, mut chain, mut last) = (moves, vec![], start);
    while let Some(at) = rest.iter().position(|event| follows(event, last)) {
        last = rest.remove(at);
        chain.push(last);
    }
    if rest.is_empty() {
        for (slot, event) in slots.into_iter().zip(chain) {
            if let Some(entry) = events.get_mut(slot) {
                *entry = event;
            }
        }
    }
}

fn is_chain(start: &Event<'_>, moves: &[&Event<'_>]) -> bool {
    let mut last = start;
    moves.iter().all(|event| {
        let fits = prior_place(event).is_none() || follows(event, last);
        last = event;
        fits
    })
}
