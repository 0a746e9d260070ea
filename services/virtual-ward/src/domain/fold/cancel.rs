//! Applies a cancel: it removes the message that its EVN-6 names, else the latest earlier event of its kind (RULES.md, E3
//! to E6). One cancel must never remove two events of its kind.

mod unmatched;

use jiff::SignedDuration;
use lcr_contracts::{
    Moment,
    spell::{Place, SpellEvent},
};
pub use unmatched::apply_unmatched_cancels;
use unmatched::is_time_of;

use super::effective_events::{EffectiveEvents, Event};
use crate::domain::{
    event_order::OrderedMessage,
    place::{is_compatible, named_place},
};

/// Cancels the latest event of these kinds, or the one that EVN-6 names.
pub fn cancel_latest<'a>(effective: &mut EffectiveEvents<'a>, cancel: &OrderedMessage<'a>, kinds: &[SpellEvent]) {
    if cancel_matching(effective, cancel, kinds, |_| true) == CancelOutcome::NoMatch {
        effective.unmatched_cancels.push(*cancel);
    }
}

/// A11: cancels the admission. If no other event opened the stay, the whole stay is cancelled (E6).
pub fn cancel_admission<'a>(effective: &mut EffectiveEvents<'a>, cancel: &OrderedMessage<'a>) {
    use SpellEvent::{Admit, PreAdmit, Register, Snapshot, ToInpatient, ToOutpatient};
    if cancel_late_admission(effective, cancel) {
        return;
    }
    match cancel_matching(effective, cancel, &[Admit, ToInpatient, Register], |_| true) {
        CancelOutcome::AlreadyDone => return,
        CancelOutcome::NoMatch => effective.unmatched_cancels.push(*cancel),
        CancelOutcome::Cancelled => {}
    }
    let opens = |event: &Event<'_>| [Admit, ToInpatient, ToOutpatient, Register, Snapshot].contains(&event.kind);
    if effective.events.iter().any(|event| event.kind == Admit) {
        return;
    }
    if effective.events.iter().any(opens) {
        // Events after a cancelled admission are void too.
        let admitted = effective.cancelled.last().map(|one| one.message.happened.at);
        let before = |event: &Event<'_>| event.message().map(|message| message.happened.at) < admitted;
        effective.events.retain(|event| opens(event) || before(event));
        return;
    }
    effective.events.retain(|event| event.kind == PreAdmit);
    effective.reopened_by_transfer = false;
    effective.voided_at = Some(cancel.message_time);
}

/// Cancels an admission that was sent after the patient left, and leaves the ended stay alone. Returns whether there was one.
fn cancel_late_admission<'a>(effective: &mut EffectiveEvents<'a>, cancel: &OrderedMessage<'a>) -> bool {
    let left = effective.events.iter().rfind(|event| event.kind == SpellEvent::Discharge);
    let Some(left_sent) = left.and_then(Event::newest).map(|newest| newest.message_time) else {
        return false;
    };
    let is_second_admission = |one: &OrderedMessage<'a>| one.message_time > left_sent && !is_edit(cancel, one);
    let at = effective
        .events
        .iter()
        .position(|event| event.kind == SpellEvent::Admit && event.messages.iter().any(is_second_admission));
    let Some(at) = at else { return false };
    let earlier =
        effective.events.get(at).is_some_and(|event| event.messages.iter().any(|one| !is_second_admission(one)));
    if earlier {
        remove_messages(effective, cancel, at, is_second_admission);
    }
    earlier
}

/// A13: cancels the discharge.
pub fn cancel_discharge<'a>(effective: &mut EffectiveEvents<'a>, cancel: &OrderedMessage<'a>) {
    match cancel_matching(effective, cancel, &[SpellEvent::Discharge], |_| true) {
        CancelOutcome::Cancelled => effective.discharge_cancelled_at = Some(cancel.message_time),
        CancelOutcome::AlreadyDone => {}
        CancelOutcome::NoMatch => effective.unmatched_cancels.push(*cancel),
    }
}

