//! Consent's contract: decisions, confirmations, explanations and choices. It must never let a
//! person's data be shown without an entry in the audit log.

mod care_list;
mod choice_access;
mod choices;
mod claim_attempts;
mod claim_restore;
mod claim_reviews;
mod claims;
mod decide;
mod epochs;
mod explain;
mod facts;
mod identity_repair;
mod launches;
mod link_recount;
mod overrides;
mod permit;
mod person_rows;
mod recorded_views;
mod restore_reconciliation;
mod waiting_objections;
mod witness;

use std::sync::{Arc, atomic::AtomicBool};

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_contracts::{
    Audit, Caller, Consent, Failure, FailureKind,
    audit::AccessKind,
    care_list::{CareList, CareListQuery},
    choices::{Choices, NewChoice, Receipt, Review, WaitingCount, WaitingList},
    claims::{AccessRules, ClaimCount, ClaimList, ClaimReceipt, ClaimReview, NewClaim, NewOverride},
    consent::{Confirm, CountableStay, Decision, DecisionRequest, Explanation, Refusal},
    registry::Registry,
};
use lcr_model::{
    Clock, Dataset, PersonId, ServiceName, SigningKey,
    permit::{Hide, PersonGrant},
    seal::DataKeys,
};
use lcr_store::Store;
use tokio::sync::RwLock;
use uuid::Uuid;

use crate::{Metrics, domain::policies::Policies};
use choices::ChoiceAction;

pub use epochs::{EpochSnapshot, Epochs};
pub use recorded_views::RecordedViews;
pub use witness::Witness;

/// The most people in one question.
const MAX_PEOPLE: usize = 200;

pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub policies: Policies,
    pub signer: SigningKey,
    pub audit: Arc<dyn Audit>,
    pub data_keys: Arc<DataKeys>,
    pub epochs: Epochs,
    pub views: RecordedViews,
    /// The registry as last read, and its epoch then.
    pub registry: RwLock<Option<(u64, Arc<Registry>)>>,
    pub metrics: Metrics,
    /// Whether every choice in the audit log is in this store. Consent decides nothing before.
    pub reconciled: AtomicBool,
    pub witness: Witness,
}

impl Service {
    /// The registry, read again only if `epoch` differs from the epoch of the copy in memory.
    pub(crate) async fn registry(&self, epoch: u64) -> Result<Arc<Registry>, Failure> {
        if let Some((at, registry)) = self.registry.read().await.clone()
            && at == epoch
        {
            return Ok(registry);
        }
        let mut slot = self.registry.write().await;
        // Another question may have read it while this one waited.
        if let Some((at, registry)) = slot.as_ref()
            && *at == epoch
        {
            return Ok(registry.clone());
        }
        let loaded = lcr_store::registry::load(self.store.read()).await?;
        let registry = Arc::new(loaded);
        *slot = Some((epoch, registry.clone()));
        Ok(registry)
    }

    /// The registry as last read. A decision has just read it, so that it is not read again for the entry.
    pub(crate) async fn last_registry(&self) -> Result<Arc<Registry>, Failure> {
        let last = self.registry.read().await.clone();
        match last {
            Some((_, registry)) => Ok(registry),
            None => self.registry(0).await,
        }
    }

    /// The epochs of these people and the state of the caller's session.
    pub(crate) async fn snapshot_epochs(&self, caller: &Caller, people: &[PersonId]) -> Result<EpochSnapshot, Failure> {
        self.require_reconciled()?;
        self.epochs.snapshot(people, caller.actor.session).await
    }
}

/// The sources at which a grant shows stays.
fn countable_stays(grant: &PersonGrant) -> impl Iterator<Item = CountableStay> {
    let encounters = grant.grants.iter().filter(|(_, dataset)| *dataset == Dataset::Encounters);
    encounters.map(move |(source, _)| CountableStay {
        person: grant.person,
        source: source.clone(),
        located: !grant.hides(Hide::Location),
        closed_units: grant.closed_units(source, Dataset::Encounters).into_iter().cloned().collect(),
    })
}

