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
#[path = "agreement_tests.rs"]
mod tests;
