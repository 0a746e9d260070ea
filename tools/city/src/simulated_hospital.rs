//! A simulated hospital with known ground truth and senders with bad habits, to test the ward's lists against. Everything
//! depends on seed and habits. It must read no clock and open no connection.

mod desk_entry;
mod journeys;
mod sender;

use jiff::Timestamp;

/// The habits of a sender.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "the habits are independent and combine freely")]
pub struct Habits {
    /// Corrects with a cancellation and a new event in the same second; otherwise with a repeated event.
    pub cancel_and_anew: bool,
    /// Sometimes repeats an event with another control id.
    pub tells_again: bool,
    /// Sometimes enters an event hours late.
    pub tells_late: bool,
    /// Sends all messages of a day at midnight, in order.
    pub batch_at_midnight: bool,
    /// Delivers messages out of order.
    pub reorders: bool,
    /// Sometimes delivers the same bytes twice.
    pub duplicates: bool,
    /// Reuses visit numbers after discharge.
    pub reuses_numbers: bool,
    /// Sometimes omits the assigning authority of a visit number.
    pub drops_authority: bool,
    /// Admits unknown people under a temporary number and merges it later.
    pub merges: bool,
    /// Has a clock that is an hour fast for some hours.
    pub clock_jumps: bool,
    /// Writes times without seconds.
    pub minutes_only: bool,
    /// Sends MSH-13.
    pub sequence: bool,
    /// Writes the discharge time as a date.
    pub days_only: bool,
    /// Sometimes corrects a visit to another patient or another number.
    pub corrects_visits: bool,
}

impl Habits {
    /// The combination of habits that the bits of `number` select.
    pub fn of(number: u32) -> Self {
        let bit = |at: u32| number >> at & 1 == 1;
        Self {
            cancel_and_anew: bit(0),
            tells_again: bit(1),
            tells_late: bit(2),
            batch_at_midnight: bit(3),
            reorders: bit(4),
            duplicates: bit(5),
            reuses_numbers: bit(6),
            drops_authority: bit(7),
            merges: bit(8),
            clock_jumps: bit(9),
            minutes_only: bit(10),
            sequence: bit(11),
            days_only: bit(12),
            corrects_visits: bit(13),
        }
    }
}

/// A delivered message.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    pub arrives: Timestamp,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Delivery({} bytes at {})", self.bytes.len(), self.arrives)
    }
}

/// The true state of a stay after the last message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrueStay {
    /// The patient's number after all merges.
    pub number: String,
    pub admitted: Timestamp,
    pub state: TrueState,
}

/// The true whereabouts of a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrueState {
    InBed {
        ward: String,
        bed: String,
        on_leave: bool,
    },
    Left {
        at: Timestamp,
        /// The destination code.
        to: &'static str,
    },
}

/// The result: the messages and the true stays.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// In order of arrival.
    pub deliveries: Vec<Delivery>,
    pub stays: Vec<TrueStay>,
}

/// Simulates `days` of a hospital with `patients` from `start` on.
pub fn simulate(seed: u64, habits: Habits, patients: u32, days: u32, start: Timestamp) -> Simulation {
    let journeys = journeys::Journeys::of(seed, habits, patients, days, start);
    let deliveries = sender::deliveries(seed, habits, journeys.entries);
    Simulation { deliveries, stays: journeys.stays }
}
