//! Reads the times of one message together and finds their zone. A time with an offset keeps it. A time without one takes
//! the offset of MSH-7 if that is not London's at that instant (the sender runs on UTC or abroad), else London's.
//!
//! In October's repeated hour the order of the fields decides: admitted, happened, entered (EVN-2), sent (MSH-7), received.
//! If that leaves a choice, the offset of MSH-7 in that hour counts, else the earlier time. A written offset must never be
//! overridden.

use jiff::{SignedDuration, Timestamp, tz::Offset};
use lcr_contracts::Moment;

use crate::time::{self, PossibleMoments};

/// If a message without an offset arrived within this time of the later reading of MSH-7, it was sent then.
const MAX_TRANSIT: SignedDuration = SignedDuration::from_mins(10);

/// The times of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times<T> {
    /// PV1-44.
    pub admitted: T,
    /// PV1-45.
    pub discharged: T,
    /// EVN-6.
    pub occurred: T,
    /// EVN-2.
    pub entered: T,
    /// MSH-7.
    pub sent: T,
}

impl<T> Times<T> {
    fn into_array(self) -> [T; 5] {
        [self.admitted, self.discharged, self.occurred, self.entered, self.sent]
    }

    fn from_array([admitted, discharged, occurred, entered, sent]: [T; 5]) -> Self {
        Self { admitted, discharged, occurred, entered, sent }
    }
}

/// Index pairs into `Times::into_array`: the first time is never after the second.
const ORDER: [(usize, usize); 9] = [(0, 1), (0, 2), (0, 3), (0, 4), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)];
const SENT: usize = 4;

/// Reads the times of a message received at `received`. An invalid time is `None`.
pub fn resolve_times(written: Times<&str>, received: Timestamp) -> Times<Option<Moment>> {
    let default = default_offset(written.sent);
    let own = time::written_offset(written.sent);
    let readings = written.into_array().map(|text| time::parse_possible_moments(text, default));
    if readings.iter().flatten().all(|one| one.second.is_none()) {
        return Times::from_array(readings.map(|one| one.map(|one| one.first)));
    }
    // The best choice breaks the order least often, then agrees best with the sender's offset.
    let choices = (0..32_u8).map(|bits| choose_readings(&readings, bits));
    let best = choices
        .min_by_key(|chosen| (count_order_breaks(chosen, received), count_unlikely(&readings, chosen, own, received)));
    Times::from_array(best.unwrap_or_default())
}

/// The offset of MSH-7 for times without one, if it is not London's at that instant.
fn default_offset(sent: &str) -> Option<Offset> {
    let own = time::written_offset(sent)?;
    let at = time::parse_timestamp(sent)?;
    (own != time::london_offset(at)).then_some(own)
}

/// Chooses the second reading of a time, if it has one, for each bit that is set.
fn choose_readings(readings: &[Option<PossibleMoments>; 5], bits: u8) -> [Option<Moment>; 5] {
    let mut bit = 1;
    readings.map(|one| {
        let second = bits & bit != 0;
        bit <<= 1;
        one.map(|one| one.second.filter(|_| second).unwrap_or(one.first))
    })
}

/// How many pairs of the chosen times break the order, or are later than the arrival.
fn count_order_breaks(chosen: &[Option<Moment>; 5], received: Timestamp) -> usize {
    let broken = |(first, second): &(usize, usize)| match (chosen.get(*first), chosen.get(*second)) {
        (Some(Some(first)), Some(Some(second))) => second.is_before(*first),
        _ => false,
    };
    let late = chosen.iter().flatten().filter(|at| at.at > received).count();
    ORDER.iter().filter(|pair| broken(pair)).count() + late
}

/// How many chosen times are not the reading to expect if the order does not decide.
fn count_unlikely(
    readings: &[Option<PossibleMoments>; 5],
    chosen: &[Option<Moment>; 5],
    own: Option<Offset>,
    received: Timestamp,
) -> usize {
    let all = readings.iter().zip(chosen).enumerate();
    let wrong = all.filter(|(at, (reading, chosen))| {
        let Some((PossibleMoments { first, second: Some(second) }, chosen)) = reading.zip(**chosen) else {
            return false;
        };
        let expected = match own {
            // The offset of MSH-7 counts only if MSH-7 is in this hour.
            Some(offset) if is_sent_in_same_hours(readings, *at) && offset == time::london_offset(second.at) => second,
            None if *at == SENT && is_sent_soon_before(second, received) => second,
            _ => first,
        };
        chosen != expected
    });
    wrong.count()
}

/// Whether MSH-7 is in the same two hours as this time.
fn is_sent_in_same_hours(readings: &[Option<PossibleMoments>; 5], at: usize) -> bool {
    let (Some(Some(one)), Some(Some(sent))) = (readings.get(at), readings.get(SENT)) else { return false };
    let second = one.second.unwrap_or(one.first);
    let from = second.at.as_second().div_euclid(3600) - 1;
    (from..=from + 1).contains(&sent.first.at.as_second().div_euclid(3600))
}

fn is_sent_soon_before(sent: Moment, received: Timestamp) -> bool {
    let late = received.duration_since(sent.at);
    !late.is_negative() && late <= MAX_TRANSIT
}

#[cfg(test)]
#[path = "zone_tests.rs"]
mod tests;
