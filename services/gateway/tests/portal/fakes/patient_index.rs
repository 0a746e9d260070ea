//! The fake of the patient index: the sample people, and one review for a data steward.

use async_trait::async_trait;
use lcr_contracts::{
    Caller, Failure, PatientIndex,
    patient_index::{
        DecideReview, Identifier, LinkReview, PatientSummary, PersonIdentities, ReviewPage, SearchAnswer, SearchQuery,
    },
};
use lcr_model::{PersonId, Role, SourceId, SourceIdentity, ViewId};
use uuid::Uuid;

use super::World;
use crate::sample;

#[async_trait]
impl PatientIndex for World {
    async fn search(&self, _: &Caller, query: SearchQuery) -> Result<SearchAnswer, Failure> {
        self.check()?;
        *self.search_count.lock().unwrap() += 1;
        let Some(number) = query.nhs_number else { return Ok(SearchAnswer { people: sample::people(), more: true }) };
        let mut people = sample::people();
        people.retain(|person| person.nhs_number.as_ref().is_some_and(|one| one.as_str() == number));
        Ok(SearchAnswer { people, more: false })
    }
    async fn summary(&self, _: &Caller, person: PersonId, _: ViewId) -> Result<PatientSummary, Failure> {
        sample::people().into_iter().find(|patient| patient.id == person).ok_or_else(Failure::not_found)
    }
    async fn summaries(&self, _: &Caller, people: Vec<PersonId>, _: ViewId) -> Result<Vec<PatientSummary>, Failure> {
        self.named.lock().unwrap().push(people.clone());
        self.check()?;
        let known = sample::people();
        Ok(people.iter().filter_map(|id| known.iter().find(|patient| patient.id == *id).cloned()).collect())
    }
    async fn person_of(&self, _: &Caller, identity: SourceIdentity) -> Result<Option<PatientSummary>, Failure> {
        let known = sample::people().into_iter().next();
        Ok(known.filter(|_| identity.local_id.0 == "known-patient"))
    }
    async fn resolve(&self, _: &Caller, _: PersonId) -> Result<PersonIdentities, Failure> {
        Err(Failure::forbidden("Not for the gateway."))
    }
    async fn own(&self, _: &Caller) -> Result<Option<PersonId>, Failure> {
        Ok((!self.unlinked).then_some(sample::FREDRICA))
    }
    async fn identifiers(&self, _: &Caller, _: PersonId) -> Result<Vec<Identifier>, Failure> {
        Ok(Vec::new())
    }
    async fn reviews(&self, caller: &Caller, _: Option<Uuid>) -> Result<ReviewPage, Failure> {
        if caller.actor.role != Role::DataSteward {
            return Err(Failure::forbidden("Reviews are for data stewards."));
        }
        let [holder, doubtful] = [0, 1].map(|at| sample::people()[at].clone());
        let review = LinkReview {
            id: Uuid::from_u128(7),
            opened_at: sample::now(),
            source: SourceId::new("st-hildas"),
            doubtful,
            holder,
            holder_sources: vec![SourceId::new("beckside")],
            other_sex: true,
            other_birth_date: false,
        };
        Ok(ReviewPage { reviews: vec![review], not_shown: 1, after: None })
    }
    async fn decide_review(&self, caller: &Caller, id: Uuid, decided: DecideReview) -> Result<(), Failure> {
        if caller.actor.role != Role::DataSteward {
            return Err(Failure::forbidden("Reviews are for data stewards."));
        }
        self.decided_reviews.lock().unwrap().push((id, decided));
        Ok(())
    }
    async fn count(&self) -> Result<u64, Failure> {
        Ok(5)
    }
}
