//! Records that a user opened a person from their organisation's own system. The launch must be verified by the gateway. It
//! waits for an officer only if nothing here confirms that the organisation knows the person.

use lcr_contracts::{Caller, Failure, claims::ClaimReceipt, consent::Refusal};
use lcr_model::{PersonId, Relationship, RelationshipKind, ServiceName};

use super::{
    Service,
    claims::{Statement, name_of, receipt, refusal_failure},
    decide::DecisionSources,
};
use crate::{
    domain::{
        Facts,
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
        let facts = sources.recorded_facts_of(&question);
        if facts.session_ended {
            return Err(refusal_failure(Refusal::SessionEnded));
        }
        let may_open = facts.known_version.is_some() && facts.agreement_signed;
        let is_confirmed = may_open && self.is_confirmed(caller, &sources, &facts);
        let kind = if is_confirmed { ClaimKind::Launch } else { ClaimKind::UnconfirmedLaunch };
        let own = rows::counting(self.store.read(), &caller.actor, self.clock.now()).await?.remove(&person);
        let launched = own.into_iter().flatten().find(|row| [&ClaimKind::Launch, &kind].contains(&&row.kind()));
        if let Some(row) = launched {
            let registry = self.current_registry(caller).await?;
            let organisation = name_of(&registry, &caller.actor.org);
            return receipt(&row, Relationship::Launched { organisation });
        }
        let statement = Statement { kind, reason: None, permission: None, text: None };
        let (claim, relationship) = self.draft_claim(caller, person, statement).await?;
        // A launch that nothing confirms is refused as a claim is: it tells nothing of an objection, nor whether the person
        // exists.
        if !is_confirmed {
            let unconfirmed = Facts { unconfirmed_launch: true, ..facts };
            if let Ok(Some(refusal)) = self.refusal_with(&caller.actor, unconfirmed, &relationship) {
                return self.refuse_claim(caller, &claim, relationship, refusal).await;
            }
        }
        self.reserve(&claim).await?;
        self.put_in_force(caller, &claim, relationship).await
    }

    /// Whether a system of the organisation is known to hold the person, or a recorded link opens the record anyway.
    fn is_confirmed(&self, caller: &Caller, sources: &DecisionSources, facts: &Facts<'_>) -> bool {
        let opens = |link: &Relationship| {
            let facts = PersonFacts::unobstructed(link.kind());
            self.policies.permits(caller.actor.role, Act::Open, facts)
        };
        sources.sources.is_held_by_reader(facts.person) || facts.relationships.iter().any(opens)
    }
}
