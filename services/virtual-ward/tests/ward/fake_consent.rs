//! A fake consent with a test clock. It signs real permits.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_contracts::{
    Caller, Consent, Failure,
    choices::{Choices, NewChoice, Receipt, Review},
    consent::{Confirm, Decision, DecisionRequest, Explanation, Refusal},
};
use lcr_model::{
    Clock, Dataset, PermitClaims, PersonId, ServiceName, SigningKey, SourceId,
    permit::{Hide, PERMIT_TYP, PersonGrant},
};
use uuid::Uuid;

use crate::fixtures::SOURCES;

/// A clock that a test moves.
#[derive(Debug)]
pub struct TestClock(pub Mutex<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// The fake decision about one person.
#[derive(Debug, Clone)]
pub enum FakeDecision {
    Grant { clearances: Vec<&'static str>, hide: Vec<Hide>, without: Vec<Dataset> },
    Refuse(Refusal),
}

impl FakeDecision {
    pub fn grant_all() -> Self {
        Self::Grant { clearances: vec![], hide: vec![], without: vec![] }
    }
}

/// A fake consent with the decisions of a test and real permits. People without a decision have no relationship.
pub struct FakeConsent {
    pub key: SigningKey,
    pub clock: Arc<TestClock>,
    pub decisions: Mutex<HashMap<PersonId, FakeDecision>>,
    /// Every question, in order.
    pub questions: Mutex<Vec<DecisionRequest>>,
    /// Raising it invalidates earlier decisions.
    pub epoch: Mutex<u64>,
    /// This many confirmations fail because the epoch rises first.
    pub changes_before_confirm: AtomicU32,
    /// The reader's role may not see lists.
    pub refuse_lists: AtomicBool,
}

impl FakeConsent {
    fn answer(&self, ask: &DecisionRequest) -> (Vec<PersonGrant>, Vec<(PersonId, Refusal)>) {
        let decisions = self.decisions.lock().unwrap();
        let (mut granted, mut refused) = (vec![], vec![]);
        for one in &ask.people {
            match decisions.get(&one.person) {
                Some(FakeDecision::Grant { clearances, hide, without }) => {
                    let datasets = ask.datasets.iter().filter(|dataset| !without.contains(dataset));
                    let pairs =
                        datasets.flat_map(|dataset| SOURCES.map(|(source, ..)| (SourceId::new(source), *dataset)));
                    granted.push(PersonGrant {
                        person: one.person,
                        index_version: one.index_version,
                        epoch: *self.epoch.lock().unwrap(),
                        relationship: "registered at Beckside Surgery".into(),
                        grants: pairs.collect(),
                        withheld: vec![],
                        clearances: clearances.iter().map(|&one| one.to_owned()).collect(),
                        hide: hide.iter().copied().collect(),
                    });
                }
                Some(FakeDecision::Refuse(refusal)) => refused.push((one.person, *refusal)),
                None => refused.push((one.person, Refusal::NoRelationship)),
            }
        }
        (granted, refused)
    }
}

#[async_trait]
impl Consent for FakeConsent {
    async fn decide(&self, caller: &Caller, ask: DecisionRequest) -> Result<Decision, Failure> {
        assert_eq!(caller.service, ask.audience, "a service asks for itself");
        assert!(ask.people.len() <= 200, "too many people in one question");
        self.questions.lock().unwrap().push(ask.clone());
        if ask.people.is_empty() && self.refuse_lists.load(Ordering::Relaxed) {
            return Err(Failure::forbidden("Your role does not see the lists of people in hospital."));
        }
        let (people, refused) = self.answer(&ask);
        if people.is_empty() {
            return Ok(Decision { permit: None, refused });
        }
        let iat = self.clock.now().as_second();
        let claims = PermitClaims {
            iss: ServiceName::Consent,
            aud: ask.audience,
            sub: caller.actor.user.clone(),
            org: caller.actor.org.clone(),
            role: caller.actor.role,
            session: caller.actor.session,
            purpose: caller.actor.purpose,
            view_id: ask.view,
            policy_version: "test".into(),
            iat,
            exp: iat + 60,
            people,
        };
        Ok(Decision { permit: Some(self.key.sign(PERMIT_TYP, &claims).unwrap()), refused })
    }

    async fn confirm(&self, _: &Caller, confirm: Confirm) -> Result<bool, Failure> {
        let mut epoch = self.epoch.lock().unwrap();
        let left = self.changes_before_confirm.load(Ordering::Relaxed);
        if left > 0 {
            self.changes_before_confirm.store(left - 1, Ordering::Relaxed);
            *epoch += 1;
        }
        Ok(confirm.epoch == *epoch)
    }

    async fn explain(&self, _: &Caller, _: PersonId) -> Result<Explanation, Failure> {
        Err(Failure::not_found())
    }
    async fn choices(&self, _: &Caller, _: PersonId) -> Result<Choices, Failure> {
        Err(Failure::not_found())
    }
    async fn object(&self, _: &Caller, _: PersonId, _: NewChoice) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }
    async fn withdraw(&self, _: &Caller, _: PersonId, _: Uuid) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }
    async fn review(&self, _: &Caller, _: PersonId, _: Uuid, _: Review) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }
}
