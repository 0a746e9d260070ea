//! Results as a laboratory sends them: an order and what was found, preliminary first where it takes days.

use super::beat::{Beat, What};
use super::segment::Segment;
use crate::catalogue::{INR_YESTERDAY, measure};
use crate::stays::Stay;
use crate::world::World;

/// LOINC codes and words of the tests that are ordered.
const BLOODS: [&str; 4] = ["sodium", "potassium", "creatinine", "crp"];

/// OBR and OBX of a result.
pub(super) fn order(world: &World, stay: &Stay, beat: &Beat) -> String {
    let (key, words, status) = match beat.what {
        What::Culture(true) => ("BC", "Blood culture", "F"),
        What::Culture(false) => ("BC", "Blood culture", "P"),
        What::Inr => ("INR", "INR", "F"),
        _ => ("UE", "Urea and electrolytes", "F"),
    };
    let obr = Segment::new("OBR")
        .text(1, "1")
        .text(3, &format!("{}-{key}", stay.visit))
        .parts(4, &[key, words, "L"])
        .put(7, world.hl7(beat.happened))
        .put(22, world.hl7(beat.sent))
        .text(25, status)
        .end();
    obr + &match beat.what {
        What::Culture(done) => culture(world, beat, done),
        What::Inr => number(world, beat, 1, "inr", INR_YESTERDAY),
        _ => bloods(world, stay, beat),
    }
}

fn culture(world: &World, beat: &Beat, done: bool) -> String {
    let words = if done { "No growth after five days" } else { "No growth so far; incubation continues" };
    Segment::new("OBX")
        .text(1, "1")
        .text(2, "TX")
        .parts(3, &["BC", "Blood culture", "L"])
        .text(5, words)
        .text(11, if done { "F" } else { "P" })
        .put(14, world.hl7(beat.happened))
        .end()
}

fn bloods(world: &World, stay: &Stay, beat: &Beat) -> String {
    let mut dice = stay.dice(world, "bloods");
    let one = |(line, key): (u32, &&str)| {
        let (low, high) = measure(key).map_or((0, 0), |one| one.healthy);
        let value = dice.between(low, high);
        number(world, beat, line, key, value)
    };
    (1_u32..).zip(&BLOODS).map(one).collect()
}

/// A number, from its tenths.
fn number(world: &World, beat: &Beat, line: u32, key: &str, value: u32) -> String {
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
        .put(14, world.hl7(beat.happened))
        .end()
}
