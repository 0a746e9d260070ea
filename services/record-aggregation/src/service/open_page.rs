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
mod tests {
    use std::collections::BTreeSet;

    use lcr_model::{Dataset, OdsCode, PersonId, Relationship, SourceId, permit::Hide};

    use super::*;

    fn grant(sharing: Option<&str>) -> PersonGrant {
        PersonGrant {
            person: PersonId(uuid::Uuid::nil()),
            index_version: 1,
            epoch: 1,
            relationship: None,
            grants: BTreeSet::new(),
            withheld: vec![],
            clearances: BTreeSet::new(),
            hide: BTreeSet::new(),
            sharing: sharing.map(|source| BTreeSet::from([SourceId::new(source)])),
            labels: BTreeSet::new(),
            dataset_labels: BTreeSet::new(),
            closed_units: BTreeSet::new(),
        }
    }

    #[test]
    fn a_page_under_another_relationship_is_sent_again() {
        let organisation = "Beckside Surgery".to_owned();
        let registered = PersonGrant {
            relationship: Some(Relationship::RegisteredPractice { organisation: organisation.clone() }),
            ..grant(None)
        };
        let formerly = PersonGrant { relationship: Some(Relationship::FormerPractice { organisation }), ..grant(None) };
        assert!(shows_the_same(&registered, &registered));
        assert!(!shows_the_same(&formerly, &registered));
        assert!(!shows_the_same(&grant(None), &registered));
    }

    #[test]
    fn a_unit_that_is_switched_on_or_off_changes_the_page() {
        let unit = (SourceId::new("gp"), Dataset::Results, OdsCode::new("Y90001"));
        let closed = PersonGrant { closed_units: BTreeSet::from([unit]), ..grant(None) };
        assert!(shows_the_same(&closed, &closed));
        assert!(!shows_the_same(&closed, &grant(None)) && !shows_the_same(&grant(None), &closed));
    }

    #[test]
    fn the_sources_that_share_are_compared_only_if_both_decisions_name_them() {
        let cases = [(None, Some("gp"), true), (Some("gp"), None, true), (Some("gp"), Some("gp"), true)];
        for (now, before, same) in cases.into_iter().chain([(Some("gp"), Some("lab"), false)]) {
            assert_eq!(shows_the_same(&grant(now), &grant(before)), same, "{now:?} after {before:?}");
        }
        let hides = PersonGrant { hide: BTreeSet::from([Hide::Location]), ..grant(None) };
        assert!(!shows_the_same(&hides, &grant(Some("gp"))));
    }
}
