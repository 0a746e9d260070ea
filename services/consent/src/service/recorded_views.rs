//! Views already in the audit log: the same view id, reader and decision needs no second entry. Losing this memory may
//! cause an extra entry, never a missing one.

use std::{collections::BTreeSet, time::Duration};

use lcr_contracts::{Caller, audit::AccessKind, consent::DecisionRequest};
use lcr_model::{
    Dataset, Label, OdsCode, PersonId, Relationship, SessionId, SourceId, ViewId,
    permit::{Hide, PersonGrant},
};
use moka::sync::Cache;

/// A view that is not renewed for this long is recorded again.
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);
/// Every view is recorded again after this long, because a page left open all day is more than one look.
const MAX_VIEW_AGE: Duration = Duration::from_mins(15);

/// What the audit log has of one person in a view.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RecordedView {
    what: AccessKind,
    session: SessionId,
    relationship: Option<Relationship>,
    grants: Vec<(SourceId, Dataset)>,
    hide: Vec<Hide>,
    labels: BTreeSet<Label>,
    dataset_labels: BTreeSet<(Dataset, Label)>,
    closed_units: BTreeSet<ClosedUnit>,
}

/// A unit of a source's dataset that was not switched on for the reader.
type ClosedUnit = (SourceId, Dataset, OdsCode);

impl RecordedView {
    /// Whether the log already has everything granted now. Every grant includes the patient summary.
    fn covers(&self, caller: &Caller, ask: &DecisionRequest, grant: &PersonGrant) -> bool {
        let patient = matches!(ask.what, AccessKind::Identity);
        let all = || grant.grants.iter().all(|pair| self.grants.contains(pair));
        let units = || self.closed_units.is_subset(&grant.closed_units);
        let labels = || grant.labels.is_subset(&self.labels) && grant.dataset_labels.is_subset(&self.dataset_labels);
        let covered = patient || all() && units() && labels();
        // The log says for which reason each look was allowed.
        let same = patient || self.what == ask.what && self.relationship == grant.relationship;
        same && self.session == caller.actor.session && covered && self.hide.iter().eq(grant.hide.iter())
    }
}

/// The key of a question without people.
const NO_PERSON: PersonId = PersonId(uuid::Uuid::nil());

#[derive(Debug)]
pub struct RecordedViews(Cache<(ViewId, PersonId), RecordedView>);

impl Default for RecordedViews {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(100_000).time_to_idle(IDLE_TIMEOUT).time_to_live(MAX_VIEW_AGE).build())
    }
}

impl RecordedViews {
    /// Whether entries of this view already cover these people and grants, for this reader. An answer that refuses
    /// everybody is always recorded anew.
    pub fn is_recorded(&self, caller: &Caller, ask: &DecisionRequest, granted: &[PersonGrant]) -> bool {
        if ask.people.is_empty() {
            let recorded = self.0.get(&(ask.view, NO_PERSON));
            return recorded
                .is_some_and(|recorded| recorded.what == ask.what && recorded.session == caller.actor.session);
        }
        let covered = |grant: &PersonGrant| {
            let recorded = self.0.get(&(ask.view, grant.person));
            recorded.is_some_and(|recorded| recorded.covers(caller, ask, grant))
        };
        !granted.is_empty() && granted.iter().all(covered)
    }

    pub fn record(&self, caller: &Caller, ask: &DecisionRequest, granted: &[PersonGrant]) {
        let session = caller.actor.session;
        if ask.people.is_empty() {
            let recorded = RecordedView {
                what: ask.what,
                session,
                relationship: None,
                grants: vec![],
                hide: vec![],
                labels: BTreeSet::new(),
                dataset_labels: BTreeSet::new(),
                closed_units: BTreeSet::new(),
            };
            self.0.insert((ask.view, NO_PERSON), recorded);
        }
        for grant in granted {
            let recorded = RecordedView {
                what: ask.what,
                session,
                relationship: grant.relationship.clone(),
                grants: grant.grants.iter().cloned().collect(),
                hide: grant.hide.iter().copied().collect(),
                labels: grant.labels.clone(),
                dataset_labels: grant.dataset_labels.clone(),
                closed_units: grant.closed_units.clone(),
            };
            self.0.insert((ask.view, grant.person), recorded);
        }
    }
}

#[cfg(test)]
#[path = "recorded_views_tests.rs"]
mod tests;
