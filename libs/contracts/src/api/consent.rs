//! Consent: decides who may see whose data. The answer is a signed permit or a refusal with a reason, and each must be on
//! the audit log before it is returned. Only consent signs permits.

mod decision;

use async_trait::async_trait;
pub use decision::{Confirm, CountableStay, Decision, DecisionRequest, Refusal, RequestedPerson};
use jiff::Timestamp;
use lcr_model::{Dataset, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Caller, Failure,
    care_list::{CareList, CareListQuery},
    choices::{Choices, NewChoice, Receipt, Review, WaitingCount, WaitingList},
    claims::{AccessRules, ClaimCount, ClaimList, ClaimOffer, ClaimReceipt, ClaimReview, NewClaim, NewOverride},
    vocabulary::ReasonCode,
};

/// `POST /v1/decisions`: the decision that would be made, and why. Grants nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    pub allowed: bool,
    #[schema(value_type = String)]
    pub reason: ReasonCode,
    pub datasets: Vec<Dataset>,
    pub policy_version: String,
    /// What the reader can do about a refusal, or about what an open record withholds.
    #[serde(default)]
    pub offer: ClaimOffer,
}

#[async_trait]
pub trait Consent: Send + Sync {
    /// Decides, records, and only then signs.
    async fn decide(&self, caller: &Caller, ask: DecisionRequest) -> Result<Decision, Failure>;
    /// Whose stays the caller may see on a list, so that virtual-ward can count them. It grants nothing and names nobody to a
    /// reader, so it is not recorded as a view.
    async fn countable(&self, caller: &Caller, ask: DecisionRequest) -> Result<Vec<CountableStay>, Failure>;
    /// Whether the decision behind this epoch still holds. Answered from memory, so cheap enough for every section.
    async fn confirm(&self, caller: &Caller, confirm: Confirm) -> Result<bool, Failure>;
    /// Explains the decision about the caller's own view of `person`.
    async fn explain(&self, caller: &Caller, person: PersonId) -> Result<Explanation, Failure>;
    /// A person's choices, for the person, their registered practice, and reviewers.
    async fn choices(&self, caller: &Caller, person: PersonId) -> Result<Choices, Failure>;
    /// Makes a choice. Returns once it is on disk, on the log, and in force.
    async fn object(&self, caller: &Caller, person: PersonId, new: NewChoice) -> Result<Receipt, Failure>;
    /// Withdraws a choice. Returns once that is on disk, on the log, and in force.
    async fn withdraw(&self, caller: &Caller, person: PersonId, choice: Uuid) -> Result<Receipt, Failure>;
    /// Withdraws a choice for another person, with a reason that the person will read.
    async fn withdraw_because(
        &self,
        caller: &Caller,
        person: PersonId,
        choice: Uuid,
        reason: Option<String>,
    ) -> Result<Receipt, Failure> {
        let _ = reason;
        self.withdraw(caller, person, choice).await
    }
    /// Upholds or refuses an objection, with reasons.
    async fn review(&self, caller: &Caller, person: PersonId, choice: Uuid, review: Review)
    -> Result<Receipt, Failure>;
    /// The objections that wait for this officer's review, the oldest first. Recorded for each person.
    async fn waiting_objections(&self, caller: &Caller) -> Result<WaitingList, Failure> {
        let _ = caller;
        Err(Failure::not_found())
    }
    /// How many they are. No person is named, so it is not recorded.
    async fn count_waiting_objections(&self, caller: &Caller) -> Result<WaitingCount, Failure> {
        let _ = caller;
        Err(Failure::not_found())
    }
    /// Claims a relationship with a reason. Returns once the claim is on the log and in force.
    async fn claim(&self, caller: &Caller, person: PersonId, new: NewClaim) -> Result<ClaimReceipt, Failure> {
        let _ = (caller, person, new);
        Err(Failure::not_found())
    }
    /// Overrides a refusal, if the policy allows it. Returns once the override is on the log and in force. `signed_in_at`
    /// is the time of the caller's last sign-in.
    async fn override_refusal(
        &self,
        caller: &Caller,
        person: PersonId,
        new: NewOverride,
        signed_in_at: Option<Timestamp>,
    ) -> Result<ClaimReceipt, Failure> {
        let _ = (caller, person, new, signed_in_at);
        Err(Failure::not_found())
    }
    /// Ends the caller's own override before its time. Returns once that is on the log, on disk and in force.
    async fn end_override(&self, caller: &Caller, person: PersonId, claim: Uuid) -> Result<(), Failure> {
        let _ = (caller, person, claim);
        Err(Failure::not_found())
    }
    /// Records that the caller opened the person from their organisation's own system. Only for the gateway, which has
    /// verified the launch.
    async fn record_launch(&self, caller: &Caller, person: PersonId) -> Result<ClaimReceipt, Failure> {
        let _ = (caller, person);
        Err(Failure::not_found())
    }
    /// The claims and overrides by staff of this officer's organisation. Recorded for each person.
    async fn claims(&self, caller: &Caller) -> Result<ClaimList, Failure> {
        let _ = caller;
        Err(Failure::not_found())
    }
    /// How many wait. No person is named, so it is not recorded.
    async fn count_claims(&self, caller: &Caller) -> Result<ClaimCount, Failure> {
        let _ = caller;
        Err(Failure::not_found())
    }
    /// Reviews a claim. A claim that was not justified ends at once.
    async fn review_claim(&self, caller: &Caller, claim: Uuid, review: ClaimReview) -> Result<(), Failure> {
        let _ = (caller, claim, review);
        Err(Failure::not_found())
    }
    /// The people for whom the caller's organisation cares and whom the caller may open. Names nobody; patient-index records
    /// the list when it names them.
    async fn care_list(&self, caller: &Caller, query: CareListQuery) -> Result<CareList, Failure> {
        let _ = (caller, query);
        Err(Failure::not_found())
    }
    /// The access rules in force.
    async fn rules(&self) -> Result<AccessRules, Failure> {
        Err(Failure::not_found())
    }
}
