//! A fake consent: choices in memory, with the real rules on which roles may read and make them.

use async_trait::async_trait;
use lcr_contracts::{
    Caller, Consent, Failure,
    choices::{Choice, ChoiceStatus, Choices, NewChoice, Receipt, Review, WaitingCount, WaitingList, WaitingObjection},
    consent::{Confirm, CountableStay, Decision, DecisionRequest, Explanation},
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
        Err(Failure::not_found())
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
    fn change(&self, id: Uuid, change: impl FnOnce(&mut Choice)) -> Result<Receipt, Failure> {
        self.check()?;
        let mut choices = self.choices.lock().unwrap();
        let choice = choices.iter_mut().find(|choice| choice.id == id).ok_or_else(Failure::not_found)?;
        change(choice);
        choice.changed_at = sample::at("2026-11-21T14:30:00Z");
        Ok(receipt(choice.clone()))
    }
}
