//! Orders a stay's messages by message time and its events by event time (RULES.md, T1 and T2), at the precision that the
//! sender wrote. Ids and control ids must never influence either order.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use jiff::Timestamp;
use lcr_contracts::{
    Moment, Precision,
    spell::{SpellEvent, SpellMessage},
};

/// A message with its place in message order.
#[derive(Debug, Clone, Copy)]
pub struct OrderedMessage<'a> {
    pub message: &'a SpellMessage,
    /// MSH-7, or the arrival if a fast clock wrote a later time.
    pub message_time: Timestamp,
    /// Equal for messages of the same time at their common precision.
    key: Timestamp,
    /// The position among the visit's messages.
    pub order: usize,
}

impl OrderedMessage<'_> {
    /// Whether both were sent within the same second, or the same minute if the sender wrote no seconds. Messages with the
    /// same MSH-7 are simultaneous even if they arrived one after the other.
    pub fn is_simultaneous_with(&self, other: &Self) -> bool {
        let precision = self.message.sent.precision.min(other.message.sent.precision);
        let second = |sent: Moment| sent.truncated(precision).as_second();
        self.key == other.key || second(self.message.sent) == second(other.message.sent)
    }

    /// Whether this message arrived before `other` although the sender's clock dates it later, and MSH-13 does not confirm
    /// the clock.
    pub fn contradicts_clock(&self, other: &Self) -> bool {
        self.order > other.order
            && self.message.received < other.message.received
            && !self.is_simultaneous_with(other)
            && !self.is_numbered_after(other)
    }

    /// Whether the sender's sequence number (MSH-13) is higher than that of `other`.
    pub fn is_numbered_after(&self, other: &Self) -> bool {
        matches!((self.message.sequence, other.message.sequence), (Some(one), Some(other)) if one > other)
    }
}

/// The message time, with the precision of the sender's clock.
pub fn message_time(message: &SpellMessage) -> Moment {
    if message.sent.at > message.received { Moment::exact(message.received) } else { message.sent }
}

/// The time that a cell shows: the event time, or the message time if the event time is a day without an hour.
pub fn cell_time(message: &SpellMessage) -> Timestamp {
    if message.happened.is_day() { message_time(message).at } else { message.happened.at }
}

/// All messages in message order (T1), without byte-for-byte duplicates.
pub fn in_message_order(messages: &[SpellMessage]) -> Vec<OrderedMessage<'_>> {
    let mut first: BTreeMap<(&str, SpellEvent), &SpellMessage> = BTreeMap::new();
    for message in messages {
        let earliest = first.entry((&message.content, message.event)).or_insert(message);
        if message.received < earliest.received {
            *earliest = message;
        }
    }
    let messages: Vec<&SpellMessage> = first.into_values().collect();
    let times: Vec<Moment> = messages.iter().map(|message| message_time(message)).collect();
    let keys = sort_keys(&times);
    let mut ordered: Vec<OrderedMessage<'_>> = messages
        .into_iter()
        .zip(times.iter().zip(keys))
        .map(|(message, (time, key))| OrderedMessage { message, message_time: time.at, key, order: 0 })
        .collect();
    // Sort by key and arrival, then order each group of equal keys by itself.
    ordered.sort_by_key(|one| (one.key, one.message.received));
    for group in ordered.chunk_by_mut(|one, other| one.key == other.key) {
        let numbered = group.iter().all(|one| one.message.sequence.is_some());
        let exact = group.iter().all(|one| one.message.sent.precision == Precision::Second);
        group.sort_by(|one, other| compare_within_key(one, other, numbered, exact));
    }
    for (order, message) in ordered.iter_mut().enumerate() {
        message.order = order;
    }
    ordered
}

fn compare_within_key(one: &OrderedMessage<'_>, other: &OrderedMessage<'_>, numbered: bool, exact: bool) -> Ordering {
    let by_number = if numbered { one.message.sequence.cmp(&other.message.sequence) } else { Ordering::Equal };
    let by_digits = if exact { one.message_time.cmp(&other.message_time) } else { Ordering::Equal };
    by_number
        .then(by_digits)
        .then_with(|| one.message.received.cmp(&other.message.received))
        // These messages arrived in the same microsecond. An event comes before its cancel; the rest only has to be stable.
        .then_with(|| one.message.event.cmp(&other.message.event))
        .then_with(|| one.message.content.cmp(&other.message.content))
}

/// Sort keys for times of mixed precision. If one time is a day alone, all times of that day share a key; the same holds
/// for hours and minutes. Fractions of a second are ignored.
pub fn sort_keys(times: &[Moment]) -> Vec<Timestamp> {
    const COARSE: [Precision; 3] = [Precision::Day, Precision::Hour, Precision::Minute];
    let spans: BTreeSet<(Precision, Timestamp)> =
        times.iter().filter(|one| one.precision < Precision::Second).map(|one| (one.precision, one.at)).collect();
    let key = |time: &Moment| {
        let coarse = COARSE.into_iter().find_map(|precision| {
            let start = time.truncated(precision);
            spans.contains(&(precision, start)).then_some(start)
        });
        coarse.unwrap_or_else(|| Timestamp::from_second(time.at.as_second()).unwrap_or(time.at))
    };
    times.iter().map(key).collect()
}
