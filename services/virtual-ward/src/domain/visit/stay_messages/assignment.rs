//! Assigns each message of a visit to a stay and a person (RULES.md, S1 to S8). It must never decide the effect of a message.

use std::collections::HashMap;

use lcr_contracts::{
    Moment,
    spell::{SpellEvent, SpellMessage},
};

use super::{
    super::{IdentityResolver, PersonKey},
    StayMessages, admission_time, is_cancel, opens,
};
use crate::domain::{
    event_order::OrderedMessage,
    place::{self, named_place},
};

/// PV1-45 of a discharge, else its event time.
fn discharge_time(message: &SpellMessage) -> Moment {
    message.discharged.set().copied().unwrap_or(message.happened)
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
