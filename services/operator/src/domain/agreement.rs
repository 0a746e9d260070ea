//! Whether a sharing agreement is in force today, by the date in Leeds. Nothing may be shared under an agreement that is
//! absent, unsigned or expired.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::managed_elsewhere;
use crate::crd::{Agreement, PartnerSystem};

/// The state of a system's agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgreementState {
    Current,
    /// The organisation signed in the portal, which stores the dates.
    SignedInPortal,
    NotSigned,
    Expired,
}

impl AgreementState {
    pub fn is_in_force(self) -> bool {
        matches!(self, Self::Current | Self::SignedInPortal)
    }
}

/// The state of `system`'s agreement at `now`.
pub fn state_of(system: &PartnerSystem, now: Timestamp) -> AgreementState {
    match &system.spec.agreement {
        None => AgreementState::NotSigned,
        Some(Agreement { signed_on: None, .. }) if managed_elsewhere(system) => AgreementState::SignedInPortal,
        Some(agreement) => state_on(agreement, today(now)),
    }
}

fn state_on(agreement: &Agreement, today: Date) -> AgreementState {
    match (agreement.signed_on, agreement.expires) {
        (Some(signed), _) if signed > today => AgreementState::NotSigned,
        (Some(_), Some(last_day)) if last_day < today => AgreementState::Expired,
        (Some(_), _) => AgreementState::Current,
        (None, _) => AgreementState::NotSigned,
    }
}

/// The date in Leeds.
fn today(now: Timestamp) -> Date {
    // Time zones are compiled in. Without them a day would only begin an hour late in summer.
    let london = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    now.to_zoned(london).date()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn agreement(signed_on: Option<Date>, expires: Option<Date>) -> Agreement {
        Agreement { reference: "ISA-1".into(), signed_on, expires, signatories: vec![] }
    }

    #[test]
    fn an_agreement_holds_from_the_day_it_is_signed_to_its_last_day() {
        let two_years = agreement(Some(date(2026, 4, 1)), Some(date(2028, 3, 31)));
        for (day, state) in [
            (date(2026, 3, 31), AgreementState::NotSigned),
            (date(2026, 4, 1), AgreementState::Current),
            (date(2028, 3, 31), AgreementState::Current),
            (date(2028, 4, 1), AgreementState::Expired),
        ] {
            assert_eq!(state_on(&two_years, day), state, "{day}");
        }
        assert_eq!(state_on(&agreement(None, None), date(2026, 4, 1)), AgreementState::NotSigned);
        assert_eq!(state_on(&agreement(Some(date(2026, 4, 1)), None), date(2099, 1, 1)), AgreementState::Current);
    }

    #[test]
    fn a_day_begins_at_midnight_in_leeds() {
        let summer: Timestamp = "2026-06-30T23:30:00Z".parse().unwrap();
        assert_eq!(today(summer), date(2026, 7, 1));
    }
}
