//! The endless messages from now on. Scenarios start in a fixed cycle and last less than an hour each. Stays that are open
//! at the start continue in real time. Memory must not grow with the city: it holds only the running scenarios.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::planned_message::PlannedMessage;
use super::scenarios::{CYCLE_LENGTH, ScenarioStart, start_scenario};
use super::writer::Writer;
use super::{OutgoingMessage, stay_messages};
use crate::stays::Stay;
use crate::world::World;

/// The mean number of messages per scenario.
const MESSAGES_PER_STORY: f64 = 6.0;
/// A city of Leeds' size has 230,000 messages a day, 160 a minute. A small city gets more than its share, so that
/// viewers see changes.
const MAX_PER_MINUTE: f64 = 160.0;

/// Three messages a minute per thousand people, up to `MAX_PER_MINUTE`.
pub fn messages_per_minute(people: u32) -> f64 {
    (f64::from(people) * 0.003).clamp(0.5, MAX_PER_MINUTE)
}

/// The next message of a running scenario: time, scenario id, message index.
type Next = Reverse<(Timestamp, u64, usize)>;

struct RunningStory {
    stay: Stay,
    messages: Vec<PlannedMessage>,
    left: usize,
}

/// The iterator of `Traffic::live`.
pub(super) struct LiveTraffic {
    world: Arc<World>,
    from: Timestamp,
    /// The time between the starts of two scenarios.
    start_interval: SignedDuration,
    started: u64,
    ids: u64,
    running: HashMap<u64, RunningStory>,
    next: BinaryHeap<Next>,
    /// People in a running scenario, and people who died in one.
    busy: HashSet<u32>,
}

impl LiveTraffic {
    pub(super) fn new(world: Arc<World>, from: Timestamp, per_minute: f64) -> Self {
        let seconds = 60.0 * MESSAGES_PER_STORY / per_minute.clamp(0.01, 100_000.0);
        let mut traffic = Self {
            start_interval: SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::from_mins(1)),
            world,
            from,
            started: 0,
            ids: 0,
            running: HashMap::new(),
            next: BinaryHeap::new(),
            busy: HashSet::new(),
        };
        for bed in 0..traffic.world.beds() {
            traffic.continue_bed(bed);
        }
        traffic
    }

    /// Runs the rest of the bed's present stay, or its next one.
    fn continue_bed(&mut self, bed: u32) {
        let open = |stay: &Stay| stay.left.is_some_and(|left| left > self.from);
        let now = self.world.stays_of_bed(bed).find(open);
        let Some(stay) = now.or_else(|| self.world.next_stay_of_bed(bed, self.from)) else { return };
        let Some(left) = stay.left else { return };
        let mut messages = stay_messages::of(&self.world, &stay, left);
        messages.retain(|message| message.due > self.from);
        self.run(stay, messages);
    }

    fn run(&mut self, stay: Stay, messages: Vec<PlannedMessage>) {
        if messages.is_empty() {
            return;
        }
        self.ids += 1;
        self.busy.insert(stay.index);
        for (at, message) in messages.iter().enumerate() {
            self.next.push(Reverse((message.due, self.ids, at)));
        }
        let left = messages.len();
        self.running.insert(self.ids, RunningStory { stay, messages, left });
    }

    fn next_start(&self) -> Timestamp {
        let starts = i32::try_from(self.started).unwrap_or(i32::MAX);
        self.from.checked_add(self.start_interval.saturating_mul(starts)).unwrap_or(Timestamp::MAX)
    }

    /// Starts the scenarios that are due before the next message.
    fn start_due_stories(&mut self) {
        // If all people are busy, give up after a bounded number of attempts.
        for _ in 0..10 * CYCLE_LENGTH {
            let at = self.next_start();
            if self.next.peek().is_some_and(|Reverse((due, ..))| *due < at) {
                return;
            }
            let start = ScenarioStart { number: self.started, at, from: self.from };
            self.started += 1;
            if let Some((stay, messages)) = start_scenario(&self.world, start, &self.busy) {
                self.run(stay, messages);
            }
        }
    }

    fn write_message(&mut self, story: u64, at: usize, due: Timestamp) -> Option<OutgoingMessage> {
        let running = self.running.get_mut(&story)?;
        running.left -= 1;
        let message = running.messages.get(at)?;
        let writer = Writer::of(&self.world, &running.stay)?;
        let sent = OutgoingMessage { due, system: running.stay.source.id(), bytes: writer.bytes(message) };
        if running.left == 0 {
            let (index, died) = (running.stay.index, running.stay.died);
            self.running.remove(&story);
            if !died {
                self.busy.remove(&index);
            }
        }
        Some(sent)
    }
}

impl Iterator for LiveTraffic {
    type Item = OutgoingMessage;

    fn next(&mut self) -> Option<OutgoingMessage> {
        self.start_due_stories();
        let Reverse((due, story, at)) = self.next.pop()?;
        self.write_message(story, at, due)
    }
}
