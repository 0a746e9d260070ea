//! A fake consent: choices in memory, with the real rules on which roles may read and make them; claims and people in care as
//! the world has them.

use async_trait::async_trait;
use lcr_contracts::{
    Caller, Consent, Failure, FailureKind,
    care_list::{CareList, CareListQuery},
    choices::{Choice, ChoiceStatus, Choices, NewChoice, Receipt, Review, WaitingCount, WaitingList, WaitingObjection},
    claims::{
        AccessRules, ClaimCount, ClaimList, ClaimReceipt, ClaimReview, DatasetRule, NewClaim, NewOverride,
        RelationshipRule,
    },
    consent::{Confirm, CountableStay, Decision, DecisionRequest, Explanation, Refusal},
    vocabulary::ReasonCode,
};
use lcr_model::*;
use uuid::Uuid;

use crate::{fakes::World, sample};

#[async_trait]
impl Consent for World {
    async fn decide(&self, _: &Caller, _: DecisionRequest) -> Result<Decision, Failure> {
        Err(Failure::forbidden("The gateway never decides."))
    }
    async fn countable(&self, _: &Caller, _: DecisionRequest) -> Result<Vec<CountableStay>, Failure> {
        Err(Failure::forbidden("The gateway never counts."))
    }
    async fn confirm(&self, _: &Caller, _: Confirm) -> Result<bool, Failure> {
        Ok(false)
    }
    async fn explain(&self, _: &Caller, _: PersonId) -> Result<Explanation, Failure> {
        let refusal = match *self.failure.lock().unwrap() {
            None => None,
            Some(FailureKind::Objected) => Some(Refusal::Objected),
            Some(_) => Some(Refusal::NoRelationship),
        };
        Ok(Explanation {
            allowed: refusal.is_none(),
            reason: refusal.map_or_else(|| ReasonCode::Other(String::new()), ReasonCode::Refused),
            datasets: vec![],
            policy_version: "1".into(),
            offer: self.offer.clone(),
        })
    }
    async fn claim(&self, _: &Caller, person: PersonId, new: NewClaim) -> Result<ClaimReceipt, Failure> {
        let relationship = Relationship::SelfClaimed { reason: new.reason.clone() };
        self.make_claim(person, relationship, &new.reason.to_string(), new.text)
    }
    async fn record_launch(&self, caller: &Caller, person: PersonId) -> Result<ClaimReceipt, Failure> {
        let organisation = caller.actor.org.to_string();
        self.make_claim(person, Relationship::Launched { organisation }, "launch", None)
    }
    async fn override_refusal(
        &self,
        _: &Caller,
        person: PersonId,
        new: NewOverride,
        signed_in_at: Option<jiff::Timestamp>,
    ) -> Result<ClaimReceipt, Failure> {
        assert!(signed_in_at.is_some(), "consent learns when the reader signed in");
        let relationship = Relationship::Override { reason: new.reason.clone() };
        self.make_claim(person, relationship, &new.reason.to_string(), Some(new.text))
    }
    /// The record closes, as after an objection.
    async fn end_override(&self, _: &Caller, person: PersonId, claim: Uuid) -> Result<(), Failure> {
        if claim != CHOICE {
            return Err(Failure::not_found());
        }
        self.refuse_claim()?;
        self.ended_overrides.lock().unwrap().push((person, claim));
        *self.failure.lock().unwrap() = Some(FailureKind::Objected);
        Ok(())
    }
    async fn claims(&self, _: &Caller) -> Result<ClaimList, Failure> {
        self.check()?;
        Ok(self.claim_list.clone())
    }
    async fn count_claims(&self, _: &Caller) -> Result<ClaimCount, Failure> {
        self.check()?;
        let overrides = self.claim_list.waiting.iter();
        let overrides =
            overrides.filter(|claim| claim.relationship.kind() == RelationshipKind::EmergencyOverride).count();
        let claims = self.claim_list.waiting.len() - overrides;
        Ok(ClaimCount { claims: claims as u32, overrides: overrides as u32 })
    }
    async fn review_claim(&self, _: &Caller, claim: Uuid, review: ClaimReview) -> Result<(), Failure> {
        self.refuse_claim()?;
        self.reviewed_claims.lock().unwrap().push((claim, review));
        Ok(())
    }
    async fn care_list(&self, _: &Caller, query: CareListQuery) -> Result<CareList, Failure> {
        self.check()?;
        let all = self.in_care.iter().filter(|one| query.kind.as_ref().is_none_or(|kind| one.kind == *kind));
        let all: Vec<_> = all.cloned().collect();
        let page = all.iter().skip(query.offset as usize).take(query.limit as usize);
        Ok(CareList { people: page.cloned().collect(), total: all.len() as u64 })
    }
    async fn rules(&self) -> Result<AccessRules, Failure> {
        self.check()?;
        let rule = |dataset, limits: &[&str]| DatasetRule {
            role: Role::Paramedic,
            dataset,
            limits: limits.iter().map(|limit| (*limit).to_owned()).collect(),
        };
        let link = |role, relationship| RelationshipRule { role, relationship };
        let overriders = [Role::Gp, Role::Paramedic].into_iter().filter(|_| self.may_override);
        let overrides = overriders.map(|role| link(role, RelationshipKind::EmergencyOverride));
        let override_policy = if self.may_override { "emergency-override" } else { "no-override" };
        Ok(AccessRules {
            policy_version: "7d1f".into(),
            override_policy: override_policy.into(),
            datasets: vec![rule(Dataset::Allergies, &[]), rule(Dataset::Encounters, &["encounters:12-months"])],
            relationships: overrides.chain([link(Role::Paramedic, RelationshipKind::UrgentCaseHere)]).collect(),
        })
    }
    async fn choices(&self, caller: &Caller, person: PersonId) -> Result<Choices, Failure> {
        self.check()?;
        let role = caller.actor.role;
        let practice = matches!(role, Role::Gp | Role::PracticeManager | Role::Receptionist);
        let officer = matches!(role, Role::PrivacyOfficer | Role::CaldicottGuardian);
        if !(practice || officer || role == Role::Patient) {
            let text = "Choices are for the person themself and their registered practice.";
            return Err(Failure::forbidden(text));
        }
        let organisations = [("B86000", "Beckside Surgery"), ("RR8XX", "St Hilda's Hospitals")];
        Ok(Choices {
            person,
            choices: self.choices.lock().unwrap().clone(),
            organisations: organisations.map(|(ods, name)| (OdsCode::new(ods), name.to_owned())).to_vec(),
            may_change: !officer,
            may_review: officer,
        })
    }
    async fn object(&self, caller: &Caller, _: PersonId, new: NewChoice) -> Result<Receipt, Failure> {
        self.check()?;
        let own = caller.actor.kind == ActorKind::Patient;
        let name = new.organisation.as_ref().map(|_| "St Hilda's Hospitals".to_owned());
        let choice = Choice {
            id: CHOICE,
            direction: new.direction,
            organisation: new.organisation,
            organisation_name: name,
            status: ChoiceStatus::Applied,
            made_at: sample::now(),
            made_by: if own { "you" } else { "Dr Aisha Khan, Beckside Surgery" }.to_owned().into(),
            changed_at: sample::now(),
            review: None,
            number: "LCR-ABCD-2345".into(),
        };
        self.choices.lock().unwrap().push(choice.clone());
        Ok(receipt(choice))
    }
    async fn withdraw(&self, _: &Caller, _: PersonId, id: Uuid) -> Result<Receipt, Failure> {
        self.change(id, |choice| choice.status = ChoiceStatus::Withdrawn)
    }
    async fn review(&self, _: &Caller, _: PersonId, id: Uuid, review: Review) -> Result<Receipt, Failure> {
        if review.reason.is_empty() {
            return Err(Failure::bad_request("A review gives its reasons in words."));
        }
        self.change(id, |choice| {
            choice.status = if review.uphold { ChoiceStatus::Upheld } else { ChoiceStatus::Refused };
            choice.review = Some(review.reason.clone());
        })
    }
    async fn waiting_objections(&self, _: &Caller) -> Result<WaitingList, Failure> {
        self.check()?;
        let choices = self.choices.lock().unwrap();
        let waiting = choices.iter().filter(|choice| choice.status == ChoiceStatus::Applied);
        let waiting = waiting.map(|choice| WaitingObjection {
            person: sample::FREDRICA,
            choice: choice.id,
            direction: choice.direction,
            organisation: choice.organisation_name.clone(),
            status: choice.status,
            made_at: choice.made_at,
            number: choice.number.clone(),
        });
        Ok(WaitingList::All(waiting.collect()))
    }
    async fn count_waiting_objections(&self, caller: &Caller) -> Result<WaitingCount, Failure> {
        Ok(WaitingCount::Exactly(self.waiting_objections(caller).await?.objections().len()))
    }
}

