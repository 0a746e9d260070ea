//! A consent and a patient index whose answers a test sets. They must never decide anything by themselves.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use lcr_contracts::{
    Caller, Failure, PatientIndex,
    consent::{Confirm, DecisionRequest, Refusal},
    patient_index::{
        DecideReview, Identifier, PatientSummary, PersonIdentities, ReviewPage, SearchAnswer, SearchQuery,
    },
    registry::Registry,
};
use lcr_model::{
    Clearance, Dataset, Label, LocalId, PersonId, Relationship, SourceId, SourceIdentity, ViewId,
    permit::{Hide, PersonGrant},
};
use lcr_testkit::{Answer, ConsentRules};
use uuid::Uuid;

/// Consent and the patient index in one.
#[derive(Debug)]
pub struct FakeServices {
    pub person: PersonId,
    pub(super) epoch: AtomicU64,
    pub objected: Mutex<bool>,
    pub hide: Mutex<BTreeSet<Hide>>,
    pub clearances: Mutex<BTreeSet<Clearance>>,
    /// The labels that the permit opens.
    pub labels: Mutex<BTreeSet<Label>>,
    /// Datasets that no grant contains.
    pub refused: Mutex<BTreeSet<Dataset>>,
    /// How many more confirmations are answered "it changed".
    pub changes_left: AtomicUsize,
    /// How many more decisions are answered "catching up".
    pub catching_up_left: AtomicUsize,
    /// Whether the identities change with each change.
    pub new_identities: Mutex<bool>,
    pub identities: Mutex<Vec<SourceIdentity>>,
    pub(super) registry: Mutex<Registry>,
    pub decisions: AtomicUsize,
}

impl FakeServices {
    /// Applies a change of choice or protection, as consent does before it acknowledges one.
    pub fn change(&self, change: impl FnOnce(&Self)) {
        change(self);
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    pub fn restrict(&self) {
        let all = BTreeSet::from([Hide::Address, Hide::Phone, Hide::Gp, Hide::Location]);
        self.change(|fakes| *fakes.hide.lock().unwrap() = all);
    }

    pub fn object(&self) {
        self.change(|fakes| *fakes.objected.lock().unwrap() = true);
    }

    fn grant(&self, ask: &DecisionRequest) -> PersonGrant {
        let registry = self.registry.lock().unwrap();
        let refused = self.refused.lock().unwrap();
        let datasets = || ask.datasets.iter().filter(|one| !refused.contains(one));
        let grants = registry.systems.iter().filter(|one| !one.discreet);
        let sharing = grants.clone().map(|one| one.id.clone()).collect();
        PersonGrant {
            person: self.person,
            index_version: 1,
            epoch: self.epoch.load(Ordering::SeqCst),
            relationship: Some(Relationship::RegisteredPractice { organisation: "Beckside Surgery".into() }),
            grants: grants.flat_map(|one| datasets().map(|dataset| (one.id.clone(), *dataset))).collect(),
            withheld: vec![],
            clearances: self.clearances.lock().unwrap().clone(),
            hide: self.hide.lock().unwrap().clone(),
            sharing: Some(sharing),
            labels: self.labels.lock().unwrap().clone(),
            dataset_labels: BTreeSet::new(),
            closed_units: BTreeSet::new(),
        }
    }
}

impl ConsentRules for FakeServices {
    fn decide(&self, _: &Caller, ask: &DecisionRequest) -> Result<Answer, Failure> {
        self.decisions.fetch_add(1, Ordering::SeqCst);
        let decrement = |left: usize| left.checked_sub(1);
        let refusal = match () {
            () if *self.objected.lock().unwrap() => Some(Refusal::Objected),
            () if self.catching_up_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, decrement).is_ok() => {
                Some(Refusal::CatchingUp)
            }
            () => None,
        };
        Ok(match refusal {
            Some(refusal) => (vec![], vec![(self.person, refusal)]),
            None => (vec![self.grant(ask)], vec![]),
        })
    }

    fn confirm(&self, confirm: &Confirm) -> bool {
        let decrement = |left: usize| left.checked_sub(1);
        if self.changes_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, decrement).is_ok() {
            self.epoch.fetch_add(1, Ordering::SeqCst);
            if *self.new_identities.lock().unwrap() {
                let mut identities = self.identities.lock().unwrap();
                let extra = LocalId(format!("other-{}", self.changes_left.load(Ordering::SeqCst)));
                identities.truncate(1);
                identities.push(SourceIdentity { source: SourceId::new("elsewhere"), local_id: extra });
            }
        }
        confirm.epoch == self.epoch.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl PatientIndex for FakeServices {
    async fn search(&self, _: &Caller, _: SearchQuery) -> Result<SearchAnswer, Failure> {
        Err(Failure::not_found())
    }
    async fn summary(&self, _: &Caller, _: PersonId, _: ViewId) -> Result<PatientSummary, Failure> {
        Err(Failure::not_found())
    }
    async fn resolve(&self, _: &Caller, person: PersonId) -> Result<PersonIdentities, Failure> {
        let identities = self.identities.lock().unwrap().clone();
        Ok(PersonIdentities { person, version: 1, identities, numbers: vec![], doubts: vec![] })
    }
    async fn own(&self, _: &Caller) -> Result<Option<PersonId>, Failure> {
        Ok(None)
    }
    async fn identifiers(&self, _: &Caller, _: PersonId) -> Result<Vec<Identifier>, Failure> {
        Ok(vec![])
    }
    async fn reviews(&self, _: &Caller, _: Option<Uuid>) -> Result<ReviewPage, Failure> {
        Err(Failure::not_found())
    }
    async fn decide_review(&self, _: &Caller, _: Uuid, _: DecideReview) -> Result<(), Failure> {
        Err(Failure::not_found())
    }
    async fn count(&self) -> Result<u64, Failure> {
        Ok(1)
    }
}
