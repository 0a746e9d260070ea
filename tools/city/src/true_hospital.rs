//! A hospital of which the truth is known, minute by minute, and senders with habits that tell of it: a model to hold the
//! ward's lists against. Seed and habits decide everything; it reads no clock and opens no connection.

mod life;
mod sender;
mod statement;

use jiff::Timestamp;

/// What a sender makes of a hospital's days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each habit is there or not, and all of them mix")]
pub struct Habits {
    /// Corrections are a cancel and the event anew in one second; else the event told again.
    pub cancel_and_anew: bool,
    /// Now and then an event is told once more, under another control id.
    pub tells_again: bool,
    /// Now and then something is entered hours after it happened.
    pub tells_late: bool,
    /// Everything of a day arrives at midnight, in order.
    pub batch_at_midnight: bool,
    /// Messages overtake one another on the way.
    pub reorders: bool,
    /// The same bytes arrive twice.
    pub duplicates: bool,
    /// Visit numbers are given out again once their patient has left.
    pub reuses_numbers: bool,
    /// The authority of a visit number is left out now and then.
    pub drops_authority: bool,
    /// Unknown people are admitted under a number that is merged later.
    pub merges: bool,
    /// The clock is an hour fast for some hours.
    pub clock_jumps: bool,
    /// MSH-7 and EVN-2 have no seconds.
    pub minutes_only: bool,
    /// Messages carry MSH-13.
    pub sequence: bool,
    /// Leaving is told as a day.
    pub days_only: bool,
    /// Visits are corrected to another patient, and get another number.
    pub corrects_visits: bool,
}

impl Habits {
    /// The habits that the bits of `number` name: every mixture has one.
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

/// A message as it arrives.
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

/// A stay as it really was when the last message had arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrueStay {
    /// The hospital's number of the patient, after all merges.
    pub number: String,
    pub admitted: Timestamp,
    pub state: TrueState,
}

/// Where somebody really is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrueState {
    InBed {
        ward: String,
        bed: String,
        on_leave: bool,
    },
    Left {
        at: Timestamp,
        /// Destination code.
        to: &'static str,
    },
}

/// Some days of a hospital: what was told, and what is true.
#[derive(Debug, Clone)]
pub struct Played {
    /// In the order in which they arrive.
    pub deliveries: Vec<Delivery>,
    pub stays: Vec<TrueStay>,
}

/// Lets `patients` live through `days` of a hospital from `start` on.
pub fn play(seed: u64, habits: Habits, patients: u32, days: u32, start: Timestamp) -> Played {
    let life = life::Life::of(seed, habits, patients, days, start);
    let deliveries = sender::deliveries(seed, habits, life.statements);
    Played { deliveries, stays: life.stays }
}