/// A12: cancels the transfer to PV1-6, or the one from the place where the patient is again.
pub fn cancel_transfer<'a>(effective: &mut EffectiveEvents<'a>, cancel: &OrderedMessage<'a>) {
    let message = cancel.message;
    let (cancelled, back_to) = (named_place(&message.prior_place), named_place(&message.place));
    let is = |place: Option<&Place>, other: Option<&Place>| {
        place.zip(other).is_some_and(|(one, other)| is_compatible(one, other))
    };
    let to = |event: &Event<'a>| event.message().and_then(|message| named_place(&message.place));
    let from = |event: &Event<'a>| event.message().and_then(|message| named_place(&message.prior_place));
    let rules: [&dyn Fn(&Event<'a>) -> bool; 6] = [
        &|event| is(to(event), cancelled) && is(from(event), back_to),
        // Some hospitals write a cancel with the places of the transfer itself.
        &|event| is(to(event), back_to) && is(from(event), cancelled),
        &|event| is(to(event), cancelled),
        &|event| cancelled.is_none() && is(from(event), back_to),
        &|event| cancelled.is_none() && !is(to(event), back_to),
        &|_| cancelled.is_none() && back_to.is_none(),
    ];
    if rules
        .iter()
        .all(|rule| cancel_matching(effective, cancel, &[SpellEvent::Transfer], rule) == CancelOutcome::NoMatch)
    {
        effective.unmatched_cancels.push(*cancel);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CancelOutcome {
    Cancelled,
    /// An earlier message cancelled or replaced the event.
    AlreadyDone,
    NoMatch,
}

fn cancel_matching<'a>(
    effective: &mut EffectiveEvents<'a>,
    cancel: &OrderedMessage<'a>,
    kinds: &[SpellEvent],
    meant: impl Fn(&Event<'a>) -> bool,
) -> CancelOutcome {
    let candidates: Vec<usize> = (0..effective.events.len())
        .filter(|at| effective.events.get(*at).is_some_and(|event| kinds.contains(&event.kind) && meant(event)))
        .collect();
    let any_message = |at: &&usize, rule: &dyn Fn(&OrderedMessage<'a>) -> bool| {
        effective.events.get(**at).is_some_and(|event| event.messages.iter().any(rule))
    };
    if let Some(named) = cancel.message.occurred {
        // E3: the event that EVN-6 names.
        let is_named = |one: &OrderedMessage<'a>| is_time_of(named, one.message) && !is_edit(cancel, one);
        if let Some(at) = candidates.iter().rfind(|at| any_message(at, &is_named)) {
            let newest = effective.events.get(*at).and_then(Event::newest);
            let replaced = newest.is_some_and(|one| !is_named(one) && !is_edit(cancel, one));
            // EVN-6 names a message that was replaced since: the hospital may mean the event itself.
            effective.cancel_unclear |= replaced;
            remove_messages(effective, cancel, *at, is_named);
            return CancelOutcome::Cancelled;
        }
        let gone = |one: &OrderedMessage<'_>| kinds.contains(&one.message.event) && is_time_of(named, one.message);
        if effective.cancelled.iter().any(gone) {
            return CancelOutcome::AlreadyDone;
        }
        if !is_own_time(cancel, named) && !candidates.is_empty() {
            effective.cancel_unclear = true;
            return CancelOutcome::AlreadyDone;
        }
    }
    // E4: prefer an event sent before the cancel to one sent together with it.
    let earlier = candidates.iter().rfind(|at| any_message(at, &|one| !is_edit(cancel, one)));
    let Some(at) = earlier.or(candidates.last()) else { return CancelOutcome::NoMatch };
    remove_messages(effective, cancel, *at, |_| true);
    CancelOutcome::Cancelled
}

/// Whether EVN-6 of a cancel is the time of the cancel itself and names no event.
fn is_own_time(cancel: &OrderedMessage<'_>, named: Moment) -> bool {
    named.is_day() || cancel.message_time.duration_since(named.at).abs() <= SignedDuration::from_hours(2)
}

/// Whether the message came together with the cancel: then both edit an earlier message (E5).
fn is_edit(cancel: &OrderedMessage<'_>, ordered: &OrderedMessage<'_>) -> bool {
    !cancel.is_numbered_after(ordered) && cancel.is_simultaneous_with(ordered)
}

/// Removes the messages that the cancel means, and the event if no message is left.
fn remove_messages<'a>(
    effective: &mut EffectiveEvents<'a>,
    cancel: &OrderedMessage<'a>,
    at: usize,
    is_named: impl Fn(&OrderedMessage<'a>) -> bool,
) {
    let Some(event) = effective.events.get_mut(at) else { return };
    let earlier = event.messages.iter().any(|one| is_named(one) && !is_edit(cancel, one));
    let is_meant = |one: &OrderedMessage<'a>| is_named(one) && !(earlier && is_edit(cancel, one));
    let gone: Vec<OrderedMessage<'a>> = event.messages.iter().copied().filter(|one| is_meant(one)).collect();
    event.messages.retain(|one| !is_meant(one));
    effective.cancelled.extend(gone);
    effective.events.retain(|event| !event.messages.is_empty());
}
