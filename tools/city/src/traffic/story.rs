//! A stay as the messages that tell it, in order: how people really come, move, wait and leave. Times are parts of
//! the stay, so that one that lasts weeks and one that a demonstration plays in minutes are told alike.

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};

use super::beat::{Beat, What, numbered};
use super::plan::{Plan, Stage};
use crate::hospital;
use crate::stays::{Kind, Stay};
use crate::world::{CAST_SIZE, World};

/// Every message of a stay that ends.
pub(super) fn of(world: &World, stay: &Stay, left: Timestamp) -> Vec<Beat> {
    let beats = match stay.kind {
        Kind::Ward | Kind::CommunityBed | Kind::MentalHealth => in_patient(world, stay, left),
        Kind::DayCase => vec![admission(stay), discharge(stay, left), letter(stay, left)],
        Kind::Attender => vec![arrival(stay), discharge(stay, left)],
    };
    numbered(beats)
}

/// The moment after so many hundredths of the stay.
pub(super) fn part(stay: &Stay, left: Timestamp, hundredths: i32) -> Timestamp {
    let whole = left.duration_since(stay.admitted);
    stay.admitted.checked_add(whole / 100 * hundredths).map_or(left, whole_seconds)
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// The date the hospital first expects them to leave.
pub(super) fn expected(world: &World, stay: &Stay) -> Date {
    world.in_london(stay.admitted).date().saturating_add(Span::new().days(i64::from(stay.expected_days)))
}

/// Comes to the emergency department.
pub(super) fn arrival(stay: &Stay) -> Beat {
    let department = hospital::Place::department(hospital::emergency(stay.source));
    Beat::new(What::Register, stay.began(), department)
}

/// Into a bed: from the emergency department, or from home.
pub(super) fn admission(stay: &Stay) -> Beat {
    let what = if stay.attended.is_some() { What::ToInpatient } else { What::Admit };
    Beat::new(what, stay.admitted, stay.first)
}

pub(super) fn discharge(stay: &Stay, left: Timestamp) -> Beat {
    Beat::new(What::Discharge, left, stay.place)
}

/// A letter takes about a twentieth of the stay to be written, an hour at most for the shortest.
pub(super) fn letter(stay: &Stay, left: Timestamp) -> Beat {
    let long = (left.duration_since(stay.admitted) / 20).min(SignedDuration::from_hours(20));
    let at = left.checked_add(long).map_or(left, whole_seconds);
    Beat::new(What::Letter, at, stay.place)
}

/// An update of the plan, with the date now expected.
pub(super) fn update(world: &World, stay: &Stay, at: Timestamp, stage: Stage, day: Date) -> Beat {
    Beat::new(What::Update, at, stay.place).plan(Plan::of(world, stay, stage, at)).expecting(day)
}

fn in_patient(world: &World, stay: &Stay, left: Timestamp) -> Vec<Beat> {
    let mut dice = stay.dice(world, "story");
    let when = |hundredths| part(stay, left, hundredths);
    let first = expected(world, stay);
    let mut beats = Vec::new();
    if stay.attended.is_some() {
        beats.push(arrival(stay));
    }
    beats.push(admission(stay).plan(Plan::of(world, stay, Stage::New, stay.admitted)).expecting(first));
    if stay.kind == Kind::Ward {
        beats.push(Beat::new(What::Bloods, when(4), stay.first));
    }
    if stay.first != stay.place {
        beats.push(Beat::new(What::Transfer, when(12), stay.place).from(stay.first));
    }
    beats.push(update(world, stay, when(20), Stage::Planning, first));
    if stay.died {
        beats.push(discharge(stay, left));
        return beats;
    }
    // Half of those who stay longer than was thought are expected later; of the others nobody changes the date.
    let later =
        if dice.chance(500) { first.saturating_add(Span::new().days(dice.days(1, 4))) } else { first };
    beats.push(update(world, stay, when(50), Stage::Fit, later));
    if stay.expected_days > 1 {
        beats.push(update(world, stay, when(72), Stage::Agreed, later));
    }
    beats.push(update(world, stay, when(93), Stage::Ready, later));
    beats.push(discharge(stay, left));
    if dice.chance(850) || stay.index < CAST_SIZE {
        beats.push(letter(stay, left));
    }
    beats
}
