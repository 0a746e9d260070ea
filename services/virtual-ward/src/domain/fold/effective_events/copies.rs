//! Removes copies of an event that was sent again. Two real events must never become one.

use std::collections::HashMap;

use lcr_contracts::spell::{SpellEvent, SpellMessage};

use crate::domain::event_order::OrderedMessage;

/// E2: removes messages with the content and event time of an earlier one, unless their opposite came in between.
pub fn remove_copies<'a>(messages: &[OrderedMessage<'a>]) -> Vec<OrderedMessage<'a>> {
    let mut seen: HashMap<SpellEvent, Vec<(&SpellMessage, usize)>> = HashMap::new();
    let mut is_new = |at: usize| {
        let Some(message) = messages.get(at).map(|ordered| ordered.message) else { return false };
        let of_kind = seen.entry(message.event).or_default();
        let before = of_kind.iter_mut().find(|(other, _)| is_copy(other, message));
        let Some((_, last)) = before else {
            of_kind.push((message, at));
            return true;
        };
        let since = messages.get(*last..).unwrap_or_default();
        *last = at;
        // A simultaneous cancel is part of an edit (E5), even if it is ordered later.
        let is_between = |(position, other): (usize, &OrderedMessage<'_>)| {
            let simultaneous = messages.get(at).is_some_and(|one| one.is_simultaneous_with(other));
            (position < at || simultaneous) && is_opposite(message.event, other.message.event)
        };
        let first = messages.len() - since.len();
        since.iter().enumerate().map(|(nth, other)| (first + nth, other)).any(is_between)
    };
    let new: Vec<bool> = (0..messages.len()).map(&mut is_new).collect();
    messages.iter().zip(new).filter(|(_, is_new)| *is_new).map(|(one, _)| *one).collect()
}

fn is_copy(one: &SpellMessage, other: &SpellMessage) -> bool {
    // Compare cheap fields first: most messages differ in their time.
    if one.happened != other.happened || one.identity != other.identity || one.place != other.place {
        return false;
    }
    // The same state at another time is new: the state may have changed in between.
    if one.event == SpellEvent::Snapshot && one.sent != other.sent {
        return false;
    }
    let same_envelope = SpellMessage {
        sent: one.sent,
        received: one.received,
        sequence: one.sequence,
        control_id: one.control_id.clone(),
        content: one.content.clone(),
        ..other.clone()
    };
    *one == same_envelope
}

/// Whether one event undoes the other.
fn is_opposite(one: SpellEvent, other: SpellEvent) -> bool {
    use SpellEvent as E;
    let pairs = [
        (E::Discharge, E::CancelDischarge),
        (E::Transfer, E::CancelTransfer),
        (E::Admit, E::CancelAdmit),
        (E::Register, E::CancelAdmit),
        (E::ToInpatient, E::CancelAdmit),
        (E::PreAdmit, E::CancelPreAdmit),
        (E::LeaveOut, E::CancelLeaveOut),
        (E::LeaveOut, E::LeaveReturn),
        (E::LeaveReturn, E::CancelLeaveReturn),
        (E::PendingDischarge, E::CancelPendingDischarge),
        (E::PendingTransfer, E::CancelPendingTransfer),
    ];
    pairs.iter().any(|pair| *pair == (one, other) || *pair == (other, one))
}
