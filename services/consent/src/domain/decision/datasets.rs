//! Grants or withholds each source and dataset of an open record. A source is withheld with one reason, the first that
//! applies.

use std::collections::BTreeSet;

use lcr_contracts::registry::{DatasetSwitch, System};
use lcr_model::{
    Actor, Clearance, Dataset, Relationship, SourceId,
    permit::{Hide, PersonGrant, WithheldReason},
};

use super::Facts;
use crate::domain::{
    choices::{self, Objection},
    policies::{Act, PersonFacts, Policies},
    reader::Reader,
};

/// What decides about the datasets of one open record.
pub(super) struct OpenDatasets<'a> {
    policies: &'a Policies,
    actor: &'a Actor,
    facts: &'a Facts<'a>,
    link: &'a Relationship,
    /// The objections that withhold sources.
    objections: &'a [Objection],
}

impl<'a> OpenDatasets<'a> {
    pub(super) fn new(
        policies: &'a Policies,
        actor: &'a Actor,
        facts: &'a Facts<'a>,
        link: &'a Relationship,
        link_facts: PersonFacts,
    ) -> Self {
        // A link that opens over an objection to all sharing opens over a narrower one, too.
        let over_objection = PersonFacts { objected: true, ..link_facts };
        let objections =
            if policies.permits(actor.role, Act::Open, over_objection) { &[] } else { facts.objections.as_slice() };
        Self { policies, actor, facts, link, objections }
    }

    pub(super) fn grant(&self, dataset: Dataset, limits: Option<&BTreeSet<Clearance>>, grant: &mut PersonGrant) {
        let located = !grant.hides(Hide::Location);
        for system in self.facts.systems {
            if system.is_stopped() {
                let reason = self.withheld_of_stopped(system, dataset, limits.is_some());
                grant.withheld.extend(reason.map(|reason| (system.id.clone(), dataset, reason)));
                continue;
            }
            if let Some(reason) = self.withheld(system, dataset, limits.is_some(), located) {
                grant.withheld.push((system.id.clone(), dataset, reason));
                continue;
            }
            grant.grants.insert((system.id.clone(), dataset));
            let closed = system.setup.stages.closed_units(dataset, self.actor);
            grant.closed_units.extend(closed.into_iter().map(|unit| (system.id.clone(), dataset, unit)));
        }
        grant.clearances.extend(limits.into_iter().flatten().cloned());
    }

    /// The sources with any dataset open to the reader. What a page says of a source must not depend on the datasets that
    /// the page asks for.
    pub(super) fn sharing_sources(&self, grant: &PersonGrant) -> BTreeSet<SourceId> {
        let mut all = PersonGrant { grants: BTreeSet::new(), withheld: vec![], ..grant.clone() };
        for dataset in Dataset::ALL {
            self.grant(*dataset, self.policies.dataset_limits(self.actor.role, *dataset, self.link), &mut all);
        }
        all.grants.into_iter().map(|(source, _)| source).collect()
    }

    /// Why an agreed dataset of a source that is suspended or no longer live is not shown. The record names such a source to
    /// whoever would see the dataset: it must not vanish without a word. One that was never live has nothing to vanish.
    fn withheld_of_stopped(&self, system: &System, dataset: Dataset, is_seen: bool) -> Option<WithheldReason> {
        let is_agreed = system.datasets.get(&dataset) == Some(&DatasetSwitch::On)
            && !self.facts.unsigned_owners.contains(&system.organisation);
        let would_see = is_seen && self.policies.can_ask(self.actor.role, &system.kind);
        let is_named = is_agreed && would_see && !system.is_discreet() && !system.is_joining();
        let reason = match () {
            () if !self.receives(system, dataset) => WithheldReason::NotReceived,
            () if system.suspended => WithheldReason::NotConnected,
            () => WithheldReason::NotYetOn,
        };
        is_named.then_some(reason)
    }

    fn receives(&self, system: &System, dataset: Dataset) -> bool {
        let Facts { organisation, organisations, .. } = *self.facts;
        Reader { actor: self.actor, organisation, organisations }.receives(system, dataset)
    }

    fn withheld(&self, system: &System, dataset: Dataset, is_seen: bool, located: bool) -> Option<WithheldReason> {
        let is_unsigned = self.facts.unsigned_owners.contains(&system.organisation);
        let switch = system.datasets.get(&dataset).copied().unwrap_or(DatasetSwitch::NotConnected);
        match switch {
            _ if system.is_discreet() => Some(WithheldReason::Discreet),
            _ if is_unsigned => Some(WithheldReason::NotAgreed),
            DatasetSwitch::NotConnected => Some(WithheldReason::NotConnected),
            DatasetSwitch::NotAgreed => Some(WithheldReason::NotAgreed),
            DatasetSwitch::On if !is_seen || !self.policies.can_ask(self.actor.role, &system.kind) => {
                Some(WithheldReason::Role)
            }
            // Before the switch-on, which would promise it.
            DatasetSwitch::On if !self.receives(system, dataset) => Some(WithheldReason::NotReceived),
            // After the role: whoever may never see it does not learn that it is being tried. Before the person's choice,
            // which says nothing of a source that shows nothing yet.
            DatasetSwitch::On if !system.is_open_to(dataset, self.actor) => Some(WithheldReason::NotYetOn),
            DatasetSwitch::On
                if choices::withhold_system(
                    self.objections,
                    &system.organisation,
                    &system.kind,
                    self.facts.practice,
                ) =>
            {
                Some(WithheldReason::OptedOut)
            }
            DatasetSwitch::On if !located && reveals_location(dataset) => Some(WithheldReason::LocationProtected),
            DatasetSwitch::On => None,
        }
    }
}

fn reveals_location(dataset: Dataset) -> bool {
    matches!(
        dataset,
        Dataset::Documents | Dataset::Referrals | Dataset::Encounters | Dataset::Appointments | Dataset::Contacts
    )
}
