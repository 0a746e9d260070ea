//! Finds the effective events of a stay: repeated messages replace earlier ones, cancels remove events (RULES.md, E1 to
//! E6). It must depend on the messages in message order alone.

mod copies;

pub use copies::remove_copies;
use jiff::Timestamp;
use lcr_contracts::{
    Moment,
    spell::{Place, SnapshotState, SpellEvent, SpellMessage},
};

use super::cancel;
use crate::domain::{
    event_order::OrderedMessage,
    place::{is_compatible, is_same, named_place},
};

/// One event and all messages about it, the newest last.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    pub kind: SpellEvent,
    pub messages: Vec<OrderedMessage<'a>>,
}

impl EffectiveEvents<'_> {
    pub fn is_cancelled(&self, message: &SpellMessage) -> bool {
        self.cancelled.iter().any(|one| std::ptr::eq(one.message, message))
    }
}

impl<'a> Event<'a> {
    /// The newest message. An effective event has at least one.
    pub fn newest(&self) -> Option<&OrderedMessage<'a>> {
        self.messages.last()
    }

    pub fn message(&self) -> Option<&'a SpellMessage> {
        self.newest().map(|newest| newest.message)
    }
}

/// The effective events, ordered by the first message of each.
#[derive(Debug, Default)]
pub struct EffectiveEvents<'a> {
    pub events: Vec<Event<'a>>,
    /// The message time at which the whole stay was cancelled, unless a later event opened it again.
    pub voided_at: Option<Timestamp>,
    /// A transfer opened the stay again after its admission was cancelled.
    pub reopened_by_transfer: bool,
    /// The message time of the last cancel of a discharge. Destinations sent before it are void.
    pub discharge_cancelled_at: Option<Timestamp>,
    /// The cancelled messages. A second cancel of one of them does nothing.
    pub cancelled: Vec<OrderedMessage<'a>>,
    /// Cancels that matched no event.
    pub unmatched_cancels: Vec<OrderedMessage<'a>>,
    /// The sender's clock and the order of arrival disagree about which message is the newest.
    pub order_unsure: bool,
    /// A cancel does not match the newest message of its event.
    pub cancel_unclear: bool,
}

/// The effective discharge: when the patient left, and the message time of the newest message about it.
pub fn find_discharge(messages: &[OrderedMessage<'_>]) -> Option<(Moment, Timestamp)> {
    let effective = collect(messages);
    let is_discharge = |event: &&Event<'_>| event.kind == SpellEvent::Discharge;
    let discharge = effective.events.iter().find(is_discharge).and_then(Event::newest);
    let snapshot = effective.events.iter().rfind(|event| event.kind == SpellEvent::Snapshot);
    let finished = snapshot.and_then(Event::newest);
    let finished = finished.filter(|one| one.message.snapshot == Some(SnapshotState::Finished));
    let at = |one: &OrderedMessage<'_>| one.message.discharged.set().copied().unwrap_or(one.message.happened);
    discharge.or(finished).map(|one| (at(one), one.message_time))
}

/// Collects the effective events of messages that contain no copies.
pub fn collect<'a>(messages: &[OrderedMessage<'a>]) -> EffectiveEvents<'a> {
    let mut effective = EffectiveEvents::default();
    for ordered in messages {
        apply(&mut effective, ordered);
    }
    cancel::apply_unmatched_cancels(&mut effective);
    effective
}

fn apply<'a>(effective: &mut EffectiveEvents<'a>, ordered: &OrderedMessage<'a>) {
    use SpellEvent as E;
    match ordered.message.event {
        E::CancelPreAdmit => cancel::cancel_latest(effective, ordered, &[E::PreAdmit]),
        E::CancelAdmit => cancel::cancel_admission(effective, ordered),
        E::CancelTransfer => cancel::cancel_transfer(effective, ordered),
        E::CancelDischarge => cancel::cancel_discharge(effective, ordered),
        E::CancelLeaveOut => cancel::cancel_latest(effective, ordered, &[E::LeaveOut]),
        E::CancelLeaveReturn => cancel::cancel_latest(effective, ordered, &[E::LeaveReturn]),
        E::CancelPendingTransfer => cancel::cancel_latest(effective, ordered, &[E::PendingTransfer]),
        E::CancelPendingDischarge => cancel::cancel_latest(effective, ordered, &[E::PendingDischarge]),
        E::Update => {}
        _ => add_event(effective, ordered),
    }
}

/// Adds a new event, or another message about an effective one.
fn add_event<'a>(effective: &mut EffectiveEvents<'a>, ordered: &OrderedMessage<'a>) {
    let message = ordered.message;
    if effective.voided_at.is_some() {
        use SpellEvent::{Admit, PreAdmit, Register, Snapshot, ToInpatient, Transfer};
        match message.event {
            PreAdmit | Register | Admit | ToInpatient | Snapshot => {}
            Transfer => effective.reopened_by_transfer = true,
            _ => return,
        }
        effective.voided_at = None;
    }
    let same = effective.events.iter().rposition(|event| is_same_event(event, effective, message));
    match same.and_then(|at| effective.events.get_mut(at)) {
        Some(event) => {
            let unsure = event.newest().is_some_and(|newest| ordered.contradicts_clock(newest));
            effective.order_unsure |= unsure;
            event.messages.push(*ordered);
        }
        None => effective.events.push(Event { kind: message.event, messages: vec![*ordered] }),
    }
}

/// E1: whether `message` is about this event.
fn is_same_event(event: &Event<'_>, effective: &EffectiveEvents<'_>, message: &SpellMessage) -> bool {
    use SpellEvent::{LeaveOut, LeaveReturn, Snapshot, ToInpatient, ToOutpatient, Transfer};
    if event.kind != message.event {
        return false;
    }
    let none_since = |kinds: &[SpellEvent]| {
        let time = event.newest().map(|newest| newest.message_time);
        !effective
            .events
            .iter()
            .any(|other| kinds.contains(&other.kind) && other.newest().map(|newest| newest.message_time) >= time)
    };
    match message.event {
        Snapshot => false,
        Transfer => event.message().is_some_and(|before| is_same_move(effective, before, message)),
        LeaveOut => none_since(&[LeaveReturn]),
        LeaveReturn => none_since(&[LeaveOut]),
        ToInpatient => none_since(&[ToOutpatient]),
        ToOutpatient => none_since(&[ToInpatient]),
        _ => true,
    }
}

fn is_same_move(effective: &EffectiveEvents<'_>, before: &SpellMessage, message: &SpellMessage) -> bool {
    let (from, to) = (named_place(&message.prior_place), named_place(&message.place));
    let (was_from, was_to) = (named_place(&before.prior_place), named_place(&before.place));
    let same = |one: Option<&Place>, other: Option<&Place>| match (one, other) {
        (Some(one), Some(other)) => is_same(one, other),
        (None, None) => true,
        _ => false,
    };
    if same(from, was_from) && same(to, was_to) {
        let moved_on = |other: &SpellMessage| {
            let leaves = named_place(&other.prior_place).zip(to).is_some_and(|(left, to)| is_compatible(left, to));
            other.event == SpellEvent::Transfer && leaves && other.happened.at >= before.happened.at
        };
        return !effective.events.iter().filter_map(Event::message).any(moved_on);
    }
    // Same event time and same origin: the message corrects the destination.
    let same_time = before.occurred.is_some() && before.occurred == message.occurred;
    same_time && from.is_some() && same(from, was_from)
}
