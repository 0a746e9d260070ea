//! Having a view decided, and asking whether the decision still stands. Nothing here reads a source.

use std::{sync::Arc, time::Duration};

use lcr_auth::KeyRing;
use lcr_contracts::{
    Caller, Consent, Failure, Kind as FailureKind, PatientIndex,
    consent::{Ask, AskPerson, Confirm, Refusal},
    patient_index::Resolved,
    records::ViewAsk,
};
use lcr_model::{Clock, Dataset, Permit, PersonId, ServiceName, permit::PersonGrant};
use tokio::time::Instant;

/// The pause before each further question while consent catches up with the index; the last one repeats. Between
/// processes an event passes the broker first.
const CATCHING_UP: [Duration; 4] = [
    Duration::from_millis(60),
    Duration::from_millis(120),
    Duration::from_millis(250),
    Duration::from_millis(500),
];

/// Who is asked, and whose signature counts.
#[derive(Clone)]
pub struct Deciding {
    pub patient_index: Arc<dyn PatientIndex>,
    pub consent: Arc<dyn Consent>,
    pub keys: KeyRing,
    pub clock: Arc<dyn Clock>,
}

impl Deciding {
    /// Who the person is now, and what may be shown of them. It asks again until `until` while consent has not yet
    /// taken in a change of the person that the index has made.
    pub async fn decide(
        &self,
        me: &Caller,
        ask: &ViewAsk,
        datasets: &[Dataset],
        until: Instant,
    ) -> Result<(Resolved, Permit), Failure> {
        let [.., longest] = CATCHING_UP;
        for wait in CATCHING_UP.into_iter().chain(std::iter::repeat(longest)) {
            match self.once(me, ask, datasets).await {
                Err(failure) if failure.kind == FailureKind::CatchingUp && Instant::now() < until => {
                    tokio::time::sleep(wait).await;
                }
                other => return other,
            }
        }
        self.once(me, ask, datasets).await
    }

    async fn once(
        &self,
        me: &Caller,
        ask: &ViewAsk,
        datasets: &[Dataset],
    ) -> Result<(Resolved, Permit), Failure> {
        let resolved = self.patient_index.resolve(me, ask.person).await?;
        let permit = self.permit(me, ask, &resolved, datasets).await?;
        Ok((resolved, permit))
    }

    async fn permit(
        &self,
        me: &Caller,
        ask: &ViewAsk,
        resolved: &Resolved,
        datasets: &[Dataset],
    ) -> Result<Permit, Failure> {
        let person = AskPerson {
            person: resolved.person,
            index_version: resolved.version,
            identities: resolved.identities.clone(),
        };
        let audience = ServiceName::RecordAggregation;
        let ask = Ask {
            audience,
            view: ask.view,
            what: ask.what,
            people: vec![person],
            datasets: datasets.to_vec(),
        };
        let decision = self.consent.decide(me, ask).await?;
        let Some(bytes) = decision.permit else {
            return Err(refused(decision.refused.first().map(|(_, refusal)| *refusal)));
        };
        Permit::verify(&bytes, &self.keys.of(ServiceName::Consent), audience, self.clock.now())
            .map_err(Failure::internal)
    }

    /// Just before a part leaves: does the decision still stand?
    pub async fn confirm(&self, me: &Caller, permit: &Permit, person: PersonId) -> Result<(), Failure> {
        let grant = grant_of(permit, person)?;
        let confirm = Confirm { person, epoch: grant.epoch, session: permit.claims().session };
        match self.consent.confirm(me, confirm).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::new(
                FailureKind::Conflict,
                "Details of this person keep changing, so nothing is shown yet. This does not mean there is none.",
            )),
            Err(failure) => Err(Failure::cannot_record(failure.inward())),
        }
    }
}

/// What a permit of ours grants of the person it was made for.
pub fn grant_of(permit: &Permit, person: PersonId) -> Result<&PersonGrant, Failure> {
    permit.for_person(person).map_err(Failure::internal)
}

/// A refusal in the words of portal.md.
fn refused(refusal: Option<Refusal>) -> Failure {
    match refusal {
        Some(Refusal::NoRelationship) => Failure::new(
            FailureKind::NoRelationship,
            "We have no record that you are caring for this person.",
        ),
        Some(Refusal::Objected) => Failure::new(
            FailureKind::Objected,
            "This person has objected to sharing. No information is shown. This does not mean there is none.",
        ),
        Some(Refusal::CatchingUp) => Failure::new(
            FailureKind::CatchingUp,
            "This person's details have just changed and are still being taken in. Try again in a moment.",
        ),
        Some(Refusal::SessionEnded) => Failure::new(FailureKind::Unauthenticated, "You were signed out."),
        Some(Refusal::Role | Refusal::TooOften | Refusal::Unknown) | None => {
            Failure::forbidden("Your role does not open records.")
        }
    }
}
