//! The 28-day window: a patient who left stays on the list of discharges for 28 calendar days in London, the day of
//! leaving being day 1 (S-35, S-62). It must never count hours.

use jiff::{Timestamp, ToSpan, civil::Date};

use super::london;

/// The longest window that a reader may ask for, in days.
pub const WINDOW_DAYS: u8 = 28;

/// The day of the window that `now` is: 1 on the day of leaving, 28 on the last day. `None` before and after the window.
pub fn day_in_window(left: Timestamp, now: Timestamp) -> Option<u8> {
    if left > now {
        return None;
    }
    let days = london::days_between(london::date(left), london::date(now));
    let day = u8::try_from(days.checked_add(1)?).ok()?;
    (day <= WINDOW_DAYS).then_some(day)
}

/// The start of a window of `days` that ends today.
pub fn window_start(now: Timestamp, days: u8) -> Timestamp {
    let back = i64::from(days.clamp(1, WINDOW_DAYS)) - 1;
    let first = london::date(now).checked_sub(back.days()).unwrap_or(Date::MIN);
    first.to_zoned(london::zone()).map_or(Timestamp::MIN, |midnight| midnight.timestamp())
}

#[cfg(test)]
#[path = "discharge_window_tests.rs"]
mod tests;
