//! Permission to show people's data: asks consent for a decision, verifies its permit, retries while consent catches up, and
//! confirms that a decision still holds. It must never grant anything itself, nor accept a permit for another view or
//! session.

mod retry;

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use lcr_auth::KeyRing;
use lcr_contracts::{
    Caller, Consent, Failure,
    audit::AccessKind,
    consent::{Confirm, CountableStay, DecisionRequest, Refusal, RequestedPerson},
};
use lcr_model::{Clock, Dataset, Permit, PersonId, ServiceName, ViewId};

pub use retry::retry_while_catching_up;

/// The most confirmations of one list in flight.
const MAX_CONFIRMATIONS: usize = 16;

/// Asks consent on behalf of one service.
#[derive(Clone)]
pub struct Authoriser {
    pub service: ServiceName,
    pub consent: Arc<dyn Consent>,
    pub keys: KeyRing,
    pub clock: Arc<dyn Clock>,
}

/// Consent's answer about one or more people.
#[derive(Debug)]
pub struct Authorisation {
    /// `None` if no person may be shown.
    pub permit: Option<Permit>,
    /// Why the others may not be shown.
    pub refused: Vec<(PersonId, Refusal)>,
}

impl std::fmt::Debug for Authoriser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authoriser({})", self.service)
    }
}

impl Authoriser {
    /// Asks for a decision about `people` and verifies the permit: by consent, for this service, view and session. Consent
    /// records the decision first.
    pub async fn decide(
        &self,
        caller: &Caller,
        view: ViewId,
        what: AccessKind,
        people: Vec<RequestedPerson>,
        datasets: Vec<Dataset>,
    ) -> Result<Authorisation, Failure> {
        let ask = DecisionRequest { audience: self.service, view, what, people, datasets };
        let decision = self.consent.decide(&caller.through(self.service), ask).await?;
        let permit = decision.permit.map(|token| self.verify(&token, view, caller)).transpose()?;
        Ok(Authorisation { permit, refused: decision.refused })
    }

    /// Whose stays the caller may see on a list. Only numbers may be made of the answer.
    pub async fn countable(
        &self,
        caller: &Caller,
        people: Vec<RequestedPerson>,
    ) -> Result<Vec<CountableStay>, Failure> {
        let (audience, view, what) = (self.service, ViewId::new(), AccessKind::WardList);
        let ask = DecisionRequest { audience, view, what, people, datasets: vec![Dataset::Encounters] };
        self.consent.countable(&caller.through(self.service), ask).await
    }

    fn verify(&self, token: &str, view: ViewId, caller: &Caller) -> Result<Permit, Failure> {
        let keys = self.keys.of(ServiceName::Consent);
        let permit = Permit::verify(token, &keys, self.service, self.clock.now()).map_err(Failure::internal)?;
        let claims = permit.claims();
        if claims.view_id != view || claims.session != caller.actor.session {
            return Err(Failure::internal("a permit for another view or session"));
        }
        Ok(permit)
    }

    /// Whether the decision about `person` at `epoch` still holds. A failed call means that no data may leave.
    pub async fn confirm(&self, caller: &Caller, person: PersonId, epoch: u64) -> Result<bool, Failure> {
        let confirm = Confirm { person, epoch, session: caller.actor.session };
        self.consent.confirm(&caller.through(self.service), confirm).await
    }

    /// Whether the decisions about all of `people` still hold.
    pub async fn confirm_all(
        &self,
        caller: &Caller,
        people: impl IntoIterator<Item = (PersonId, u64)>,
    ) -> Result<bool, Failure> {
        let people: Vec<_> = people.into_iter().collect();
        let answers = stream::iter(people).map(|(person, epoch)| self.confirm(caller, person, epoch));
        let answers = answers.buffer_unordered(MAX_CONFIRMATIONS);
        answers.try_fold(true, |all, one| std::future::ready(Ok(all && one))).await
    }
}
