//! A time with the precision its source wrote: a day, an hour, a minute or a second. A day must never be shown, compared
//! or counted as midnight. The JSON form is a string: `2026-11-27`, `2026-11-27T10Z`, `2026-11-27T10:05Z`, or a full
//! timestamp. For now a day is written as `2026-11-27T00:00:00Z[Europe/London]` (`DAYS_ALONE`); both forms are read.

use std::{cmp::Ordering, fmt};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use lcr_model::london;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The precision of a time, from coarse to fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// A calendar day in Europe/London.
    Day,
    Hour,
    Minute,
    /// A second or finer.
    Second,
}

/// A time and its precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// The first instant that the time can mean.
    pub at: Timestamp,
    pub precision: Precision,
}

/// Whether a day is written without a time. `false` in the first version with days: the previous version reads every time
/// as an instant and would reject the whole message. `true` from the next version on.
const DAYS_ALONE: bool = false;

/// Marks a day in London after its first instant. Readers of instants ignore it.
const DAY: &str = "[Europe/London]";

impl Moment {
    pub fn new(at: Timestamp, precision: Precision) -> Self {
        let exact = Self { at, precision: Precision::Second };
        Self { at: exact.truncated(precision), precision }
    }

    /// A time with a precision of a second.
    pub fn exact(at: Timestamp) -> Self {
        Self { at, precision: Precision::Second }
    }

    /// A whole day in London.
    pub fn day(date: Date) -> Self {
        let midnight = date.to_zoned(london::zone()).map_or(Timestamp::MIN, |start| start.timestamp());
        Self { at: midnight, precision: Precision::Day }
    }

    /// Its day in London.
    pub fn date(self) -> Date {
        london::local(self.at).date()
    }

    pub fn is_day(self) -> bool {
        self.precision == Precision::Day
    }

    /// The last instant that it can mean, to the microsecond.
    pub fn last(self) -> Timestamp {
        let next = match self.precision {
            Precision::Second => return self.at,
            Precision::Minute => self.at.checked_add(SignedDuration::from_mins(1)),
            Precision::Hour => self.at.checked_add(SignedDuration::from_hours(1)),
            Precision::Day => Ok(self.date().tomorrow().map_or(self.at, |next| Self::day(next).at)),
        };
        let next = next.unwrap_or(self.at);
        next.checked_sub(SignedDuration::from_micros(1)).unwrap_or(next).max(self.at)
    }

    /// The first instant, at most as precise as `precision`.
    pub fn truncated(self, precision: Precision) -> Timestamp {
        let seconds = self.at.as_second();
        let start = |of: i64| Timestamp::from_second(seconds - seconds.rem_euclid(of)).unwrap_or(self.at);
        match precision.min(self.precision) {
            Precision::Day => Self::day(self.date()).at,
            Precision::Hour => start(3600),
            Precision::Minute => start(60),
            Precision::Second => self.at,
        }
    }

    /// Whether it is certainly before `other`. Equal at the coarser precision is not before.
    pub fn is_before(self, other: Self) -> bool {
        self.compare(other) == Ordering::Less
    }

    /// Compares at the coarser precision. This is no total order: sort by `truncated` instead.
    pub fn compare(self, other: Self) -> Ordering {
        let precision = self.precision.min(other.precision);
        self.truncated(precision).cmp(&other.truncated(precision))
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self::exact(at)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = self.at.to_zoned(TimeZone::UTC);
        match self.precision {
            Precision::Day => write!(f, "{}", self.date()),
            Precision::Hour => write!(f, "{}", utc.strftime("%Y-%m-%dT%HZ")),
            Precision::Minute => write!(f, "{}", utc.strftime("%Y-%m-%dT%H:%MZ")),
            Precision::Second => write!(f, "{}", self.at),
        }
    }
}

impl std::str::FromStr for Moment {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(start) = text.strip_suffix(DAY) {
            return start.parse().map(|at| Self::day(Self::exact(at).date()));
        }
        match text.len() {
            10 => text.parse().map(Self::day),
            14 => format!("{}:00:00Z", text.get(..13).unwrap_or_default())
                .parse()
                .map(|at| Self { at, precision: Precision::Hour }),
            17 => format!("{}:00Z", text.get(..16).unwrap_or_default())
                .parse()
                .map(|at| Self { at, precision: Precision::Minute }),
            _ => text.parse().map(Self::exact),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_day() && !DAYS_ALONE {
            return serializer.collect_str(&format_args!("{}{DAY}", self.at));
        }
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom("not a time"))
    }
}

#[cfg(test)]
#[path = "moment_tests.rs"]
mod tests;
