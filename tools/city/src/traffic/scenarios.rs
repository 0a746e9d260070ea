//! The scenarios of live traffic, including faulty messages: late, repeated and cancelled ones. A new scenario needs a row
//! in `SCENARIO_CYCLE` and its messages in `messages`.

mod variations;

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use variations::{
    cancelled_discharge, cancelled_transfer, late_transfer, leave, pending_result, repeat_same_bytes,
    repeat_with_new_id, stay_messages_with,
};

use super::{
    planned_message::{MessageKind, PlannedMessage, number_in_order},
    stay_messages::{self, moment_in_stay},
};
use crate::{
    hospital::{self, Place},
    plan::Source,
    random::SeededRng,
    stays::{Stay, StayKind},
    world::{CAST_SIZE, World},
};

/// The number of a scenario, its start, and the start of the traffic.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScenarioStart {
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) from: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scenario {
    Stay,
    DayCase,
    Attender,
    PersonUpdate,
    /// Registered twice by mistake, then merged.
    Merge,
    CancelledAdmission,
    CancelledTransfer,
    CancelledDischarge,
    Leave,
    CommunityBed,
    /// A transfer message sent after the discharge.
    LateTransfer,
    /// A message sent twice with the same bytes.
    RepeatedBytes,
    /// A message sent again with another control id.
    RepeatedWithNewId,
    /// Leaves before a result is final.
    PendingResult,
    Died,
}

/// The order of the scenarios.
const SCENARIO_CYCLE: [Scenario; 20] = [
    Scenario::Stay,
    Scenario::DayCase,
    Scenario::Merge,
    Scenario::Stay,
    Scenario::Attender,
    Scenario::CancelledDischarge,
    Scenario::PersonUpdate,
    Scenario::Stay,
    Scenario::CancelledTransfer,
    Scenario::Leave,
    Scenario::CancelledAdmission,
    Scenario::Stay,
    Scenario::PendingResult,
    Scenario::LateTransfer,
    Scenario::CommunityBed,
    Scenario::RepeatedBytes,
    Scenario::Stay,
    Scenario::RepeatedWithNewId,
    Scenario::Attender,
    Scenario::Died,
];
pub(super) const CYCLE_LENGTH: usize = SCENARIO_CYCLE.len();
/// Candidates tried before a scenario is skipped.
const MAX_CANDIDATES: u32 = 200;

/// Picks a free person for the scenario. Returns their stay and its messages, or none if nobody fits.
pub(super) fn start_scenario(
    world: &World,
    start: ScenarioStart,
    busy: &HashSet<u32>,
) -> Option<(Stay, Vec<PlannedMessage>)> {
    let scenario = SCENARIO_CYCLE[usize::try_from(start.number).unwrap_or(0) % CYCLE_LENGTH];
    let number = u32::try_from(start.number).unwrap_or(u32::MAX);
    let mut rng = world.rng(number, &format!("tale {}", start.from.as_second()));
    let source = match scenario {
        Scenario::Leave => Source::MentalHealth,
        Scenario::CommunityBed => Source::Community,
        _ if rng.chance(600) => Source::StHildas,
        _ => Source::WharfeValley,
    };
    let fits = |index: &u32| {
        let old_enough = scenario != Scenario::Died || world.age(*index) >= 70;
        let free = !busy.contains(index) && world.stays_of(source, *index).is_empty();
        index >= &CAST_SIZE && free && old_enough && world.may_be_admitted(source, *index)
    };
    let index = (0..MAX_CANDIDATES).map(|_| rng.below(world.people)).find(fits)?;
    let visit = format!("{}D{:X}{:X}", source.id_prefix(), start.from.as_second() / 60, start.number);
    let mut stay = world.stay_of(source, index, visit, start.at, &mut rng);
    let left = after(start.at, rng.days(1500, 2900));
    stay.left = Some(left);
    stay.attended = stay.attended.map(|_| after(start.at, -rng.days(60, 600)));
    if scenario == Scenario::Stay && stay.attended.is_some() {
        // Starts with the arrival.
        stay.attended = Some(start.at);
        stay.admitted = after(start.at, rng.days(90, 300));
    } else {
        stay.attended = None;
    }
    let messages = messages(world, &mut stay, scenario, left, &mut rng);
    Some((stay, messages))
}

fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}

fn messages(
    world: &World,
    stay: &mut Stay,
    scenario: Scenario,
    left: Timestamp,
    rng: &mut SeededRng,
) -> Vec<PlannedMessage> {
    let soon = after(stay.admitted, rng.days(120, 400));
    match scenario {
        Scenario::Stay | Scenario::CommunityBed => stay_messages::of(world, stay, left),
        Scenario::DayCase => {
            stay.kind = StayKind::DayCase;
            stay.expected_days = 0;
            stay_messages::of(world, stay, left)
        }
        Scenario::Attender => {
            stay.kind = StayKind::Attender;
            stay.place = Place::department(hospital::emergency_department(stay.source));
            stay_messages::of(world, stay, left)
        }
        Scenario::PersonUpdate => {
            vec![PlannedMessage::new(MessageKind::UpdatePerson, stay.admitted, stay.place)]
        }
        Scenario::Merge => number_in_order(vec![
            PlannedMessage::new(MessageKind::AddPerson, stay.admitted, stay.place),
            PlannedMessage::new(MessageKind::Merge, soon, stay.place),
        ]),
        Scenario::CancelledAdmission => number_in_order(vec![
            PlannedMessage::new(MessageKind::Admit, stay.admitted, stay.place),
            PlannedMessage::new(MessageKind::CancelAdmit, soon, stay.place),
        ]),
        Scenario::CancelledTransfer => {
            stay_messages_with(world, stay, left, cancelled_transfer(stay, moment_in_stay(stay, left, 40)))
        }
        Scenario::CancelledDischarge => stay_messages_with(world, stay, left, cancelled_discharge(stay, left)),
        Scenario::Leave => stay_messages_with(world, stay, left, leave(stay, left)),
        Scenario::LateTransfer => {
            stay.first = hospital::assessment_ward(stay.source).bed(rng);
            late_transfer(world, stay, left)
        }
        Scenario::RepeatedBytes => repeat_same_bytes(stay_messages::of(world, stay, left)),
        Scenario::RepeatedWithNewId => repeat_with_new_id(stay_messages::of(world, stay, left)),
        Scenario::PendingResult => stay_messages_with(world, stay, left, pending_result(stay, left)),
        Scenario::Died => {
            stay.died = true;
            stay_messages::of(world, stay, left)
        }
    }
}
