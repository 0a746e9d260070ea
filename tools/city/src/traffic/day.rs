//! The day: what happens from now on. Stories begin one after the other, in a fixed turn so that every kind comes up,
//! and are played in less than an hour each; the stays that were open at the start go on at their real pace. Held are
//! the messages to come of stories that run, and who is in them: as many as the pace makes of them, however large the
//! city.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::beat::Beat;
use super::kinds::{TURN, Tale, tale};
use super::write::Writer;
use super::{Outgoing, story};
use crate::stays::Stay;
use crate::world::World;

/// Messages of a story, on average.
const OF_A_STORY: f64 = 6.0;
/// A city of Leeds' size has 230,000 messages a day, which is 160 a minute; a small one has more than its share, so
/// that something is seen to happen.
const MOST: f64 = 160.0;

/// Three messages a minute for a thousand people, up to what a whole city really has.
pub fn messages_per_minute(people: u32) -> f64 {
    (f64::from(people) * 0.003).clamp(0.5, MOST)
}

/// What is to be sent next, in order: when, which story, which message of it.
type Next = Reverse<(Timestamp, u64, usize)>;

struct Running {
    stay: Stay,
    beats: Vec<Beat>,
    left: usize,
}

/// The iterator behind `Traffic::day`.
pub(super) struct Day {
    world: Arc<World>,
    from: Timestamp,
    /// Between the beginnings of two stories.
    every: SignedDuration,
    begun: u64,
    ids: u64,
    running: HashMap<u64, Running>,
    next: BinaryHeap<Next>,
    /// People in a story that runs; whoever died in one stays.
    busy: HashSet<u32>,
}

impl Day {
    pub(super) fn new(world: Arc<World>, from: Timestamp, per_minute: f64) -> Self {
        let seconds = 60.0 * OF_A_STORY / per_minute.clamp(0.01, 100_000.0);
        let mut day = Self {
            every: SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::from_mins(1)),
            world,
            from,
            begun: 0,
            ids: 0,
            running: HashMap::new(),
            next: BinaryHeap::new(),
            busy: HashSet::new(),
        };
        for bed in 0..day.world.beds() {
            day.go_on(bed);
        }
        day
    }

    /// The stay a bed has now, as far as it is still to come; else the next one there.
    fn go_on(&mut self, bed: u32) {
        let open = |stay: &Stay| stay.left.is_some_and(|left| left > self.from);
        let now = self.world.stays_of_bed(bed).find(open);
        let Some(stay) = now.or_else(|| self.world.next_of_bed(bed, self.from)) else { return };
        let Some(left) = stay.left else { return };
        let mut beats = story::of(&self.world, &stay, left);
        beats.retain(|beat| beat.due > self.from);
        self.run(stay, beats);
    }

    fn run(&mut self, stay: Stay, beats: Vec<Beat>) {
        if beats.is_empty() {
            return;
        }
        self.ids += 1;
        self.busy.insert(stay.index);
        for (at, beat) in beats.iter().enumerate() {
            self.next.push(Reverse((beat.due, self.ids, at)));
        }
        let left = beats.len();
        self.running.insert(self.ids, Running { stay, beats, left });
    }

    fn next_beginning(&self) -> Timestamp {
        let turns = i32::try_from(self.begun).unwrap_or(i32::MAX);
        self.from.checked_add(self.every.saturating_mul(turns)).unwrap_or(Timestamp::MAX)
    }

    /// Begins the stories that are due before whatever is to be sent next.
    fn begin(&mut self) {
        // A city whose people are all busy waits for them: it tries a bounded number of times.
        for _ in 0..10 * TURN {
            let at = self.next_beginning();
            if self.next.peek().is_some_and(|Reverse((due, ..))| *due < at) {
                return;
            }
            let told = Tale { number: self.begun, at, from: self.from };
            self.begun += 1;
            if let Some((stay, beats)) = tale(&self.world, told, &self.busy) {
                self.run(stay, beats);
            }
        }
    }

    fn written(&mut self, story: u64, at: usize, due: Timestamp) -> Option<Outgoing> {
        let running = self.running.get_mut(&story)?;
        running.left -= 1;
        let beat = running.beats.get(at)?;
        let writer = Writer::of(&self.world, &running.stay)?;
        let sent = Outgoing { due, system: running.stay.source.id(), bytes: writer.bytes(beat) };
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

impl Iterator for Day {
    type Item = Outgoing;

    fn next(&mut self) -> Option<Outgoing> {
        self.begin();
        let Reverse((due, story, at)) = self.next.pop()?;
        self.written(story, at, due)
    }
}
