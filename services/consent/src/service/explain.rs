//! Explains what consent would decide about a person's record, and why. It grants nothing and leaves an audit entry. It
//! must never reveal whether a person without a link to the reader exists.

use lcr_contracts::{
    Caller, Failure,
    audit::{AccessKind, OpenEntry, Outcome},
    consent::{DecisionRequest, Explanation, Refusal},
    vocabulary::ReasonCode,
};
use lcr_model::{Dataset, PersonId, ViewId, permit::PersonGrant};
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
        let reason = match grant {
            Some(PersonGrant { relationship: Some(relationship), .. }) => {
                ReasonCode::Relationship(relationship.clone())
            }
            Some(_) => ReasonCode::Permitted(ask.what),
            None => ReasonCode::Refused(refusal_to_show(&refused)),
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
        })
    }
}

/// An unknown person gets the refusal of a person without a link to the reader.
fn refusal_to_show(refused: &[(PersonId, Refusal)]) -> Refusal {
    match refused.first().map(|(_, refusal)| *refusal) {
        Some(Refusal::CatchingUp) => Refusal::NoRelationship,
        Some(refusal) => refusal,
        None => Refusal::Role,
    }
}

fn granted_datasets(grant: &PersonGrant) -> Vec<Dataset> {
    let mut datasets: Vec<Dataset> = grant.grants.iter().map(|(_, dataset)| *dataset).collect();
    datasets.sort_unstable();
    datasets.dedup();
    datasets
}
