//! The stories of the cast as messages, and the next step of each, which tests send themselves.

use jiff::{Span, Timestamp, ToSpan};

use super::beat::{Beat, What, numbered};
use super::plan::{Plan, Stage};
use super::story;
use crate::hospital::{Place, ward_called};
use crate::stays::{Kind, Stay};
use crate::world::{Part, World};

/// What may happen next to one of the cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Comes to the emergency department (A04).
    Attends,
    /// Is admitted: from the emergency department (A06) or from home (A01).
    Admitted,
    AdmissionCancelled,
    /// To another ward, and back.
    Transferred,
    TransferCancelled,
    /// The plan is agreed and tomorrow expected (A08).
    PlanUpdated,
    /// Ready to leave, what was waited for is done.
    Ready,
    LeaveStarted,
    LeaveEnded,
    /// A blood culture that is not final, and once it is.
    ResultAwaited,
    ResultFinal,
    Discharged,
    DischargeCancelled,
    Letter,
    DiesInHospital,
    /// New details of the person (A31).
    PersonUpdated,
}

/// A cast member's messages up to now.
pub(super) fn beats(world: &World, stay: &Stay) -> Vec<Beat> {
    let beats = match (Part::of(stay.index), stay.left) {
        (_, Some(left)) => return story::of(world, stay, left),
        (Some(Part::Osei), None) => osei(world, stay),
        (Some(Part::Leonard), None) => vec![inr(world, stay), story::arrival(stay)],
        _ => open(world, stay),
    };
    numbered(beats)
}

/// In hospital for some days, and getting better.
fn open(world: &World, stay: &Stay) -> Vec<Beat> {
    let expected = story::expected(world, stay);
    let days = |days: i64| later(stay.admitted, days.days());
    vec![
        story::arrival(stay),
        story::admission(stay).plan(Plan::of(world, stay, Stage::New, stay.admitted)).expecting(expected),
        Beat::new(What::Bloods, later(stay.admitted, 2.hours()), stay.place),
        story::update(world, stay, days(1), Stage::Planning, expected),
    ]
}

/// No longer in need of a hospital bed, waiting for care at home, her expected day past and nobody has changed it.
fn osei(world: &World, stay: &Stay) -> Vec<Beat> {
    let expected = story::expected(world, stay);
    let days = |days: i64| later(stay.admitted, days.days());
    let mut beats = open(world, stay);
    beats.push(story::update(world, stay, days(5), Stage::Fit, expected));
    let taken = days(7);
    beats.push(Beat::new(What::Culture(false), taken, stay.place).told_at(later(taken, 20.hours())));
    beats
}

/// His INR of the day before, done as an out-patient: a result without a stay.
fn inr(world: &World, stay: &Stay) -> Beat {
    let day = world.in_london(stay.admitted).date().saturating_sub(1.day());
    Beat::new(What::Inr, world.at(day, 9, 40), stay.place).told_at(world.at(day, 12, 5))
}

fn later(at: Timestamp, span: Span) -> Timestamp {
    let hours = span.get_hours() + 24 * i32::from(i16::try_from(span.get_days()).unwrap_or(0));
    at.checked_add(hours.hours()).unwrap_or(at)
}

/// Another ward, for a transfer.
fn other_ward(stay: &Stay) -> Place {
    let code = if stay.place.ward.code == "J28" { "J29" } else { "J28" };
    Place { ward: ward_called(stay.source, code), bay: Some('B'), bed: Some(2) }
}

/// The stay as the step leaves it, and the message that tells of it.
pub(super) fn step(world: &World, mut stay: Stay, step: Step, at: Timestamp) -> (Stay, Beat) {
    let tomorrow = world.in_london(at).date().saturating_add(1.day());
    let elsewhere = other_ward(&stay);
    let here = stay.place;
    let simple = |what: What| Beat::new(what, at, here);
    let beat = match step {
        Step::Attends => Beat { happened: at, due: at, sent: at, ..story::arrival(&stay) },
        Step::Admitted => {
            if stay.kind == Kind::Attender {
                // Out of the department, into a bed.
                stay.kind = Kind::Ward;
                stay.place = Place { ward: ward_called(stay.source, "J12"), bay: Some('A'), bed: Some(5) };
            }
            stay.admitted = at;
            let what = if stay.attended.is_some() { What::ToInpatient } else { What::Admit };
            Beat::new(what, at, stay.place)
                .plan(Plan::of(world, &stay, Stage::New, at))
                .expecting(story::expected(world, &stay))
        }
        Step::AdmissionCancelled => simple(What::CancelAdmit),
        Step::Transferred => Beat::new(What::Transfer, at, elsewhere).from(here),
        Step::TransferCancelled => simple(What::CancelTransfer).from(elsewhere),
        Step::PlanUpdated => story::update(world, &stay, at, Stage::Agreed, tomorrow),
        Step::Ready => story::update(world, &stay, at, Stage::Ready, tomorrow),
        Step::LeaveStarted => simple(What::LeaveOut),
        Step::LeaveEnded => simple(What::LeaveBack),
        Step::ResultAwaited => simple(What::Culture(false)),
        Step::ResultFinal => simple(What::Culture(true)),
        Step::Discharged => simple(What::Discharge),
        Step::DischargeCancelled => simple(What::CancelDischarge),
        Step::Letter => simple(What::Letter),
        Step::DiesInHospital => {
            stay.died = true;
            simple(What::Discharge)
        }
        Step::PersonUpdated => simple(What::UpdatePerson),
    };
    (stay, Beat { number: number(at), ..beat })
}

/// A number no message of the story itself has, and another one each second.
fn number(at: Timestamp) -> u32 {
    100 + u32::try_from(at.as_millisecond().rem_euclid(8_999_900)).unwrap_or(0)
}
