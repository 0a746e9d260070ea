//! A fake consent that grants the patient summary and records what it was asked.

use super::*;

/// Grants the patient summary of everybody. A caller of the practice `Y90002` has a relationship.
pub struct FakeConsent(pub SigningKey, pub Arc<Mutex<Vec<AccessKind>>>);

#[async_trait]
impl Consent for FakeConsent {
    async fn decide(&self, caller: &Caller, ask: DecisionRequest) -> Result<Decision, Failure> {
        self.1.lock().unwrap().push(ask.what);
        let grants = [(SourceId::new("patient-index"), Dataset::Demographics)];
        let people = ask.people.iter().map(|one| PersonGrant {
            person: one.person,
            index_version: one.index_version,
            epoch: 1,
            relationship: relationship_of(caller).to_owned(),
            grants: grants.iter().cloned().collect(),
            withheld: vec![],
            clearances: BTreeSet::new(),
            hide: BTreeSet::new(),
        });
        let now = lcr_model::Clock::now(&SystemClock).as_second();
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
            people: people.collect(),
        };
        let permit = self.0.sign(PERMIT_TYP, &claims).map_err(Failure::internal)?;
        Ok(Decision { permit: Some(permit), refused: vec![] })
    }

    async fn confirm(&self, _: &Caller, _: Confirm) -> Result<bool, Failure> {
        Ok(true)
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
    async fn withdraw(&self, _: &Caller, _: PersonId, _: uuid::Uuid) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }
    async fn review(&self, _: &Caller, _: PersonId, _: uuid::Uuid, _: Review) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }
}

fn relationship_of(caller: &Caller) -> &'static str {
    if caller.actor.org == OdsCode::new("Y90002") { "registered at Beckside Surgery" } else { "" }
}
