//! Cancels that name no event of the stay. They must never remove an event that they do not name.

use lcr_contracts::{
    Moment,
    spell::{SpellEvent, SpellMessage},
};

use super::super::effective_events::EffectiveEvents;
use crate::domain::event_order::OrderedMessage;

/// E4a: applies cancels that matched no earlier event but arrived after one of their kind. The sender's clock was set back
/// in between, so the row carries a warning.
pub fn apply_unmatched_cancels(effective: &mut EffectiveEvents<'_>) {
    for cancel in std::mem::take(&mut effective.unmatched_cancels) {
        let kinds = kinds_cancelled_by(cancel.message.event);
        let meant = |one: &OrderedMessage<'_>| one.contradicts_clock(&cancel);
        let at =
            effective.events.iter().rposition(|event| kinds.contains(&event.kind) && event.messages.iter().any(meant));
        let Some(event) = at.and_then(|at| effective.events.get_mut(at)) else { continue };
        let gone: Vec<OrderedMessage<'_>> = event.messages.iter().copied().filter(|one| meant(one)).collect();
        event.messages.retain(|one| !meant(one));
        effective.cancelled.extend(gone);
        effective.events.retain(|event| !event.messages.is_empty());
        effective.order_unsure = true;
        let is_admission = cancel.message.event == SpellEvent::CancelAdmit;
        if is_admission && !effective.events.iter().any(|event| kinds.contains(&event.kind)) {
            effective.events.clear();
            effective.voided_at = Some(cancel.message_time);
        }
    }
}

fn kinds_cancelled_by(cancel: SpellEvent) -> &'static [SpellEvent] {
    match cancel {
        SpellEvent::CancelAdmit => &[SpellEvent::Admit, SpellEvent::Register, SpellEvent::ToInpatient],
        SpellEvent::CancelDischarge => &[SpellEvent::Discharge],
        SpellEvent::CancelTransfer => &[SpellEvent::Transfer],
        _ => &[],
    }
}

/// Whether `named`, the EVN-6 of a cancel, is a time of the event in `message`.
pub(super) fn is_time_of(named: Moment, message: &SpellMessage) -> bool {
    let times = [
        Some(message.happened),
        message.occurred,
        message.admitted.set().copied().filter(|_| message.event != SpellEvent::Discharge),
        message.discharged.set().copied().filter(|_| message.event == SpellEvent::Discharge),
    ];
    times.into_iter().flatten().any(|time| time.compare(named).is_eq())
}
