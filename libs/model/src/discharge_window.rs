//! The 28-day window after a discharge: calendar days in London, the day of leaving being day 1 (S-35, S-62). Lists, the
//! hospital's and the receiving team's relationships and the record's banner use this one window. It must never count hours.

use jiff::{Timestamp, ToSpan, civil::Date};

use crate::london;

/// The days of the window, and the most that a reader of a list may ask for.
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

/// Whether `now` is within the window after the discharge.
pub fn recently_discharged(left: Timestamp, now: Timestamp) -> bool {
    day_in_window(left, now).is_some()
}

/// When the window after the discharge ends, exclusive.
pub fn window_end(left: Timestamp) -> Timestamp {
    let next_day = london::date(left).checked_add(i64::from(WINDOW_DAYS).days()).unwrap_or(Date::MAX);
    next_day.to_zoned(london::zone()).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

/// The first day of a window of `days` that ends today.
pub fn first_day(now: Timestamp, days: u8) -> Date {
    let back = i64::from(days.clamp(1, WINDOW_DAYS)) - 1;
    london::date(now).checked_sub(back.days()).unwrap_or(Date::MIN)
}

/// The start of a window of `days` that ends today.
pub fn window_start(now: Timestamp, days: u8) -> Timestamp {
    first_day(now, days).to_zoned(london::zone()).map_or(Timestamp::MIN, |midnight| midnight.timestamp())
}

#[cfg(test)]
#[path = "discharge_window_tests.rs"]
mod tests;
