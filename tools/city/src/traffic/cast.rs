//! The messages of the cast's stays, and single steps for tests.

use jiff::{Span, Timestamp, ToSpan};

use super::discharge_plan::{DischargePlan, Stage};
use super::planned_message::{MessageKind, PlannedMessage, number_in_order};
use super::stay_messages;
use crate::hospital::{Place, ward_by_code};
use crate::stays::{Stay, StayKind};
use crate::world::{CastRole, World};

/// The next event of a cast member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Arrives in the emergency department (A04).
    Attends,
    /// Admission from the emergency department (A06) or from home (A01).
    Admitted,
    AdmissionCancelled,
    /// Transfer to another ward (A02).
    Transferred,
    TransferCancelled,
    /// The plan is agreed and discharge expected tomorrow (A08).
    PlanUpdated,
    /// Ready to leave (A08).
    Ready,
    LeaveStarted,
    LeaveEnded,
    /// A preliminary blood culture (ORU).
    ResultAwaited,
    ResultFinal,
    Discharged,
    DischargeCancelled,
    Letter,
    DiesInHospital,
    /// New details of the person (A31).
    PersonUpdated,
}

/// The messages of a cast member's stay.
pub(super) fn messages(world: &World, stay: &Stay) -> Vec<PlannedMessage> {
    let messages = match (CastRole::of(stay.index), stay.left) {
        (_, Some(left)) => return stay_messages::of(world, stay, left),
        (Some(CastRole::Osei), None) => osei(world, stay),
        (Some(CastRole::Leonard), None) => vec![inr(world, stay), stay_messages::arrival(stay)],
        _ => open(world, stay),
    };
    number_in_order(messages)
}

/// An open stay of some days.
fn open(world: &World, stay: &Stay) -> Vec<PlannedMessage> {
    let expected = stay_messages::expected_discharge(world, stay);
    let days = |days: i64| later(stay.admitted, days.days());
    vec![
        stay_messages::arrival(stay),
        stay_messages::admission(stay)
            .plan(DischargePlan::of(world, stay, Stage::New, stay.admitted))
            .with_expected_date(expected),
        PlannedMessage::new(MessageKind::Bloods, later(stay.admitted, 2.hours()), stay.place),
        stay_messages::update(world, stay, days(1), Stage::Planning, expected),
    ]
}

/// Mrs Osei's stay: fit to leave, waiting for care at home, with an expected discharge date in the past.
fn osei(world: &World, stay: &Stay) -> Vec<PlannedMessage> {
    let expected = stay_messages::expected_discharge(world, stay);
    let days = |days: i64| later(stay.admitted, days.days());
    let mut messages = open(world, stay);
    messages.push(stay_messages::update(world, stay, days(5), Stage::Fit, expected));
    let taken = days(7);
    messages
        .push(PlannedMessage::new(MessageKind::Culture(false), taken, stay.place).sent_later(later(taken, 20.hours())));
    messages
}

/// Mr Pike's INR of the day before, taken as an out-patient: a result without a stay.
fn inr(world: &World, stay: &Stay) -> PlannedMessage {
    let day = world.in_london(stay.admitted).date().saturating_sub(1.day());
    PlannedMessage::new(MessageKind::Inr, world.at(day, 9, 40), stay.place).sent_later(world.at(day, 12, 5))
}

fn later(at: Timestamp, span: Span) -> Timestamp {
    let hours = span.get_hours() + 24 * i32::from(i16::try_from(span.get_days()).unwrap_or(0));
    at.checked_add(hours.hours()).unwrap_or(at)
}

/// Another ward, for a transfer.
fn other_ward(stay: &Stay) -> Place {
    let code = if stay.place.ward.code == "J28" { "J29" } else { "J28" };
    Place { ward: ward_by_code(stay.source, code), bay: Some('B'), bed: Some(2) }
}

/// The stay after the step, and the message of the step.
pub(super) fn step(world: &World, mut stay: Stay, step: Step, at: Timestamp) -> (Stay, PlannedMessage) {
    let tomorrow = world.in_london(at).date().saturating_add(1.day());
    let elsewhere = other_ward(&stay);
    let here = stay.place;
    let simple = |kind: MessageKind| PlannedMessage::new(kind, at, here);
    let message = match step {
        Step::Attends => PlannedMessage { happened: at, due: at, sent: at, ..stay_messages::arrival(&stay) },
        Step::Admitted => {
            if stay.kind == StayKind::Attender {
                // From the department into a bed.
                stay.kind = StayKind::Ward;
                stay.place = Place { ward: ward_by_code(stay.source, "J12"), bay: Some('A'), bed: Some(5) };
            }
            stay.admitted = at;
            let kind = if stay.attended.is_some() { MessageKind::ToInpatient } else { MessageKind::Admit };
            PlannedMessage::new(kind, at, stay.place)
                .plan(DischargePlan::of(world, &stay, Stage::New, at))
                .with_expected_date(stay_messages::expected_discharge(world, &stay))
        }
        Step::AdmissionCancelled => simple(MessageKind::CancelAdmit),
        Step::Transferred => PlannedMessage::new(MessageKind::Transfer, at, elsewhere).from(here),
        Step::TransferCancelled => simple(MessageKind::CancelTransfer).from(elsewhere),
        Step::PlanUpdated => stay_messages::update(world, &stay, at, Stage::Agreed, tomorrow),
        Step::Ready => stay_messages::update(world, &stay, at, Stage::Ready, tomorrow),
        Step::LeaveStarted => simple(MessageKind::LeaveOut),
        Step::LeaveEnded => simple(MessageKind::LeaveBack),
        Step::ResultAwaited => simple(MessageKind::Culture(false)),
        Step::ResultFinal => simple(MessageKind::Culture(true)),
        Step::Discharged => simple(MessageKind::Discharge),
        Step::DischargeCancelled => simple(MessageKind::CancelDischarge),
        Step::Letter => simple(MessageKind::Letter),
        Step::DiesInHospital => {
            stay.died = true;
            simple(MessageKind::Discharge)
        }
        Step::PersonUpdated => simple(MessageKind::UpdatePerson),
    };
    (stay, PlannedMessage { number: number(at), ..message })
}

/// A message number that differs from those of the stay and changes with time.
fn number(at: Timestamp) -> u32 {
    100 + u32::try_from(at.as_millisecond().rem_euclid(8_999_900)).unwrap_or(0)
}
