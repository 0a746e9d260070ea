//! How far an organisation's people use the record, from identity's counts and the log. Pure: the same log gives
//! the same figures.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::people::SignInCounts;
use crate::audit::ViewAdoption;

/// The figures of the adoption page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Adoption {
    /// People in the directory whose access has not ended.
    pub eligible: u64,
    /// Those who have signed in at least once.
    pub activated: u64,
    /// Those who looked at a patient's data in the period.
    pub active: u64,
    /// Half of the people who have looked at a patient's data did so within this many seconds after their first
    /// sign-in. `None`: nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median_seconds_to_first_view: Option<i64>,
}

impl Adoption {
    pub fn new(sign_ins: &SignInCounts, views: &ViewAdoption) -> Self {
        let to_first_view = views.first_views.iter().filter_map(|(user, viewed)| {
            let signed_in = sign_ins.first_sign_ins.get(user)?;
            // Somebody may have used the record before the directory knew them.
            Some(viewed.duration_since(*signed_in).max(SignedDuration::ZERO).as_secs())
        });
        let mut seconds: Vec<i64> = to_first_view.collect();
        seconds.sort_unstable();
        let middle = seconds.len().saturating_sub(1) / 2;
        Self {
            eligible: sign_ins.eligible,
            activated: sign_ins.activated,
            active: views.active,
            median_seconds_to_first_view: seconds.get(middle).copied(),
        }
    }
}

#[cfg(test)]
#[path = "adoption_tests.rs"]
mod tests;
