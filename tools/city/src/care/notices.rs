//! Which appointments and referrals the hospital's system sends, and when. It must follow the groups alone; `traffic` writes
//! the messages.

use jiff::{Timestamp, ToSpan};

use super::{CareLink, LinkKind};
use crate::traffic::{CareEvent, CareNotice, OutgoingMessage};
use crate::world::World;

/// The events by which the evidence of this kind begins and ends. None for what is sent as a Bundle.
fn events(kind: LinkKind) -> Option<(CareEvent, CareEvent)> {
    match kind {
        LinkKind::Appointment | LinkKind::CancelledAppointment => {
            Some((CareEvent::Booked, CareEvent::BookingCancelled))
        }
        LinkKind::Referral => Some((CareEvent::ReferralAccepted, CareEvent::ReferralCancelled)),
        _ => None,
    }
}

/// The messages that tell how the evidence stands at `at`: its begin, and a minute later its end if it has ended.
pub(super) fn current(world: &World, link: &CareLink, at: Timestamp) -> Vec<OutgoingMessage> {
    let Some((begin, end)) = events(link.group.kind) else { return vec![] };
    let changed = link.last_change(world, at);
    let (_, ended) = link.period(world, at);
    let steps = match ended {
        Some(_) => vec![(begin, changed.checked_sub(1.minute()).unwrap_or(changed)), (end, changed)],
        None => vec![(begin, changed)],
    };
    steps.into_iter().filter_map(|(event, sent)| write(world, link, event, sent)).collect()
}

/// The message that cancels the appointment or the referral at `at`.
pub(super) fn cancelled(world: &World, link: &CareLink, at: Timestamp) -> Option<OutgoingMessage> {
    let (_, end) = events(link.group.kind)?;
    write(world, link, end, at)
}

fn write(world: &World, link: &CareLink, event: CareEvent, sent: Timestamp) -> Option<OutgoingMessage> {
    let (from, _) = link.period(world, sent);
    CareNotice { group: link.group, index: link.index, event, from, sent }.write(world)
}

#[cfg(test)]
#[path = "notices_tests.rs"]
mod tests;
