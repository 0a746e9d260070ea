//! What consent is asked, and what it answers with. It must never answer anything that `deciding` has not put on the log.

mod choices;
mod deciding;
mod explaining;
mod facts;
mod fence;
mod lost;
mod views;
mod witness;

use std::sync::{Arc, atomic::AtomicBool};

use async_trait::async_trait;
use lcr_contracts::{
    Audit, Caller, Consent, Failure, Kind,
    audit::What,
    choices::{Choices, NewChoice, Receipt, Review},
    consent::{Ask, Confirm, Decision, Explanation, Refusal},
    identity::Registry,
};
use lcr_model::{Clock, PersonId, SigningKey, seal::DataKeys};
use lcr_store::Store;
use tokio::sync::RwLock;
use uuid::Uuid;

use crate::{Numbers, domain::policies::Policies};

pub use fence::{Fence, Standing};
pub use views::Views;
pub use witness::Witness;

/// The most people one question may name.
const MOST_PEOPLE: usize = 200;

pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub policies: Policies,
    pub signer: SigningKey,
    pub audit: Arc<dyn Audit>,
    pub data_keys: Arc<DataKeys>,
    pub fence: Fence,
    pub views: Views,
    /// As read, and how the fence stood then.
    pub registry: RwLock<Option<(u64, Arc<Registry>)>>,
    pub numbers: Numbers,
    /// Whether the log's acts on choices are all here; nothing is decided before.
    pub compared: AtomicBool,
    pub witness: Witness,
}

impl Service {
    /// The registry, read once until it changes: `raised` is how the fence stands now.
    pub(crate) async fn registry(&self, raised: u64) -> Result<Arc<Registry>, Failure> {
        if let Some((at, registry)) = self.registry.read().await.clone()
            && at == raised
        {
            return Ok(registry);
        }
        let mut slot = self.registry.write().await;
        let loaded =
            lcr_store::registry::load(self.store.read()).await.map_err(|e| lcr_store::unavailable(&e))?;
        let registry = Arc::new(loaded);
        *slot = Some((raised, registry.clone()));
        Ok(registry)
    }

    /// How the caller's session and these people stand now.
    pub(crate) async fn standing(&self, caller: &Caller, people: &[PersonId]) -> Result<Standing, Failure> {
        self.is_compared()?;
        self.fence.standing(people, caller.actor.session).await
    }
}

#[async_trait]
impl Consent for Service {
    async fn decide(&self, caller: &Caller, ask: Ask) -> Result<Decision, Failure> {
        // One permit, one view, one service: only for the service that asks.
        if ask.audience != caller.service {
            return Err(Failure::forbidden("A service asks for itself."));
        }
        // What a later version asks for may be less than what this version would grant.
        if ask.what == What::Unknown {
            return Err(Failure::bad_request("This version does not know that kind of view."));
        }
        if ask.people.len() > MOST_PEOPLE {
            return Err(Failure::new(Kind::TooLarge, "Too many people in one question."));
        }
        let decided = self.decided(caller, &ask).await;
        let (decided, none) = decided.inspect_err(|failure| self.numbers.not_decided(failure.kind))?;
        self.numbers.decided(&ask, &decided.0, &decided.1, none);
        match none {
            Some(Refusal::SessionEnded) => {
                return Err(Failure::new(Kind::Unauthenticated, "You were signed out."));
            }
            Some(_) if ask.what == What::WardList => {
                return Err(Failure::forbidden("Your role does not see the lists of people in hospital."));
            }
            Some(_) => return Err(Failure::forbidden("Your role does not search for people.")),
            None => {}
        }
        let (granted, refused) = decided;
        let permit = if granted.is_empty() { None } else { Some(self.sign(caller, &ask, granted)?) };
        Ok(Decision { permit, refused })
    }

    async fn confirm(&self, _: &Caller, confirm: Confirm) -> Result<bool, Failure> {
        self.is_compared()?;
        let standing = self.fence.standing(&[confirm.person], confirm.session).await?;
        Ok(standing.of(confirm.person) == confirm.epoch && !standing.ended)
    }

    async fn explain(&self, caller: &Caller, person: PersonId) -> Result<Explanation, Failure> {
        self.explained(caller, person).await
    }

    async fn choices(&self, caller: &Caller, person: PersonId) -> Result<Choices, Failure> {
        self.read_choices(caller, person).await
    }

    async fn object(&self, caller: &Caller, person: PersonId, new: NewChoice) -> Result<Receipt, Failure> {
        self.timed(self.make_choice(caller, person, new)).await
    }

    async fn withdraw(&self, caller: &Caller, person: PersonId, choice: Uuid) -> Result<Receipt, Failure> {
        self.withdraw_because(caller, person, choice, None).await
    }

    async fn withdraw_because(
        &self,
        caller: &Caller,
        person: PersonId,
        choice: Uuid,
        reason: Option<String>,
    ) -> Result<Receipt, Failure> {
        self.timed(self.move_choice(caller, person, choice, choices::Step::Withdraw { reason })).await
    }

    async fn review(
        &self,
        caller: &Caller,
        person: PersonId,
        choice: Uuid,
        review: Review,
    ) -> Result<Receipt, Failure> {
        self.timed(self.move_choice(caller, person, choice, choices::Step::Review(review))).await
    }
}
