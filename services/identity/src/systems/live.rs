//! Takes a system live, and suspends it. A system must never go live without a passed check of the connection as it is now.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    Failure,
    partners::{PartnerReceipt, system::CheckReport},
    registry::{PartnerState, System},
};
use lcr_model::{Dataset, SourceId};

use super::{
    edit::{self, Edit, conflict},
    fingerprint::{agreed, fingerprint},
    put::agreed_to_give,
    suspension::Suspension,
};
use crate::{
    organisations,
    partners::Author,
    service::Service,
    store::{self, check_report},
};

/// A check counts for this long.
const CHECK_COUNTS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What decides whether a system may go live.
pub struct Readiness<'f> {
    pub state: PartnerState,
    /// Whether the agreement is in force.
    pub agreed: bool,
    /// The datasets of the schedule. `None`: there is none, because the agreement is on paper.
    pub gives: Option<&'f BTreeSet<Dataset>>,
    /// The report of the connection as it is now.
    pub report: Option<&'f CheckReport>,
}

/// Why the system may not go live, as a sentence. `None` if it may.
pub fn obstacle(system: &System, facts: &Readiness<'_>, now: Timestamp) -> Option<String> {
    if system.setup.live {
        return Some("This system is live already.".to_owned());
    }
    if system.suspended {
        return Some("This system is suspended. End the suspension first.".to_owned());
    }
    if !facts.agreed {
        return Some(
            "The information sharing agreement is not in force: everybody who must sign it signs first.".to_owned(),
        );
    }
    if !matches!(facts.state, PartnerState::Conformant | PartnerState::Live) {
        let words = "Everything that it has set up passes its check first";
        return Some(format!("The organisation is {}. {words}.", facts.state));
    }
    if facts.gives.is_some_and(|gives| !agreed(system).is_subset(gives)) {
        return Some(
            "The system gives datasets that the signed schedule does not have. Take them away, or sign a new schedule."
                .to_owned(),
        );
    }
    check_obstacle(facts.report, now).map(str::to_owned)
}

/// Why a check does not count, as a sentence. `None` if it does. `report` is that of the connection as it is now.
pub fn check_obstacle(report: Option<&CheckReport>, now: Timestamp) -> Option<&'static str> {
    let Some(report) = report else {
        return Some("The connection has not been checked as it is now. Run the check.");
    };
    if !report.passed() {
        return Some("The last check did not pass. Its report says what to do.");
    }
    let is_old = now.duration_since(report.at) > CHECK_COUNTS;
    is_old.then_some("The last check is older than 30 days. Run it again.")
}

pub async fn go_live(service: &Service, author: Author, id: SourceId) -> Result<PartnerReceipt, Failure> {
    author.require_administrator()?;
    let gives = agreed_to_give(service.store.read(), &author).await?;
    let organisation = store::registry::find_organisation(service.store.read(), author.organisation.as_str()).await?;
    let organisation = organisation.ok_or_else(Failure::not_found)?;
    let is_agreed = organisations::agreement_status(service, &organisation).await?.in_force;
    let reports = check_report::list(service.store.read(), &[&id]).await?;
    let stored = reports.into_values().next();
    let work = move |system: &mut System, author: &Author| -> Result<Edit, Failure> {
        let current = fingerprint(system);
        let report = stored.as_ref().filter(|stored| stored.fingerprint == current).map(|stored| &stored.report);
        let facts = Readiness { state: organisation.state, agreed: is_agreed, gives: gives.as_ref(), report };
        if let Some(why) = obstacle(system, &facts, author.now) {
            return Err(conflict(why));
        }
        (system.setup.live, system.setup.interrupted_at) = (true, None);
        Ok(Edit::new(format!("Took the system {} live", system.id)))
    };
    edit::edit(service, author, id, work).await
}

/// Suspends a system or ends its suspension. A suspended system is not asked, and its messages are refused. The platform's
/// administrators may take over a suspension that the organisation made.
pub async fn suspend(
    service: &Service,
    author: Author,
    id: SourceId,
    suspended: bool,
) -> Result<PartnerReceipt, Failure> {
    author.require_administrator()?;
    if suspended {
        author.require_reason()?;
    }
    let work = move |system: &mut System, author: &Author| -> Result<Edit, Failure> {
        let before = Suspension { suspended: system.suspended, by_platform: system.setup.suspended_by_platform };
        let after = before.changed(suspended, author)?;
        (system.suspended, system.setup.suspended_by_platform) = (after.suspended, after.by_platform);
        let what = if suspended { "Suspended the system" } else { "Ended the suspension of the system" };
        Ok(Edit::new(format!("{what} {}", system.id)))
    };
    edit::edit(service, author, id, work).await
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
