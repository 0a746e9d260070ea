//! The messages up to now: bed by bed, stay by stay. It must hold only the messages of one bed at a time, or a large city
//! would not fit in memory.

use std::sync::Arc;

use super::planned_message::PlannedMessage;
use super::writer::Writer;
use super::{OutgoingMessage, cast, stay_messages};
use crate::stays::Stay;
use crate::world::{CAST_SIZE, World};

pub(super) fn of(world: Arc<World>) -> impl Iterator<Item = OutgoingMessage> + Send + 'static {
    let beds = world.beds();
    let of_cast = Arc::clone(&world);
    let cast_messages = move |index: u32| {
        let stay = of_cast.cast_stay(index).filter(|stay| stay.began() <= of_cast.now);
        let messages = stay.map(|stay| (cast::messages(&of_cast, &stay), stay));
        messages.map(|(messages, stay)| write_past_messages(&of_cast, &stay, messages)).unwrap_or_default()
    };
    let of_bed = move |number: u32| {
        let stays: Vec<Stay> = world.stays_of_bed(number).collect();
        let one = |stay: &Stay| {
            let left = stay.left.unwrap_or(world.now);
            write_past_messages(&world, stay, stay_messages::of(&world, stay, left))
        };
        stays.iter().flat_map(one).collect::<Vec<OutgoingMessage>>()
    };
    (0..CAST_SIZE).flat_map(cast_messages).chain((0..beds).flat_map(of_bed))
}

/// Writes the messages that are in the past.
fn write_past_messages(world: &World, stay: &Stay, messages: Vec<PlannedMessage>) -> Vec<OutgoingMessage> {
    let Some(writer) = Writer::of(world, stay) else { return Vec::new() };
    let past = messages.into_iter().filter(|message| message.due <= world.now);
    past.map(|message| OutgoingMessage { due: message.due, system: stay.source.id(), bytes: writer.bytes(&message) })
        .collect()
}
