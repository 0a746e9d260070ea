//! Splits a visit's messages, in message order, into the messages of each stay: by person and by earlier discharges
//! (RULES.md, S1 to S8). It decides which stay a message belongs to, and must never decide its effect.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    Moment,
    spell::{SnapshotState, SpellEvent, SpellMessage},
};
use lcr_model::SourceIdentity;

use super::{IdentityResolver, PersonKey};
use crate::domain::{
    event_order::OrderedMessage,
    fold,
    place::{self, named_place},
};

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

/// PV1-45 of a discharge, else its event time.
fn discharge_time(message: &SpellMessage) -> Moment {
    message.discharged.set().copied().unwrap_or(message.happened)
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

/// The person that each message names, by its position among the visit's messages.
pub type MessageOwners = HashMap<usize, PersonKey>;

/// Splits a visit into stays, oldest first.
pub fn split_visit<'a>(
    messages: &[OrderedMessage<'a>],
    resolver: &IdentityResolver,
) -> (Vec<StayMessages<'a>>, MessageOwners) {
    let mut stays: Vec<StayMessages<'a>> = vec![];
    let mut owners = MessageOwners::new();
    for ordered in messages {
        let person = resolver.person_key(ordered);
        let at = find_stay(&mut stays, ordered, &person).unwrap_or_else(|| {
            let identity = resolver.resolve(&ordered.message.identity, ordered.message_time).clone();
            let mut stay = StayMessages::new(person, identity);
            stay.messages = take_later_admission(&mut stays, &stay.person);
            stays.push(stay);
            stays.len() - 1
        });
        if let Some(stay) = stays.get_mut(at) {
            stay.messages.push(*ordered);
            owners.insert(ordered.order, stay.person.clone());
            if ordered.message.moves_visit {
                // S4: all earlier messages of the stay become the new person's.
                owners.extend(stay.messages.iter().map(|one| (one.order, stay.person.clone())));
            }
        }
    }
    (stays, owners)
}

impl StayMessages<'_> {
    /// Whether the message names the person whose stay this is now.
    pub fn is_own(&self, owners: &MessageOwners, ordered: &OrderedMessage<'_>) -> bool {
        owners.get(&ordered.order) == Some(&self.person)
    }
}

/// Takes the messages from the first admission after the discharge out of the former stay: they were about the new stay, but
/// their time was wrong.
fn take_later_admission<'a>(stays: &mut [StayMessages<'a>], person: &PersonKey) -> Vec<OrderedMessage<'a>> {
    let Some(former) = stays.last_mut().filter(|stay| stay.person == *person) else { return vec![] };
    let Some((_, left_sent)) = former.discharge() else { return vec![] };
    let is_later = |one: &OrderedMessage<'_>| one.message.event == SpellEvent::Admit && one.message_time > left_sent;
    match former.messages.iter().position(is_later) {
        Some(at) => former.messages.split_off(at),
        None => vec![],
    }
}

/// The stay that a message belongs to; `None` for a new one.
fn find_stay(stays: &mut Vec<StayMessages<'_>>, ordered: &OrderedMessage<'_>, person: &PersonKey) -> Option<usize> {
    let last = stays.len().checked_sub(1)?;
    let own = stays.iter().rposition(|stay| stay.person == *person);
    match own {
        Some(at) if at == last => find_in_last(stays, ordered, person, at),
        _ if ordered.message.moves_visit => {
            // S4: the hospital itself moves the visit to this person.
            stays.get_mut(last)?.person = person.clone();
            Some(last)
        }
        Some(at) if !stays.get(at)?.is_over_for(ordered) => Some(at),
        _ => reassign(stays.last_mut()?, ordered, person).then_some(last),
    }
}

