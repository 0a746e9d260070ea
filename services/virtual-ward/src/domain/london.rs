//! Counts calendar days in Europe/London. It must never count hours: two days a year have 23 or 25 of them (S-62).

use jiff::{Timestamp, civil::Date};
pub use lcr_model::london::{date, days_between, zone};

/// Whole days in hospital so far.
pub fn days_so_far(admitted: Timestamp, until: Timestamp) -> u32 {
    days_between(date(admitted), date(until))
}

/// Days since an expected date; 0 on the day itself and before.
pub fn passed_days(expected: Date, now: Timestamp) -> u32 {
    days_between(expected, date(now))
}

#[cfg(test)]
#[path = "london_tests.rs"]
mod tests;
