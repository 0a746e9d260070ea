//! The questions to consent about the people of a list, and its answers. A permit that does not verify must never count as
//! a grant.

use std::{collections::HashMap, time::Duration};

use lcr_contracts::{
    Caller, Failure, FailureKind,
    audit::AccessKind,
    consent::{Refusal, RequestedPerson},
};
use lcr_model::{Dataset, PersonId, ViewId, permit::PersonGrant};

use super::{super::Service, AuthorisedStays};
use crate::store::person;

/// The most people that consent accepts in one question.
pub(in crate::service) const MAX_PEOPLE_PER_QUESTION: usize = 200;
/// The pause before consent is asked again about people of whom it knows an older version.
const CATCH_UP_PAUSE: Duration = Duration::from_millis(200);
const MAX_CATCH_UP_TRIES: usize = 4;

/// Consent's answers, collected over all questions.
#[derive(Default)]
pub(super) struct ConsentAnswers {
    pub(super) grants: HashMap<PersonId, PersonGrant>,
    pub(super) refused: Vec<Refusal>,
}

impl Service {
    /// Asks up to `MAX_CATCH_UP_TRIES` times until consent knows everybody at this service's version, then fails: otherwise people
    /// would be missing unnoticed.
    pub(super) async fn ask_until_current(
        &self,
        caller: &Caller,
        view: ViewId,
        people: &[PersonId],
        answers: &mut ConsentAnswers,
    ) -> Result<(), Failure> {
        let mut open = people.to_vec();
        for _ in 0..MAX_CATCH_UP_TRIES {
            let questions = self.build_questions(&open).await?;
            open = self.ask_consent(caller, view, questions, answers).await?;
            if open.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(CATCH_UP_PAUSE).await;
        }
        Err(Failure::new(FailureKind::CatchingUp, "This list is being brought up to date. Try again in a moment."))
    }

    pub(in crate::service) async fn build_questions(
        &self,
        people: &[PersonId],
    ) -> Result<Vec<RequestedPerson>, Failure> {
        let rows = person::find_by_ids(self.store.read(), people).await?;
        let identities = person::find_identities(self.store.read(), people).await?;
        let question = |person: &PersonId| {
            Some(RequestedPerson {
                person: *person,
                index_version: rows.get(person)?.version,
                identities: identities.get(person)?.iter().cloned().collect(),
            })
        };
        Ok(people.iter().filter_map(question).collect())
    }

    /// Asks one question. Returns the people of whom consent knows an older version.
    pub(super) async fn ask_consent(
        &self,
        caller: &Caller,
        view: ViewId,
        people: Vec<RequestedPerson>,
        answers: &mut ConsentAnswers,
    ) -> Result<Vec<PersonId>, Failure> {
        let datasets = vec![Dataset::Encounters, Dataset::Results, Dataset::Documents];
        let decision = self.authoriser.decide(caller, view, AccessKind::WardList, people, datasets).await?;
        if let Some(permit) = decision.permit {
            let grants = &permit.claims().people;
            answers.grants.extend(grants.iter().map(|grant| (grant.person, grant.clone())));
        }
        let is_behind = |(person, refusal): &(PersonId, Refusal)| (*refusal == Refusal::CatchingUp).then_some(*person);
        let behind = decision.refused.iter().filter_map(is_behind).collect();
        let refused = decision.refused.iter().map(|(_, refusal)| *refusal);
        answers.refused.extend(refused.filter(|refusal| *refusal != Refusal::CatchingUp));
        Ok(behind)
    }

    /// Confirms with consent that no decision changed.
    pub(in crate::service) async fn confirm_all(
        &self,
        caller: &Caller,
        authorised: &AuthorisedStays,
    ) -> Result<bool, Failure> {
        let people = authorised.grants.values().map(|grant| (grant.person, grant.epoch));
        self.authoriser.confirm_all(caller, people).await
    }
}

/// Fails if consent refused because of the reader: an ended session, or a role without lists.
pub(super) fn check_reader(answers: &ConsentAnswers) -> Result<(), Failure> {
    if answers.refused.contains(&Refusal::SessionEnded) {
        return Err(Failure::new(FailureKind::Unauthenticated, "You were signed out."));
    }
    let role = !answers.refused.is_empty() && answers.refused.iter().all(|one| *one == Refusal::Role);
    if role && answers.grants.is_empty() {
        return Err(Failure::forbidden("Your role does not see the lists of people in hospital."));
    }
    Ok(())
}