/// The id of every choice made here.
pub const CHOICE: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0c01);

fn receipt(choice: Choice) -> Receipt {
    Receipt { number: choice.number.clone(), effective_at: choice.changed_at, choice }
}

impl World {
    fn refuse_claim(&self) -> Result<(), Failure> {
        self.claim_failure.map_or(Ok(()), |(kind, text)| Err(Failure::new(kind, text)))
    }

    /// The record opens from now on.
    fn make_claim(
        &self,
        person: PersonId,
        relationship: Relationship,
        reason: &str,
        text: Option<String>,
    ) -> Result<ClaimReceipt, Failure> {
        self.refuse_claim()?;
        self.claims_made.lock().unwrap().push((person, reason.to_owned(), text));
        *self.failure.lock().unwrap() = None;
        let until = sample::now() + jiff::SignedDuration::from_mins(30);
        Ok(ClaimReceipt { id: CHOICE, relationship, made_at: sample::now(), until })
    }

    fn change(&self, id: Uuid, change: impl FnOnce(&mut Choice)) -> Result<Receipt, Failure> {
        self.check()?;
        let mut choices = self.choices.lock().unwrap();
        let choice = choices.iter_mut().find(|choice| choice.id == id).ok_or_else(Failure::not_found)?;
        change(choice);
        choice.changed_at = sample::at("2026-11-21T14:30:00Z");
        Ok(receipt(choice.clone()))
    }
}
