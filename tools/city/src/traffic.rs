//! The HL7 v2.4 messages of the city's hospitals, computed from seed and time. `Traffic::history` leads up to now,
//! `Traffic::live` continues from a moment on, `Traffic::next_message_for` makes one message for a test. `CareNotice` writes
//! the messages of `care`. It must open no connection and store no person; the caller sends the messages.

use std::sync::Arc;

use jiff::Timestamp;

use crate::world::{CastRole, World};

mod care_notice;
mod cast;
mod discharge_plan;
mod envelope;
mod history;
mod laboratory;
mod live;
mod planned_message;
mod scenarios;
mod segment;
mod stay_messages;
mod writer;

pub(crate) use care_notice::{CareEvent, CareNotice};
pub use cast::Step;
pub use live::messages_per_minute;

use writer::Writer;

/// A message to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// When to send it. Messages of the history are in the past and are sent at once.
    pub due: Timestamp,
    /// The id of the system in the plan.
    pub system: &'static str,
    /// The message: segments ended by CR, without an MLLP frame.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for OutgoingMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OutgoingMessage({} at {}, {} bytes)", self.system, self.due, self.bytes.len())
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

    /// The messages up to now of everybody who is in hospital or left within 28 days, one stay after the other. Each is
    /// made when the iterator reaches it.
    pub fn history(&self) -> impl Iterator<Item = OutgoingMessage> + Send + 'static + use<> {
        history::of(Arc::clone(&self.world))
    }

    /// The messages from a moment on, in sending order, without end: `per_minute` on average, plus those of the stays that
    /// are already open.
    pub fn live(
        &self,
        from: Timestamp,
        per_minute: f64,
    ) -> impl Iterator<Item = OutgoingMessage> + Send + 'static + use<> {
        live::LiveTraffic::new(Arc::clone(&self.world), from, per_minute)
    }

    /// The usual messages per minute of a demonstration of this size.
    pub fn usual_rate(&self) -> f64 {
        messages_per_minute(self.world.people)
    }

    /// The message of a step of a cast member at that moment. The names are `fredrica`, `restricted`, `elsewhere`,
    /// `no-number`, `osei`, `pike`, `hallam` and `child`. None for any other name.
    pub fn next_message_for(&self, who: &str, step: Step, at: Timestamp) -> Option<OutgoingMessage> {
        let index = CastRole::named(who)? as u32;
        let stay = self.world.cast_stay(index).unwrap_or_else(|| self.world.cast_stay_from(index, at));
        let (stay, message) = cast::step(&self.world, stay, step, at);
        let bytes = Writer::of(&self.world, &stay)?.bytes(&message);
        Some(OutgoingMessage { due: at, system: stay.source.id(), bytes })
    }
}