/// S2 and S3, and corrections of the stay before.
fn find_in_last(
    stays: &mut Vec<StayMessages<'_>>,
    ordered: &OrderedMessage<'_>,
    person: &PersonKey,
    at: usize,
) -> Option<usize> {
    let stay = stays.get(at)?;
    if stay.is_over_for(ordered) {
        return None;
    }
    let is_end = matches!(ordered.message.event, SpellEvent::Discharge | SpellEvent::CancelDischarge);
    if !is_end {
        return Some(at);
    }
    let is_open = stay.discharge().is_none();
    let began = stay.messages.first().map(|first| admission_time(first.message));
    let message = ordered.message;
    if message.event == SpellEvent::Discharge && is_open && split_stay(stays, at, discharge_time(message)) {
        return Some(at);
    }
    let before = stays.get(..at)?.iter().rposition(|stay| stay.person == *person);
    let Some(before) = before else { return Some(at) };
    match message.event {
        // The message corrects the earlier discharge: its time lies before this stay began.
        SpellEvent::Discharge if began.is_some_and(|began| discharge_time(message).is_before(began)) => Some(before),
        // The earlier discharge is cancelled: both stays are one.
        SpellEvent::CancelDischarge if is_open && stays.get(before)?.discharge().is_some() => {
            let later = stays.remove(at);
            let former = stays.get_mut(before)?;
            former.messages.extend(later.messages);
            former.messages.sort_by_key(|one| one.order);
            Some(before)
        }
        _ => Some(at),
    }
}

/// Splits a stay if the time of a late discharge lies between two of its admissions: the second began another stay.
/// Returns whether it did.
fn split_stay(stays: &mut Vec<StayMessages<'_>>, at: usize, left: Moment) -> bool {
    let Some(stay) = stays.get_mut(at) else { return false };
    let is_admission = |one: &OrderedMessage<'_>| one.message.event == SpellEvent::Admit;
    let first = stay.messages.iter().find(|one| is_admission(one));
    let last = stay.messages.iter().rposition(is_admission);
    let (Some(first), Some(last)) = (first, last) else { return false };
    let begins = stay.messages.get(last).map(|one| admission_time(one.message));
    if admission_time(first.message).is_before(left) && begins.is_some_and(|begins| left.is_before(begins)) {
        let messages = stay.messages.split_off(last);
        let mut later = StayMessages::new(stay.person.clone(), stay.first_identity.clone());
        later.messages = messages;
        stays.insert(at + 1, later);
        return true;
    }
    false
}

/// S4 to S8: decides about a message that names another person. Returns whether it reassigns this stay to that person.
fn reassign(stay: &mut StayMessages<'_>, ordered: &OrderedMessage<'_>, person: &PersonKey) -> bool {
    let is_recent = stay.has_recent_message(ordered.message_time);
    if is_cancel(ordered.message.event) || !is_recent || stay.discharge().is_some() {
        return false;
    }
    if !stay.is_same_arrival(ordered.message) {
        stay.contested = true;
        return false;
    }
    if opens(ordered.message) {
        // If it arrived first, nothing says which of the two persons is the correction.
        stay.contested |= stay.messages.last().is_some_and(|last| ordered.contradicts_clock(last));
        stay.reassigned_at = Some(ordered.message_time);
        return false;
    }
    stay.person = person.clone();
    stay.reassigned_by_update = true;
    true
}

impl StayMessages<'_> {
    /// Whether a message about another person describes this arrival, so that it corrects the person. Another admission
    /// time, another bed or a baby born since is a different arrival.
    fn is_same_arrival(&self, message: &SpellMessage) -> bool {
        let Some(began) = self.admission_time() else { return false };
        let born_since = message.patient.birth_date.is_some_and(|born| born >= began.date());
        let newborn = message.method.set().is_some_and(|method| matches!(method.trim(), "N" | "82" | "83"));
        let same_time = match message.admitted.set() {
            Some(admitted) => admitted.compare(began).is_eq(),
            // Without PV1-44 the bed decides.
            None => opens(message),
        };
        let known = self.messages.iter().rev().find_map(|one| named_place(&one.message.place));
        let same_bed = match (named_place(&message.place), known) {
            (Some(new), Some(known)) => place::is_compatible(new, known),
            _ => false,
        };
        let has_time = message.admitted.set().is_some();
        !born_since && !newborn && same_time && (same_bed || (has_time && opens(message)))
    }
}
