//! The two clocks of a stay's messages (RULES.md, T1 and T2): when they were told, and when what they tell of happened.
//! Both give a total order at the precision that was written. An id or a control id never decides anything.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use jiff::Timestamp;
use lcr_contracts::{
    Moment, Precision,
    spell::{SpellEvent, SpellMessage},
};

/// A message in the order in which the hospital told it.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    pub message: &'a SpellMessage,
    /// When it was told: MSH-7, or its arrival if a fast clock wrote a later time.
    pub told: Timestamp,
    /// Messages with the same key were told at the same time, as far as their precision says.
    key: Timestamp,
    /// Its place among the visit's messages.
    pub order: usize,
}

impl Telling<'_> {
    /// Whether both were told within the same second, or the same minute if a sender wrote no seconds. Messages with one
    /// MSH-7 were told together, even if a fast clock wrote it and they arrived one after the other.
    pub fn ties_with(&self, other: &Self) -> bool {
        let precision = self.message.sent.precision.min(other.message.sent.precision);
        let second = |sent: Moment| sent.truncated(precision).as_second();
        self.key == other.key || second(self.message.sent) == second(other.message.sent)
    }

    /// Whether it arrived before `other`, which by the sender's clock was told earlier, and MSH-13 does not say that the
    /// clock is right.
    pub fn arrived_against_the_clock(&self, other: &Self) -> bool {
        self.order > other.order
            && self.message.received < other.message.received
            && !self.ties_with(other)
            && !self.is_numbered_after(other)
    }

    /// Whether the sender's own numbering (MSH-13) says that this one was written after `other`.
    pub fn is_numbered_after(&self, other: &Self) -> bool {
        matches!((self.message.sequence, other.message.sequence), (Some(one), Some(other)) if one > other)
    }
}

/// When a message was told, with the precision of its sender's clock.
pub fn told(message: &SpellMessage) -> Moment {
    if message.sent.at > message.received { Moment::exact(message.received) } else { message.sent }
}

/// All messages in told order (T1), each once however often its bytes arrived.
pub fn in_told_order(messages: &[SpellMessage]) -> Vec<Telling<'_>> {
    let mut first: BTreeMap<(&str, SpellEvent), &SpellMessage> = BTreeMap::new();
    for message in messages {
        let held = first.entry((&message.content, message.event)).or_insert(message);
        if message.received < held.received {
            *held = message;
        }
    }
    let messages: Vec<&SpellMessage> = first.into_values().collect();
    let times: Vec<Moment> = messages.iter().map(|message| told(message)).collect();
    let keys = sort_keys(&times);
    let mut tellings: Vec<Telling<'_>> = messages
        .into_iter()
        .zip(times.iter().zip(keys))
        .map(|(message, (told, key))| Telling { message, told: told.at, key, order: 0 })
        .collect();
    // A stable sort by key and arrival first: then each group of equal keys is ordered on its own.
    tellings.sort_by_key(|one| (one.key, one.message.received));
    for group in tellings.chunk_by_mut(|one, other| one.key == other.key) {
        let numbered = group.iter().all(|one| one.message.sequence.is_some());
        let exact = group.iter().all(|one| one.message.sent.precision == Precision::Second);
        group.sort_by(|one, other| within_key(one, other, numbered, exact));
    }
    for (order, telling) in tellings.iter_mut().enumerate() {
        telling.order = order;
    }
    tellings
}

fn within_key(one: &Telling<'_>, other: &Telling<'_>, numbered: bool, exact: bool) -> Ordering {
    let by_number =
        if numbered { one.message.sequence.cmp(&other.message.sequence) } else { Ordering::Equal };
    let by_digits = if exact { one.told.cmp(&other.told) } else { Ordering::Equal };
    by_number
        .then(by_digits)
        .then_with(|| one.message.received.cmp(&other.message.received))
        // Only messages that arrived in the same microsecond come so far. An event comes before its cancel; after that any
        // order will do if it is always the same.
        .then_with(|| one.message.event.cmp(&other.message.event))
        .then_with(|| one.message.content.cmp(&other.message.content))
}

/// Keys that sort times of mixed precision: all times of a day share one key if any of them was written as that day
/// alone, and likewise for hours and minutes. Seconds are never split further.
pub fn sort_keys(times: &[Moment]) -> Vec<Timestamp> {
    const COARSE: [Precision; 3] = [Precision::Day, Precision::Hour, Precision::Minute];
    let spans: BTreeSet<(Precision, Timestamp)> = times
        .iter()
        .filter(|one| one.precision < Precision::Second)
        .map(|one| (one.precision, one.at))
        .collect();
    let key = |time: &Moment| {
        let coarse = COARSE.into_iter().find_map(|precision| {
            let start = time.truncated(precision);
            spans.contains(&(precision, start)).then_some(start)
        });
        coarse.unwrap_or_else(|| Timestamp::from_second(time.at.as_second()).unwrap_or(time.at))
    };
    times.iter().map(key).collect()
}
