//! Whether a sharing agreement holds today. Days are Leeds' own. Nothing may be shared on an agreement that is absent,
//! unsigned or over.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::kept_by_others;
use crate::crd::{Agreement, PartnerSystem};

/// How the agreement of a system stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Current,
    /// Its organisation signed in the portal, which keeps the dates.
    SignedElsewhere,
    NotSigned,
    Expired,
}

impl Standing {
    pub fn holds(self) -> bool {
        matches!(self, Self::Current | Self::SignedElsewhere)
    }
}

/// How `system`'s agreement stands at `now`.
pub fn standing(system: &PartnerSystem, now: Timestamp) -> Standing {
    match &system.spec.agreement {
        None => Standing::NotSigned,
        Some(Agreement { signed_on: None, .. }) if kept_by_others(system) => Standing::SignedElsewhere,
        Some(agreement) => on(agreement, today(now)),
    }
}

fn on(agreement: &Agreement, today: Date) -> Standing {
    match (agreement.signed_on, agreement.expires) {
        (Some(signed), _) if signed > today => Standing::NotSigned,
        (Some(_), Some(last)) if last < today => Standing::Expired,
        (Some(_), _) => Standing::Current,
        (None, _) => Standing::NotSigned,
    }
}

/// The day in Leeds.
fn today(now: Timestamp) -> Date {
    // The time zones are linked in; without them a day would begin an hour late in summer, and nothing worse.
    let london = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    now.to_zoned(london).date()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn agreement(signed_on: Option<Date>, expires: Option<Date>) -> Agreement {
        Agreement { reference: "ISA-1".into(), signed_on, expires }
    }

    #[test]
    fn an_agreement_holds_from_the_day_it_is_signed_to_its_last_day() {
        let whole = agreement(Some(date(2026, 4, 1)), Some(date(2028, 3, 31)));
        for (day, standing) in [
            (date(2026, 3, 31), Standing::NotSigned),
            (date(2026, 4, 1), Standing::Current),
            (date(2028, 3, 31), Standing::Current),
            (date(2028, 4, 1), Standing::Expired),
        ] {
            assert_eq!(on(&whole, day), standing, "{day}");
        }
        assert_eq!(on(&agreement(None, None), date(2026, 4, 1)), Standing::NotSigned);
        assert_eq!(on(&agreement(Some(date(2026, 4, 1)), None), date(2099, 1, 1)), Standing::Current);
    }

    #[test]
    fn a_day_begins_at_midnight_in_leeds() {
        let summer: Timestamp = "2026-06-30T23:30:00Z".parse().unwrap();
        assert_eq!(today(summer), date(2026, 7, 1));
    }
}
