//! The time zone in which days are counted: Europe/London. A day must never be counted in hours, because two days of a year
//! have 23 or 25.

use std::sync::LazyLock;

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

/// Time zone data is built in, so the fallback is never used; a test checks that.
static LONDON: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC));

/// Europe/London.
pub fn zone() -> TimeZone {
    LONDON.clone()
}

/// The time in London.
pub fn local(at: Timestamp) -> Zoned {
    at.to_zoned(zone())
}

/// The date in London.
pub fn date(at: Timestamp) -> Date {
    local(at).date()
}

/// Calendar days from `from` to `until`; 0 if `until` is not later.
pub fn days_between(from: Date, until: Date) -> u32 {
    from.until(until).ok().and_then(|span| u32::try_from(span.get_days()).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summer_time_is_known() {
        let summer: Timestamp = "2026-07-05T12:00:00Z".parse().unwrap();
        assert_eq!(local(summer).hour(), 13);
    }
}
