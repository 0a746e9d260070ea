//! Splits a visit's messages, in message order, into the messages of each stay: by person and by earlier discharges
//! (RULES.md, S1 to S8). It decides which stay a message belongs to, and must never decide its effect.

mod assignment;

pub use assignment::{MessageOwners, split_visit};
use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    Moment,
    spell::{SnapshotState, SpellEvent, SpellMessage},
};
use lcr_model::SourceIdentity;

use super::PersonKey;
use crate::domain::{event_order::OrderedMessage, fold};

/// A number that moved between persons in beds this often is not a visit number.
const MAX_REASSIGNMENTS: usize = 3;
/// A visit number without messages for this long may be reused for another stay.
const REUSE_AFTER: SignedDuration = SignedDuration::from_hours(28 * 24);

/// The messages of one stay.
pub struct StayMessages<'a> {
    pub first_identity: SourceIdentity,
    person: PersonKey,
    pub messages: Vec<OrderedMessage<'a>>,
    /// When the visit was given to another person while this one was in hospital.
    pub reassigned_at: Option<Timestamp>,
    /// An update gave the visit to another person (S7).
    pub reassigned_by_update: bool,
    /// The number was also used for another person while this one was in hospital.
    pub contested: bool,
}

impl StayMessages<'_> {
    fn new(person: PersonKey, identity: SourceIdentity) -> Self {
        Self {
            first_identity: identity,
            person,
            messages: vec![],
            reassigned_at: None,
            reassigned_by_update: false,
            contested: false,
        }
    }

    /// The effective discharge and its message time.
    fn discharge(&self) -> Option<(Moment, Timestamp)> {
        fold::find_discharge(&self.messages)
    }

    fn has_recent_message(&self, until: Timestamp) -> bool {
        let last = self.messages.last().map_or(Timestamp::MIN, |last| last.message_time);
        until.duration_since(last) <= REUSE_AFTER
    }

    /// The time of the latest admission.
    fn admission_time(&self) -> Option<Moment> {
        let messages = self.messages.iter().rev().map(|one| one.message);
        messages.filter(|message| opens(message)).map(admission_time).next()
    }

    /// S3: whether the message begins a new stay of the person: an admission after the discharge, or anything long after.
    fn is_over_for(&self, ordered: &OrderedMessage<'_>) -> bool {
        let message = ordered.message;
        if message.event == SpellEvent::Snapshot || is_cancel(message.event) {
            return false;
        }
        if !opens(message) && self.has_recent_message(ordered.message_time) {
            return false;
        }
        let is_later = || self.admission_time().is_none_or(|began| began.is_before(admission_time(message)));
        let Some((left, left_sent)) = self.discharge() else {
            return opens(message) && !self.has_recent_message(ordered.message_time) && is_later();
        };
        if !opens(message) {
            return message.happened.at.duration_since(left.last()) > REUSE_AFTER;
        }
        // A day without an hour does not say whether they came back on that day: message order decides.
        let same_day = left.is_day() && left.date() == admission_time(message).date();
        left.is_before(admission_time(message)) || (same_day && ordered.message_time > left_sent && is_later())
    }
}

/// S6: whether a stay is valid: its visit was not reassigned, or later messages confirm it, or the hospital uses the number
/// for everybody.
pub fn is_valid(stays: &[StayMessages<'_>], stay: &StayMessages<'_>) -> bool {
    let is_confirmed = |reassigned_at| {
        let later = |one: &OrderedMessage<'_>| one.message_time > reassigned_at && !is_cancel(one.message.event);
        stay.messages.iter().any(later)
    };
    stay.reassigned_at.is_none_or(is_confirmed) || is_no_visit_number(stays)
}

fn is_no_visit_number(stays: &[StayMessages<'_>]) -> bool {
    stays.iter().filter(|stay| stay.reassigned_at.is_some()).count() >= MAX_REASSIGNMENTS
}

/// S6: whether this stay and another person's both continue under one number. A discharge that was entered late does not
/// count as continuing.
pub fn is_number_shared(stays: &[StayMessages<'_>], at: usize) -> bool {
    let continues = |stay: &StayMessages<'_>| {
        stay.reassigned_at.is_some_and(|reassigned_at| {
            let later = |one: &OrderedMessage<'_>| {
                let message = one.message;
                let is_late_entry = stay.discharge().is_some() && message.happened.at <= reassigned_at;
                one.message_time > reassigned_at && !is_late_entry && !is_cancel(message.event)
            };
            stay.messages.iter().any(later)
        })
    };
    let Some(stay) = stays.get(at) else { return false };
    let before = stays.get(..at).unwrap_or_default();
    if stay.contested || before.iter().any(|one| one.contested && one.person != stay.person) {
        return true;
    }
    is_no_visit_number(stays) || continues(stay) || before.iter().any(|one| one.person != stay.person && continues(one))
}

/// PV1-44 of an admission, else its event time.
fn admission_time(message: &SpellMessage) -> Moment {
    message.admitted.set().copied().unwrap_or(message.happened)
}

fn opens(message: &SpellMessage) -> bool {
    use SpellEvent::{Admit, PreAdmit, Register, Snapshot, ToInpatient};
    match message.event {
        PreAdmit | Register | Admit | ToInpatient => true,
        Snapshot => matches!(message.snapshot, Some(SnapshotState::Planned | SnapshotState::Present)),
        _ => false,
    }
}

fn is_cancel(event: SpellEvent) -> bool {
    use SpellEvent as E;
    matches!(
        event,
        E::CancelAdmit
            | E::CancelDischarge
            | E::CancelTransfer
            | E::CancelPreAdmit
            | E::CancelLeaveOut
            | E::CancelLeaveReturn
            | E::CancelPendingDischarge
            | E::CancelPendingTransfer
    )
}
