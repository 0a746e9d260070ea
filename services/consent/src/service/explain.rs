//! Explains what consent would decide about a person's record, and why. It grants nothing and leaves an audit entry. It
//! must never reveal whether a person without a link to the reader exists.

use lcr_contracts::{
    Caller, Failure,
    audit::{AccessKind, OpenEntry, Outcome},
    claims::ClaimOffer,
    consent::{DecisionRequest, Explanation, Refusal},
    vocabulary::ReasonCode,
};
use lcr_model::{Actor, Dataset, OverrideReason, Permission, PersonId, RelationshipKind, ViewId, permit::PersonGrant};
use uuid::Uuid;

use super::Service;
use crate::domain::Facts;

impl Service {
    /// The decision, its entry and the offer follow from the same facts, loaded once, so that they never disagree.
    pub(super) async fn explain_access(&self, caller: &Caller, person: PersonId) -> Result<Explanation, Failure> {
        let question = self.person_question(person).await?;
        let ask = DecisionRequest {
            audience: caller.service,
            view: ViewId::new(),
            what: AccessKind::Record,
            people: vec![question.clone()],
            datasets: Dataset::ALL.to_vec(),
        };
        let sources = self.load_decision_sources(caller, &ask.people).await?;
        let (granted, refused) = self.apply_rules(caller, &ask, &sources);
        let grant = granted.first();
        let refusal = refused.first().map_or(Refusal::Role, |(_, refusal)| refusal_to_show(*refusal));
        let reason = match grant {
            Some(PersonGrant { relationship: Some(relationship), .. }) => {
                ReasonCode::Relationship(relationship.clone())
            }
            Some(_) => ReasonCode::Permitted(ask.what),
            None => ReasonCode::Refused(refusal),
        };
        let entry = OpenEntry {
            id: Uuid::now_v7(),
            view: ask.view,
            at: self.clock.now(),
            actor: caller.actor.clone(),
            audience: caller.service,
            what: AccessKind::Explanation,
            outcome: if grant.is_some() { Outcome::Allowed } else { Outcome::Refused },
            reason: reason.clone(),
            people: vec![person],
            datasets: vec![],
            policy_version: self.policies.version().to_owned(),
            choice: None,
            concerned: sources.sources.concerned(&[person]),
        };
        self.commit_entry(caller, entry).await?;
        let facts = sources.facts_of(&question);
        Ok(Explanation {
            allowed: grant.is_some(),
            reason,
            datasets: grant.map(granted_datasets).unwrap_or_default(),
            policy_version: self.policies.version().to_owned(),
            offer: self.offer(&caller.actor, &facts, grant.is_none().then_some(refusal)),
        })
    }

    /// What the reader can do about a refusal, or about what an open record withholds. After a refusal it must not depend on
    /// anything about the person but the refusal.
    fn offer(&self, actor: &Actor, facts: &Facts<'_>, refusal: Option<Refusal>) -> ClaimOffer {
        let Some(refusal) = refusal else {
            return ClaimOffer { override_for: self.widening_overrides(actor, facts), ..ClaimOffer::default() };
        };
        if !facts.agreement_signed {
            return ClaimOffer::default();
        }
        let reasons = OverrideReason::OFFERED.into_iter();
        let override_for = reasons.filter(|reason| self.policies.permits_override(actor.role, reason)).collect();
        let permissions = [Permission::Given, Permission::CannotBeAsked].into_iter();
        let claim_with = permissions.filter(|one| self.policies.permits_claim(actor.role, one)).collect();
        let mut would_open = self.policies.opening_kinds(actor.role);
        would_open.retain(|kind| !matches!(kind, RelationshipKind::SelfClaimed | RelationshipKind::EmergencyOverride));
        match refusal {
            Refusal::NoRelationship => ClaimOffer { claim_with, override_for, would_open },
            Refusal::Objected => ClaimOffer { override_for, ..ClaimOffer::default() },
            _ => ClaimOffer::default(),
        }
    }
}

/// An unknown person gets the refusal of a person without a link to the reader.
pub(super) fn refusal_to_show(refusal: Refusal) -> Refusal {
    if refusal == Refusal::CatchingUp { Refusal::NoRelationship } else { refusal }
}

fn granted_datasets(grant: &PersonGrant) -> Vec<Dataset> {
    let mut datasets: Vec<Dataset> = grant.grants.iter().map(|(_, dataset)| *dataset).collect();
    datasets.sort_unstable();
    datasets.dedup();
    datasets
}