#[async_trait]
impl Consent for Service {
    async fn decide(&self, caller: &Caller, ask: DecisionRequest) -> Result<Decision, Failure> {
        // A permit is valid for one service: the one that asks.
        if ask.audience != caller.service {
            return Err(Failure::forbidden("A service asks for itself."));
        }
        // A newer version's kind of view may need less than this version would grant.
        if ask.what == AccessKind::Unknown {
            return Err(Failure::bad_request("This version does not know that kind of view."));
        }
        if ask.people.len() > MAX_PEOPLE {
            return Err(Failure::new(FailureKind::TooLarge, "Too many people in one question."));
        }
        let answer = self.decide_and_record(caller, &ask).await;
        let ((granted, refused), refusal) = answer.inspect_err(|failure| self.metrics.count_failure(failure.kind))?;
        self.metrics.count_decisions(&ask, &granted, &refused, refusal);
        match refusal {
            Some(Refusal::SessionEnded) => {
                return Err(Failure::new(FailureKind::Unauthenticated, "You were signed out."));
            }
            Some(_) if ask.what == AccessKind::WardList => {
                return Err(Failure::forbidden("Your role does not see the lists of people in hospital."));
            }
            Some(_) => {
                let outward = "Your role does not search for people, or your organisation does not take part yet.";
                return Err(Failure::forbidden(outward));
            }
            None => {}
        }
        let permit = if granted.is_empty() { None } else { Some(self.sign_permit(caller, &ask, granted)?) };
        Ok(Decision { permit, refused })
    }

    async fn countable(&self, caller: &Caller, ask: DecisionRequest) -> Result<Vec<CountableStay>, Failure> {
        if caller.service != ServiceName::VirtualWard || ask.what != AccessKind::WardList {
            return Err(Failure::forbidden("Only the ward counts its stays."));
        }
        if ask.people.len() > MAX_PEOPLE {
            return Err(Failure::new(FailureKind::TooLarge, "Too many people in one question."));
        }
        let (granted, _) = self.evaluate(caller, &ask).await?;
        Ok(granted.iter().flat_map(countable_stays).collect())
    }

    async fn confirm(&self, _: &Caller, confirm: Confirm) -> Result<bool, Failure> {
        self.require_reconciled()?;
        let snapshot = self.epochs.snapshot(&[confirm.person], confirm.session).await?;
        Ok(snapshot.epoch_of(confirm.person) == confirm.epoch && !snapshot.session_ended)
    }

    async fn explain(&self, caller: &Caller, person: PersonId) -> Result<Explanation, Failure> {
        self.explain_access(caller, person).await
    }

    async fn choices(&self, caller: &Caller, person: PersonId) -> Result<Choices, Failure> {
        self.read_choices(caller, person).await
    }

    async fn object(&self, caller: &Caller, person: PersonId, new: NewChoice) -> Result<Receipt, Failure> {
        self.time_choice(self.make_choice(caller, person, new)).await
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
        self.time_choice(self.change_choice(caller, person, choice, ChoiceAction::Withdraw { reason })).await
    }

    async fn review(
        &self,
        caller: &Caller,
        person: PersonId,
        choice: Uuid,
        review: Review,
    ) -> Result<Receipt, Failure> {
        self.time_choice(self.change_choice(caller, person, choice, ChoiceAction::Review(review))).await
    }

    async fn care_list(&self, caller: &Caller, query: CareListQuery) -> Result<CareList, Failure> {
        self.list_people_in_care(caller, query).await
    }

    async fn waiting_objections(&self, caller: &Caller) -> Result<WaitingList, Failure> {
        self.list_waiting(caller).await
    }

    async fn count_waiting_objections(&self, caller: &Caller) -> Result<WaitingCount, Failure> {
        self.count_waiting(caller).await
    }

    async fn claim(&self, caller: &Caller, person: PersonId, new: NewClaim) -> Result<ClaimReceipt, Failure> {
        self.make_claim(caller, person, new).await
    }

    async fn override_refusal(
        &self,
        caller: &Caller,
        person: PersonId,
        new: NewOverride,
        signed_in_at: Option<Timestamp>,
    ) -> Result<ClaimReceipt, Failure> {
        self.make_override(caller, person, new, signed_in_at).await
    }

    async fn end_override(&self, caller: &Caller, person: PersonId, claim: Uuid) -> Result<(), Failure> {
        self.end_own_override(caller, person, claim).await
    }

    async fn record_launch(&self, caller: &Caller, person: PersonId) -> Result<ClaimReceipt, Failure> {
        self.make_launch(caller, person).await
    }

    async fn claims(&self, caller: &Caller) -> Result<ClaimList, Failure> {
        self.list_claims(caller).await
    }

    async fn count_claims(&self, caller: &Caller) -> Result<ClaimCount, Failure> {
        self.count_waiting_claims(caller).await
    }

    async fn review_claim(&self, caller: &Caller, claim: Uuid, review: ClaimReview) -> Result<(), Failure> {
        self.store_claim_review(caller, claim, review).await
    }

    async fn rules(&self) -> Result<AccessRules, Failure> {
        Ok(self.policies.rules().clone())
    }
}
