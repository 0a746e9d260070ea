//! Asks consent for a view's decision and its confirmation. It must never read a source.

use std::sync::Arc;

use lcr_authorise::{Authoriser, retry_while_catching_up};
use lcr_contracts::{
    Caller, Failure, FailureKind, PatientIndex,
    consent::{Refusal, RequestedPerson},
    patient_index::PersonIdentities,
    records_api::ViewRequest,
};
use lcr_model::{Dataset, Permit, PersonId, permit::PersonGrant};
use tokio::time::Instant;

/// The callees of a decision.
#[derive(Clone)]
pub struct DecisionClient {
    pub patient_index: Arc<dyn PatientIndex>,
    pub authoriser: Authoriser,
}

impl DecisionClient {
    /// Resolves the person and requests a permit. Retries until `until` while consent has not yet applied the index's newest
    /// change of the person.
    pub async fn decide(
        &self,
        me: &Caller,
        ask: &ViewRequest,
        datasets: &[Dataset],
        until: Instant,
    ) -> Result<(PersonIdentities, Permit), Failure> {
        retry_while_catching_up(until, || self.decide_once(me, ask, datasets)).await
    }

    async fn decide_once(
        &self,
        me: &Caller,
        ask: &ViewRequest,
        datasets: &[Dataset],
    ) -> Result<(PersonIdentities, Permit), Failure> {
        let resolved = self.patient_index.resolve(me, ask.person).await?;
        let person = RequestedPerson {
            person: resolved.person,
            index_version: resolved.version,
            identities: resolved.identities.clone(),
        };
        let decision = self.authoriser.decide(me, ask.view, ask.what, vec![person], datasets.to_vec()).await?;
        match decision.permit {
            Some(permit) => Ok((resolved, permit)),
            None => Err(refusal_failure(decision.refused.first().map(|(_, refusal)| *refusal))),
        }
    }

    /// Checks, just before data leaves, that the decision has not changed.
    pub async fn confirm(&self, me: &Caller, permit: &Permit, person: PersonId) -> Result<(), Failure> {
        let grant = grant_of(permit, person)?;
        match self.authoriser.confirm(me, person, grant.epoch).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::new(
                FailureKind::Conflict,
                "Details of this person keep changing, so nothing is shown yet. This does not mean there is none.",
            )),
            Err(failure) => Err(Failure::cannot_record(failure.inward())),
        }
    }
}

/// The permit's grant for the person.
pub fn grant_of(permit: &Permit, person: PersonId) -> Result<&PersonGrant, Failure> {
    permit.for_person(person).map_err(Failure::internal)
}

/// A refusal in the words of `services/gateway/PORTAL.md`.
fn refusal_failure(refusal: Option<Refusal>) -> Failure {
    match refusal {
        Some(Refusal::NoRelationship) => {
            Failure::new(FailureKind::NoRelationship, "We have no record that you are caring for this person.")
        }
        Some(Refusal::Objected) => Failure::new(
            FailureKind::Objected,
            "This person has objected to sharing. No information is shown. This does not mean there is none.",
        ),
        Some(Refusal::CatchingUp) => Failure::new(
            FailureKind::CatchingUp,
            "This person's details have just changed and are still being updated. Try again in a moment.",
        ),
        Some(Refusal::SessionEnded) => Failure::new(FailureKind::Unauthenticated, "You were signed out."),
        Some(Refusal::Role | Refusal::TooOften | Refusal::Unknown) | None => {
            Failure::forbidden("Your role does not open records.")
        }
    }
}
