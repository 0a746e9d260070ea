//! From when to when a link counts, by its kind. Pure: the time is passed in.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::events::CareLink;
use lcr_model::{
    CareLinkKind,
    discharge_window::{WINDOW_DAYS, window_end},
};

/// The NHS Constitution's 18 weeks from referral to treatment.
const REFERRAL_LIMIT: SignedDuration = SignedDuration::from_hours(18 * 7 * 24);

/// An appointment counts this long before it, for the preparation, and after it, for results and letters.
pub(super) const APPOINTMENT_WINDOW: SignedDuration = SignedDuration::from_hours(28 * 24);

/// Urgent services hand a case over within days, and often send no end of it.
const URGENT_CASE_LIMIT: SignedDuration = SignedDuration::from_hours(72);

/// Teams meet at least once a month, and send the next list then.
const MEETING_LIST_LIMIT: SignedDuration = SignedDuration::from_hours(28 * 24);

/// A nomination that nothing has confirmed for a year may be forgotten.
const NOMINATION_LIMIT: SignedDuration = SignedDuration::from_hours(365 * 24);

/// The care that goes on until it ends, for which an organisation's officers answer.
pub(super) const CONTINUING: [CareLinkKind; 4] =
    [CareLinkKind::Caseload, CareLinkKind::Resident, CareLinkKind::UrgentCase, CareLinkKind::SafeguardingEnquiry];

/// When a link counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: Timestamp,
    /// Exclusive. `None` while it is open.
    pub until: Option<Timestamp>,
}

impl Period {
    pub fn contains(self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// The version of the rule in [`period`]: it differs when a limit does. Raise the first number if the rule changes otherwise. The
/// store keeps when each link counts, and computes it again when the version differs.
pub fn rule_version() -> String {
    let limits = [REFERRAL_LIMIT, APPOINTMENT_WINDOW, URGENT_CASE_LIMIT, MEETING_LIST_LIMIT, NOMINATION_LIMIT];
    let hours = limits.map(|limit| limit.as_hours().to_string());
    format!("1/{}/{WINDOW_DAYS}", hours.join("/"))
}

/// When the link counts. `None`: never, because it was cancelled, ends before it starts, or is of an unknown kind.
pub fn period(link: &CareLink, arrived: Timestamp) -> Option<Period> {
    let start = link.from.unwrap_or(arrived);
    if !link.stands || link.until.is_some_and(|until| until < start) {
        return None;
    }
    // An end that the source gives shortens a link, and never lengthens it.
    let at_most = |end| Some(link.until.map_or(end, |until| until.min(end)));
    let (from, until) = match link.kind {
        CareLinkKind::Appointment => {
            // A source ends an appointment that was not attended at its start. A later end is only the end of the visit.
            let unattended = link.until.filter(|until| *until == start);
            let window_end = unattended.unwrap_or_else(|| after(start, APPOINTMENT_WINDOW));
            (after(start, -APPOINTMENT_WINDOW), Some(window_end))
        }
        CareLinkKind::Referral => (start, at_most(after(start, REFERRAL_LIMIT))),
        CareLinkKind::UrgentCase => (start, at_most(after(start, URGENT_CASE_LIMIT))),
        CareLinkKind::MeetingList => (start, at_most(after(start, MEETING_LIST_LIMIT))),
        CareLinkKind::NominatedPharmacy => (start, at_most(after(arrived, NOMINATION_LIMIT))),
        // The receiving team has as long as the hospital.
        CareLinkKind::DischargedTo => (start, at_most(window_end(start))),
        CareLinkKind::Caseload | CareLinkKind::Resident | CareLinkKind::SafeguardingEnquiry => (start, link.until),
        CareLinkKind::Other(_) => return None,
    };
    Some(Period { from, until })
}

pub(super) fn after(start: Timestamp, duration: SignedDuration) -> Timestamp {
    start.saturating_add(duration).unwrap_or(start)
}
