//! Explains what consent would decide about a person's record, and why. It grants nothing and leaves an audit entry. It
//! must never reveal whether a person without a link to the reader exists.

use lcr_contracts::{
    Caller, Failure,
    audit::{AccessKind, OpenEntry, Outcome},
    claims::ClaimOffer,
    consent::{DecisionRequest, Explanation, Refusal},
    registry::Organisation,
    vocabulary::ReasonCode,
};
use lcr_model::{Dataset, OverrideReason, Permission, PersonId, RelationshipKind, ViewId, permit::PersonGrant};
use uuid::Uuid;

use super::Service;

impl Service {
    pub(super) async fn explain_access(&self, caller: &Caller, person: PersonId) -> Result<Explanation, Failure> {
        let ask = DecisionRequest {
            audience: caller.service,
            view: ViewId::new(),
            what: AccessKind::Record,
            people: vec![self.person_question(person).await?],
            datasets: Dataset::ALL.to_vec(),
        };
        let (granted, refused) = self.evaluate(caller, &ask).await?;
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
            concerned: std::collections::BTreeMap::new(),
        };
        self.append_entry(caller, entry).await?;
        Ok(Explanation {
            allowed: grant.is_some(),
            reason,
            datasets: grant.map(granted_datasets).unwrap_or_default(),
            policy_version: self.policies.version().to_owned(),
            offer: self.offer(caller, person, grant.is_none().then_some(refusal)).await?,
        })
    }

    /// What the reader can do about a refusal, or about what an open record withholds. After a refusal it must not depend on
    /// anything about the person but the refusal.
    async fn offer(&self, caller: &Caller, person: PersonId, refusal: Option<Refusal>) -> Result<ClaimOffer, Failure> {
        let Some(refusal) = refusal else {
            let override_for = self.widening_overrides(caller, person).await?;
            return Ok(ClaimOffer { override_for, ..ClaimOffer::default() });
        };
        let (actor, registry) = (&caller.actor, self.current_registry(caller).await?);
        if !registry.organisation(&actor.org).is_some_and(Organisation::takes_part) {
            return Ok(ClaimOffer::default());
        }
        let reasons = OverrideReason::OFFERED.into_iter();
        let override_for = reasons.filter(|reason| self.policies.permits_override(actor.role, reason)).collect();
        let permissions = [Permission::Given, Permission::CannotBeAsked].into_iter();
        let claim_with = permissions.filter(|one| self.policies.permits_claim(actor.role, one)).collect();
        let mut would_open = self.policies.opening_kinds(actor.role);
        would_open.retain(|kind| !matches!(kind, RelationshipKind::SelfClaimed | RelationshipKind::EmergencyOverride));
        Ok(match refusal {
            Refusal::NoRelationship => ClaimOffer { claim_with, override_for, would_open },
            Refusal::Objected => ClaimOffer { override_for, ..ClaimOffer::default() },
            _ => ClaimOffer::default(),
        })
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
