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
    Caller, Consent, Failure, PatientIndex,
    choices::{Choices, NewChoice, Receipt, Review},
    consent::{Confirm, Decision, DecisionRequest, Explanation, Refusal},
    identity::Registry,
    patient_index::{
        DecideReview, Identifier, PatientSummary, PersonIdentities, ReviewPage, SearchAnswer, SearchQuery,
    },
};
use lcr_model::{
    Clock, Dataset, LocalId, PersonId, ServiceName, SigningKey, SourceId, SourceIdentity, SystemClock, ViewId,
    permit::{Hide, PERMIT_TYP, PermitClaims, PersonGrant},
};
use uuid::Uuid;

/// Consent and the patient index in one.
#[derive(Debug)]
pub struct FakeServices {
    pub person: PersonId,
    pub(super) key: SigningKey,
    pub(super) epoch: AtomicU64,
    pub objected: Mutex<bool>,
    pub hide: Mutex<BTreeSet<Hide>>,
    pub clearances: Mutex<BTreeSet<String>>,
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
        PersonGrant {
            person: self.person,
            index_version: 1,
            epoch: self.epoch.load(Ordering::SeqCst),
            relationship: "registered here".into(),
            grants: grants.flat_map(|one| datasets().map(|dataset| (one.id.clone(), *dataset))).collect(),
            withheld: vec![],
            clearances: self.clearances.lock().unwrap().clone(),
            hide: self.hide.lock().unwrap().clone(),
        }
    }
}

#[async_trait]
impl Consent for FakeServices {
    async fn decide(&self, caller: &Caller, ask: DecisionRequest) -> Result<Decision, Failure> {
        self.decisions.fetch_add(1, Ordering::SeqCst);
        let decrement = |left: usize| left.checked_sub(1);
        let refusal = match () {
            () if *self.objected.lock().unwrap() => Some(Refusal::Objected),
            () if self.catching_up_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, decrement).is_ok() => {
                Some(Refusal::CatchingUp)
            }
            () => None,
        };
        if let Some(refusal) = refusal {
            return Ok(Decision { permit: None, refused: vec![(self.person, refusal)] });
        }
        let now = SystemClock.now().as_second();
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
            iat: now,
            exp: now + 60,
            people: vec![self.grant(&ask)],
        };
        Ok(Decision { permit: Some(self.key.sign(PERMIT_TYP, &claims).unwrap()), refused: vec![] })
    }

    async fn confirm(&self, _: &Caller, confirm: Confirm) -> Result<bool, Failure> {
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
        Ok(confirm.epoch == self.epoch.load(Ordering::SeqCst))
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
