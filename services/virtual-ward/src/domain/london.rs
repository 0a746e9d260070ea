//! Days by the calendar of Europe/London: days in hospital, the 28 days after leaving, days since an expected
//! date passed. A day has 23 or 25 hours twice a year; counting hours would be wrong on both (S-62).

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// The longest window of those who left.
pub const WINDOW: u8 = 28;

fn zone() -> TimeZone {
    // The time zones are built in; without them UTC is at most an hour off.
    TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC)
}

/// The date in London.
pub fn date(at: Timestamp) -> Date {
    at.to_zoned(zone()).date()
}

/// Calendar days from `from` to `until`; 0 when `until` is not later.
pub fn days_between(from: Date, until: Date) -> u32 {
    from.until(until).ok().and_then(|span| u32::try_from(span.get_days()).ok()).unwrap_or(0)
}

/// Whole days in hospital so far.
pub fn days_so_far(admitted: Timestamp, until: Timestamp) -> u32 {
    days_between(date(admitted), date(until))
}

/// Days since an expected date passed; 0 on the day itself and before.
pub fn passed_days(expected: Date, now: Timestamp) -> u32 {
    days_between(expected, date(now))
}

/// 1 on the day somebody left, 28 on the last day they are listed. `None` before they left and afterwards.
pub fn day_since_leaving(left: Timestamp, now: Timestamp) -> Option<u8> {
    if left > now {
        return None;
    }
    let day = u8::try_from(days_between(date(left), date(now)).checked_add(1)?).ok()?;
    (day <= WINDOW).then_some(day)
}

/// The first moment of a window of `days`, today being the last of them.
pub fn window_opens(now: Timestamp, days: u8) -> Timestamp {
    let back = i64::from(days.clamp(1, WINDOW)) - 1;
    let first = date(now).checked_sub(back.days()).unwrap_or(Date::MIN);
    first.to_zoned(zone()).map_or(Timestamp::MIN, |midnight| midnight.timestamp())
}

#[cfg(test)]
#[path = "london_tests.rs"]
mod tests;
