//! Records that a user opened a person from their organisation's own system. The launch must be verified by the gateway, and
//! waits for no officer.

use lcr_contracts::{Caller, Failure, claims::ClaimReceipt, consent::Refusal};
use lcr_model::{PersonId, Relationship, RelationshipKind, ServiceName};

use super::{
    Service,
    claims::{Statement, name_of, receipt, refusal_failure},
};
use crate::{
    domain::{
        claims::ClaimKind,
        policies::{Act, PersonFacts},
    },
    store::claim as rows,
};

impl Service {
    /// A launch that is in force already is the same launch.
    pub(super) async fn make_launch(&self, caller: &Caller, person: PersonId) -> Result<ClaimReceipt, Failure> {
        if caller.service != ServiceName::Gateway {
            return Err(Failure::forbidden("Only the gateway verifies launches."));
        }
        let opens = PersonFacts::unobstructed(RelationshipKind::LaunchedHere);
        if !self.policies.permits(caller.actor.role, Act::Open, opens) {
            return Err(Failure::forbidden("Your role opens no record from another system."));
        }
        let question = self.person_question(person).await?;
        let sources = self.load_decision_sources(caller, std::slice::from_ref(&question)).await?;
        let facts = sources.facts_of(&question);
        if facts.session_ended {
            return Err(refusal_failure(Refusal::SessionEnded));
        }
        if facts.known_version.is_none() || !facts.agreement_signed {
            return Err(refusal_failure(Refusal::NoRelationship));
        }
        let own = rows::counting(self.store.read(), &caller.actor, self.clock.now()).await?.remove(&person);
        let launched = own.into_iter().flatten().find(|row| row.kind() == ClaimKind::Launch);
        if let Some(row) = launched {
            let registry = self.current_registry(caller).await?;
            let organisation = name_of(&registry, &caller.actor.org);
            return receipt(&row, Relationship::Launched { organisation });
        }
        let statement = Statement { kind: ClaimKind::Launch, reason: None, permission: None, text: None };
        self.store_claim(caller, person, statement).await
    }
}
