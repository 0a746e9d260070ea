//! The opening: one bed after the other, one stay after the other, only what lies before now. Nothing is collected but
//! the dozen messages of the stay that is being told.

use std::sync::Arc;

use super::beat::Beat;
use super::write::Writer;
use super::{Outgoing, cast, story};
use crate::stays::Stay;
use crate::world::{CAST_SIZE, World};

pub(super) fn of(world: Arc<World>) -> impl Iterator<Item = Outgoing> + Send + 'static {
    let beds = world.beds();
    let of_cast = Arc::clone(&world);
    let told = move |index: u32| {
        let stay = of_cast.cast_stay(index).filter(|stay| stay.began() <= of_cast.now);
        let beats = stay.map(|stay| (cast::beats(&of_cast, &stay), stay));
        beats.map(|(beats, stay)| written(&of_cast, &stay, beats)).unwrap_or_default()
    };
    let of_bed = move |number: u32| {
        let stays: Vec<Stay> = world.stays_of_bed(number).collect();
        let one = |stay: &Stay| {
            let left = stay.left.unwrap_or(world.now);
            written(&world, stay, story::of(&world, stay, left))
        };
        stays.iter().flat_map(one).collect::<Vec<Outgoing>>()
    };
    (0..CAST_SIZE).flat_map(told).chain((0..beds).flat_map(of_bed))
}

/// Those of the messages that lie in the past.
fn written(world: &World, stay: &Stay, beats: Vec<Beat>) -> Vec<Outgoing> {
    let Some(writer) = Writer::of(world, stay) else { return Vec::new() };
    let past = beats.into_iter().filter(|beat| beat.due <= world.now);
    past.map(|beat| Outgoing { due: beat.due, system: stay.source.id(), bytes: writer.bytes(&beat) })
        .collect()
}
