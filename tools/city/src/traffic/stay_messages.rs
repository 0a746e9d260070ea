//! The messages of a stay: arrival, admission, transfer, updates, discharge. Times must be fractions of the stay, so that a
//! stay of weeks and one of minutes have the same messages.

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};

use super::discharge_plan::{DischargePlan, Stage};
use super::planned_message::{MessageKind, PlannedMessage, number_in_order};
use crate::hospital;
use crate::stays::{Stay, StayKind};
use crate::world::{CAST_SIZE, World};

/// All messages of a stay that ends at `left`.
pub(super) fn of(world: &World, stay: &Stay, left: Timestamp) -> Vec<PlannedMessage> {
    let messages = match stay.kind {
        StayKind::Ward | StayKind::CommunityBed | StayKind::MentalHealth => in_patient(world, stay, left),
        StayKind::DayCase => vec![admission(stay), discharge(stay, left), letter(stay, left)],
        StayKind::Attender => vec![arrival(stay), discharge(stay, left)],
    };
    number_in_order(messages)
}

/// The moment after this many hundredths of the stay.
pub(super) fn moment_in_stay(stay: &Stay, left: Timestamp, hundredths: i32) -> Timestamp {
    let whole = left.duration_since(stay.admitted);
    stay.admitted.checked_add(whole / 100 * hundredths).map_or(left, whole_seconds)
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// The expected discharge date at admission.
pub(super) fn expected_discharge(world: &World, stay: &Stay) -> Date {
    world.in_london(stay.admitted).date().saturating_add(Span::new().days(i64::from(stay.expected_days)))
}

/// The arrival in the emergency department.
pub(super) fn arrival(stay: &Stay) -> PlannedMessage {
    let department = hospital::Place::department(hospital::emergency_department(stay.source));
    PlannedMessage::new(MessageKind::Register, stay.began(), department)
}

/// The admission, from the emergency department or from home.
pub(super) fn admission(stay: &Stay) -> PlannedMessage {
    let kind = if stay.attended.is_some() { MessageKind::ToInpatient } else { MessageKind::Admit };
    PlannedMessage::new(kind, stay.admitted, stay.first)
}

pub(super) fn discharge(stay: &Stay, left: Timestamp) -> PlannedMessage {
    PlannedMessage::new(MessageKind::Discharge, left, stay.place)
}

/// The discharge letter, after a twentieth of the stay but at most 20 hours.
pub(super) fn letter(stay: &Stay, left: Timestamp) -> PlannedMessage {
    let long = (left.duration_since(stay.admitted) / 20).min(SignedDuration::from_hours(20));
    let at = left.checked_add(long).map_or(left, whole_seconds);
    PlannedMessage::new(MessageKind::Letter, at, stay.place)
}

/// An update of the plan and of the expected discharge date.
pub(super) fn update(world: &World, stay: &Stay, at: Timestamp, stage: Stage, day: Date) -> PlannedMessage {
    PlannedMessage::new(MessageKind::Update, at, stay.place)
        .plan(DischargePlan::of(world, stay, stage, at))
        .with_expected_date(day)
}

fn in_patient(world: &World, stay: &Stay, left: Timestamp) -> Vec<PlannedMessage> {
    let mut rng = stay.rng(world, "story");
    let when = |hundredths| moment_in_stay(stay, left, hundredths);
    let first = expected_discharge(world, stay);
    let mut messages = Vec::new();
    if stay.attended.is_some() {
        messages.push(arrival(stay));
    }
    messages.push(
        admission(stay).plan(DischargePlan::of(world, stay, Stage::New, stay.admitted)).with_expected_date(first),
    );
    if stay.kind == StayKind::Ward {
        messages.push(PlannedMessage::new(MessageKind::Bloods, when(4), stay.first));
    }
    if stay.first != stay.place {
        messages.push(PlannedMessage::new(MessageKind::Transfer, when(12), stay.place).from(stay.first));
    }
    messages.push(update(world, stay, when(20), Stage::Planning, first));
    if stay.died {
        messages.push(discharge(stay, left));
        return messages;
    }
    // Half of the stays get a later expected date. The others keep the first.
    let later = if rng.chance(500) { first.saturating_add(Span::new().days(rng.days(1, 4))) } else { first };
    messages.push(update(world, stay, when(50), Stage::Fit, later));
    if stay.expected_days > 1 {
        messages.push(update(world, stay, when(72), Stage::Agreed, later));
    }
    messages.push(update(world, stay, when(93), Stage::Ready, later));
    messages.push(discharge(stay, left));
    if rng.chance(850) || stay.index < CAST_SIZE {
        messages.push(letter(stay, left));
    }
    messages
}
