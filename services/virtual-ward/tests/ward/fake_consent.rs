//! The decisions of the fake consent, and a test clock.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure,
    consent::{Confirm, DecisionRequest, Refusal},
};
use lcr_model::{
    Clock, Dataset, PersonId, Relationship, SourceId,
    permit::{Hide, PersonGrant},
};
use lcr_testkit::{Answer, ConsentRules};

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

/// The decisions of a test. People without a decision have no relationship.
pub struct TestDecisions {
    pub decisions: Mutex<HashMap<PersonId, FakeDecision>>,
    /// Every question for a view, in order.
    pub questions: Mutex<Vec<DecisionRequest>>,
    /// Every question for a count, in order.
    pub counted: Mutex<Vec<DecisionRequest>>,
    /// Raising it invalidates earlier decisions.
    pub epoch: Mutex<u64>,
    /// This many confirmations fail because the epoch rises first.
    pub changes_before_confirm: AtomicU32,
    /// The reader's role may not see lists.
    pub refuse_lists: AtomicBool,
}

impl TestDecisions {
    fn answer(&self, ask: &DecisionRequest) -> Answer {
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
                        relationship: Some(Relationship::RegisteredPractice {
                            organisation: "Beckside Surgery".into(),
                        }),
                        grants: pairs.collect(),
                        withheld: vec![],
                        clearances: clearances.iter().copied().map(Into::into).collect(),
                        hide: hide.iter().copied().collect(),
                        sharing: None,
                        labels: BTreeSet::new(),
                        dataset_labels: BTreeSet::new(),
                        closed_units: BTreeSet::new(),
                    });
                }
                Some(FakeDecision::Refuse(refusal)) => refused.push((one.person, *refusal)),
                None => refused.push((one.person, Refusal::NoRelationship)),
            }
        }
        (granted, refused)
    }
}

impl ConsentRules for TestDecisions {
    fn decide(&self, caller: &Caller, ask: &DecisionRequest) -> Result<Answer, Failure> {
        assert_eq!(caller.service, ask.audience, "a service asks for itself");
        assert!(ask.people.len() <= 200, "too many people in one question");
        self.questions.lock().unwrap().push(ask.clone());
        if ask.people.is_empty() && self.refuse_lists.load(Ordering::Relaxed) {
            return Err(Failure::forbidden("Your role does not see the lists of people in hospital."));
        }
        Ok(self.answer(ask))
    }

    fn countable(&self, caller: &Caller, ask: &DecisionRequest) -> Result<Answer, Failure> {
        assert_eq!(caller.service, ask.audience, "a service asks for itself");
        assert!(ask.people.len() <= 200, "too many people in one question");
        self.counted.lock().unwrap().push(ask.clone());
        Ok(self.answer(ask))
    }

    fn confirm(&self, confirm: &Confirm) -> bool {
        let mut epoch = self.epoch.lock().unwrap();
        let left = self.changes_before_confirm.load(Ordering::Relaxed);
        if left > 0 {
            self.changes_before_confirm.store(left - 1, Ordering::Relaxed);
            *epoch += 1;
        }
        confirm.epoch == *epoch
    }
}
