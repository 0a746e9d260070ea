//! What would be decided about somebody's record, and why. It grants nothing, is on the log like a look, and must never
//! tell whether somebody without a link to the reader is known at all.

use lcr_contracts::{
    Caller, Failure,
    audit::{OpenEntry, Outcome, What},
    consent::{Ask, Explanation, Refusal},
};
use lcr_model::{Dataset, PersonId, ViewId, permit::PersonGrant};
use uuid::Uuid;

use super::Service;

impl Service {
    pub(super) async fn explained(&self, caller: &Caller, person: PersonId) -> Result<Explanation, Failure> {
        let ask = Ask {
            audience: caller.service,
            view: ViewId::new(),
            what: What::Record,
            people: vec![self.asked_by_id(person).await?],
            datasets: Dataset::ALL.to_vec(),
        };
        let (granted, refused) = self.weigh(caller, &ask).await?;
        let grant = granted.first();
        let reason = grant.map_or_else(|| why(&refused).to_owned(), |grant| grant.relationship.clone());
        let entry = OpenEntry {
            id: Uuid::now_v7(),
            view: ask.view,
            at: self.clock.now(),
            actor: caller.actor.clone(),
            audience: caller.service,
            what: What::Explanation,
            outcome: if grant.is_some() { Outcome::Allowed } else { Outcome::Refused },
            reason: reason.clone(),
            people: vec![person],
            datasets: vec![],
            policy_version: self.policies.version().to_owned(),
            choice: None,
        };
        self.enter(caller, entry).await?;
        Ok(Explanation {
            allowed: grant.is_some(),
            reason,
            datasets: grant.map(datasets).unwrap_or_default(),
            policy_version: self.policies.version().to_owned(),
        })
    }
}

/// Somebody who is not known is refused as somebody is to whom there is no link.
fn why(refused: &[(PersonId, Refusal)]) -> &'static str {
    match refused.first().map(|(_, refusal)| *refusal) {
        Some(Refusal::CatchingUp) => Refusal::NoRelationship.as_str(),
        Some(refusal) => refusal.as_str(),
        None => Refusal::Role.as_str(),
    }
}

fn datasets(grant: &PersonGrant) -> Vec<Dataset> {
    let mut seen: Vec<Dataset> = grant.grants.iter().map(|(_, dataset)| *dataset).collect();
    seen.sort_unstable();
    seen.dedup();
    seen
}
