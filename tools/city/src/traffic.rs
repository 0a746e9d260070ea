//! What the hospitals of the city send: HL7 v2.4 as text, worked out from seed and time. `Traffic::opening` tells how
//! things came to stand as they do, `Traffic::day` what happens from a moment on, `Traffic::next_for` the one message
//! a test asks for. It opens no connection and keeps no person; whoever sends is somebody else.

use std::sync::Arc;

use jiff::Timestamp;

use crate::world::{Part, World};

mod beat;
mod cast;
mod day;
mod kinds;
mod laboratory;
mod opening;
mod plan;
mod segment;
mod story;
mod write;

pub use cast::Step;
pub use day::messages_per_minute;

use write::Writer;

/// A message to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// When: in the past for an opening, which is sent at once.
    pub due: Timestamp,
    /// The id of the system in the plan.
    pub system: &'static str,
    /// The message, segments ended by CR, without a frame.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outgoing({} at {}, {} bytes)", self.system, self.due, self.bytes.len())
    }
}

/// The messages of one city. The same seed, size and start give the same messages.
#[derive(Debug, Clone)]
pub struct Traffic {
    world: Arc<World>,
}

impl Traffic {
    pub(crate) fn of(world: Arc<World>) -> Self {
        Self { world }
    }

    /// The traffic of a city that was started at `now`, without starting it.
    pub fn new(seed: u64, people: u32, now: Timestamp) -> Self {
        Self { world: Arc::new(World::new(seed, people, now)) }
    }

    /// What brings the hospitals to their present state: everybody who is in hospital, and who left within 28 days,
    /// from their arrival on, one stay after the other. Made as it is read.
    pub fn opening(&self) -> impl Iterator<Item = Outgoing> + Send + 'static + use<> {
        opening::of(Arc::clone(&self.world))
    }

    /// What happens from a moment on, in the order in which it is to be sent, without end. `per_minute` messages on
    /// average beside those of the stays that are open already.
    pub fn day(
        &self,
        from: Timestamp,
        per_minute: f64,
    ) -> impl Iterator<Item = Outgoing> + Send + 'static + use<> {
        day::Day::new(Arc::clone(&self.world), from, per_minute)
    }

    /// How many messages a minute suit a city of this size in a demonstration.
    pub fn usual_pace(&self) -> f64 {
        messages_per_minute(self.world.people)
    }

    /// The message by which the next thing happens to one of the cast at that moment: `fredrica`, `restricted`,
    /// `elsewhere`, `no-number`, `osei`, `pike`, `hallam` or `child`. None for a name nobody has.
    pub fn next_for(&self, who: &str, step: Step, at: Timestamp) -> Option<Outgoing> {
        let index = Part::named(who)? as u32;
        let stay = self.world.cast_stay(index).unwrap_or_else(|| self.world.cast_stay_from(index, at));
        let (stay, beat) = cast::step(&self.world, stay, step, at);
        let bytes = Writer::of(&self.world, &stay)?.bytes(&beat);
        Some(Outgoing { due: at, system: stay.source.id(), bytes })
    }
}
