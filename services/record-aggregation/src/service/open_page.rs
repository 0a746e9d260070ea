//! Keeps an open page true: decides again after a change, and closes the page when it may no longer be shown, for example
//! after an objection. It must never let a page stay open under an outdated decision.

use lcr_contracts::Failure;
use lcr_model::permit::PersonGrant;
use tokio::time::Instant;

use super::{
    confirmation::REDECIDE_WITHIN,
    open::OpenView,
    recheck_timer::{RecheckReason, RecheckTimer},
};

/// What a check found.
pub enum PageChange {
    /// The record must be sent again.
    Changed,
    /// The page may no longer be shown.
    Closed(Failure),
}

/// Waits until the page changes or closes; `None` when the service stops.
pub async fn wait_for_change(timer: &mut RecheckTimer, view: &mut OpenView) -> Option<PageChange> {
    loop {
        let (pushed, grant, stays) = (view.pushed.clone(), view.grant().ok()?.clone(), view.ward.stays.clone());
        let (identities, mut has_newer_answers) = (view.identities.clone(), false);
        let checked = match timer.next(view).await {
            RecheckReason::Stop => return None,
            RecheckReason::Renew => view.decide_again(Instant::now() + REDECIDE_WITHIN).await,
            RecheckReason::NewerAnswers(answers) => {
                has_newer_answers = true;
                view.switch_to(answers);
                view.reload_pushed().await
            }
            RecheckReason::Notice => match view.confirm().await {
                Ok(()) if !view.has_changed_sources() => view.reload_pushed().await,
                Ok(()) | Err(_) => view.decide_again(Instant::now() + REDECIDE_WITHIN).await,
            },
        };
        if let Err(failure) = checked {
            return Some(PageChange::Closed(failure));
        }
        // With other identities the person may be another one, so the record is sent again even under the same grant.
        let is_same = view.pushed == pushed && view.ward.stays == stays && view.identities == identities;
        if has_newer_answers || !is_same || !shows_the_same(view.grant().ok()?, &grant) {
            return Some(PageChange::Changed);
        }
    }
}

/// Whether the page would show the same. It says why the reader may open the record, so another relationship is a change. The
/// previous version of consent does not send `sharing`: its absence is no change.
fn shows_the_same(now: &PersonGrant, before: &PersonGrant) -> bool {
    let shares_the_same = now.sharing.is_none() || before.sharing.is_none() || now.sharing == before.sharing;
    shares_the_same
        && (&now.closed_units, &now.dataset_labels) == (&before.closed_units, &before.dataset_labels)
        && (&now.relationship, &now.grants, &now.hide, &now.withheld, &now.clearances, &now.labels)
            == (
                &before.relationship,
                &before.grants,
                &before.hide,
                &before.withheld,
                &before.clearances,
                &before.labels,
            )
}

#[cfg(test)]
#[path = "open_page_tests.rs"]
mod tests;
