//! The OBR and OBX segments of laboratory results. A culture is preliminary first, because it takes days.

use super::planned_message::{MessageKind, PlannedMessage};
use super::segment::Segment;
use crate::catalogue::{INR_YESTERDAY, measure};
use crate::stays::Stay;
use crate::world::World;

/// The measurements of the blood test.
const BLOODS: [&str; 4] = ["sodium", "potassium", "creatinine", "crp"];

/// The OBR and OBX segments of a result.
pub(super) fn order(world: &World, stay: &Stay, message: &PlannedMessage) -> String {
    let (key, words, status) = match message.kind {
        MessageKind::Culture(true) => ("BC", "Blood culture", "F"),
        MessageKind::Culture(false) => ("BC", "Blood culture", "P"),
        MessageKind::Inr => ("INR", "INR", "F"),
        _ => ("UE", "Urea and electrolytes", "F"),
    };
    let obr = Segment::new("OBR")
        .text(1, "1")
        .text(3, &format!("{}-{key}", stay.visit))
        .parts(4, &[key, words, "L"])
        .put(7, world.hl7(message.happened))
        .put(22, world.hl7(message.sent))
        .text(25, status)
        .end();
    obr + &match message.kind {
        MessageKind::Culture(done) => culture(world, message, done),
        MessageKind::Inr => number(world, message, 1, "inr", INR_YESTERDAY),
        _ => bloods(world, stay, message),
    }
}

fn culture(world: &World, message: &PlannedMessage, done: bool) -> String {
    let words = if done { "No growth after five days" } else { "No growth so far; incubation continues" };
    Segment::new("OBX")
        .text(1, "1")
        .text(2, "TX")
        .parts(3, &["BC", "Blood culture", "L"])
        .text(5, words)
        .text(11, if done { "F" } else { "P" })
        .put(14, world.hl7(message.happened))
        .end()
}

fn bloods(world: &World, stay: &Stay, message: &PlannedMessage) -> String {
    let person = world.person(stay.index);
    let day = world.in_london(message.happened).date();
    let one = |(line, key): (u32, &&str)| {
        let value = measure(key).map_or(0, |measure| world.measured(&person, measure, day));
        number(world, message, line, key, value)
    };
    (1_u32..).zip(&BLOODS).map(one).collect()
}

/// A numeric result. Values are in tenths.
fn number(world: &World, message: &PlannedMessage, line: u32, key: &str, value: u32) -> String {
    let Some(measure) = measure(key) else { return String::new() };
    let tenths = |value: u32| {
        if measure.digits == 0 || value.is_multiple_of(10) {
            (value / 10).to_string()
        } else {
            format!("{}.{}", value / 10, value % 10)
        }
    };
    let range = match measure.range {
        (Some(low), Some(high)) => format!("{}-{}", tenths(low), tenths(high)),
        (Some(low), None) => format!(">{}", tenths(low)),
        (None, Some(high)) => format!("<{}", tenths(high)),
        (None, None) => String::new(),
    };
    let flag = match measure.range {
        (Some(low), _) if value < low => "L",
        (_, Some(high)) if value > high => "H",
        (None, None) => "",
        _ => "N",
    };
    Segment::new("OBX")
        .put(1, line.to_string())
        .text(2, "NM")
        .parts(3, &[measure.loinc, measure.words, "LN"])
        .put(5, tenths(value))
        .text(6, measure.unit.0)
        .text(7, &range)
        .text(8, flag)
        .text(11, "F")
        .put(14, world.hl7(message.happened))
        .end()
}
