//! The total order of a stay's messages, which arrival never enters (design section 7): when it happened, what
//! kind it is, when it was sent, under which control id, and what it says. Doubles are taken out here: the same
//! bytes twice, and the same event told again under another control id, unless its contrary was sent in between.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use jiff::Timestamp;
use lcr_contracts::spell::{SpellEvent, SpellMessage};

/// When a message counts. A snapshot counts from when its source last changed it: the newest `sent` wins.
pub fn counts_at(message: &SpellMessage) -> Timestamp {
    if message.event == SpellEvent::Snapshot { message.sent } else { message.happened }
}

fn compare(one: &Weighed<'_>, other: &Weighed<'_>) -> Ordering {
    let key =
        |weighed: &Weighed<'_>| (counts_at(weighed.message), weighed.message.event, weighed.message.sent);
    key(one)
        .cmp(&key(other))
        .then_with(|| one.message.control_id.cmp(&other.message.control_id))
        .then_with(|| one.message.content.cmp(&other.message.content))
        .then_with(|| one.said.cmp(&other.said))
}

/// A message with all it says, apart from how and when it was carried.
struct Weighed<'a> {
    message: &'a SpellMessage,
    said: String,
}

impl<'a> Weighed<'a> {
    fn of(message: &'a SpellMessage) -> Self {
        let mut bare = message.clone();
        bare.sent = Timestamp::UNIX_EPOCH;
        bare.received = Timestamp::UNIX_EPOCH;
        bare.control_id.clear();
        bare.content.clear();
        if message.event == SpellEvent::Snapshot {
            // The same state at another time is news: it may have been another in between.
            bare.sent = message.sent;
        }
        Self { message, said: serde_json::to_string(&bare).unwrap_or_default() }
    }
}

/// What a cancel takes back, and what takes that back.
fn contrary(one: SpellEvent, other: SpellEvent) -> bool {
    use SpellEvent::{Admit, CancelAdmit, CancelDischarge, CancelTransfer, Discharge, Register, Transfer};
    matches!(
        (one, other),
        (Discharge, CancelDischarge)
            | (CancelDischarge, Discharge)
            | (Transfer, CancelTransfer)
            | (CancelTransfer, Transfer)
            | (Admit | Register, CancelAdmit)
            | (CancelAdmit, Admit | Register)
    )
}

/// The messages in order, each event once: the one that stands first of its doubles. What was sent again after
/// it was taken back is no double: a discharge with its cancel in between is a discharge anew.
pub fn ordered(messages: &[SpellMessage]) -> Vec<&SpellMessage> {
    let mut weighed: Vec<Weighed<'_>> = messages.iter().map(Weighed::of).collect();
    weighed.sort_by(compare);
    let (mut said, mut bytes) = (BTreeMap::new(), BTreeSet::new());
    let mut new = |one: &&'_ Weighed<'_>| {
        let (event, sent) = (one.message.event, one.message.sent);
        let content = (one.message.content.clone(), event);
        // Of equal words the order is that of sending.
        let anew = said.insert(one.said.clone(), sent).is_none_or(|before| {
            let between = |other: &SpellMessage| before <= other.sent && other.sent < sent;
            messages.iter().any(|other| contrary(event, other.event) && between(other))
        });
        anew && (content.0.is_empty() || bytes.insert(content))
    };
    weighed.iter().filter(|one| new(one)).map(|one| one.message).collect()
}
