//! A permit counts only for the view, session and service that asked for it, and a changed decision stops a whole list.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use lcr_auth::KeyRing;
use lcr_authorise::Authoriser;
use lcr_contracts::{
    Caller, Consent, Failure, FailureKind,
    audit::AccessKind,
    choices::{Choices, NewChoice, Receipt, Review},
    consent::{Confirm, Decision, DecisionRequest, Explanation},
};
use lcr_model::{
    Actor, ActorKind, Clock, Dataset, OdsCode, PersonId, Purpose, Role, ServiceName, SessionId, SigningKey,
    SystemClock, UserId, ViewId,
    permit::{PERMIT_TYP, PermitClaims},
};
use uuid::Uuid;

/// Consent that signs whatever a test wants it to.
struct FakeConsent {
    key: SigningKey,
    change: fn(&mut PermitClaims),
    /// People whose decision has changed.
    changed: Mutex<Vec<PersonId>>,
}

#[async_trait]
impl Consent for FakeConsent {
    async fn decide(&self, caller: &Caller, ask: DecisionRequest) -> Result<Decision, Failure> {
        assert_eq!((caller.service, ask.audience), (ServiceName::VirtualWard, ServiceName::VirtualWard));
        let now = SystemClock.now().as_second();
        let mut claims = PermitClaims {
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
            people: vec![],
        };
        (self.change)(&mut claims);
        Ok(Decision { permit: Some(self.key.sign(PERMIT_TYP, &claims).unwrap()), refused: vec![] })
    }
    async fn confirm(&self, _: &Caller, confirm: Confirm) -> Result<bool, Failure> {
        Ok(!self.changed.lock().unwrap().contains(&confirm.person))
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

fn authoriser(change: fn(&mut PermitClaims)) -> (Authoriser, Arc<FakeConsent>) {
    let key = SigningKey::generate().unwrap();
    let trusted = [(ServiceName::Consent, key.public().clone())];
    let keys = KeyRing::new(SigningKey::generate().unwrap(), trusted);
    let consent = Arc::new(FakeConsent { key, change, changed: Mutex::default() });
    let clock = Arc::new(SystemClock);
    (Authoriser { service: ServiceName::VirtualWard, consent: consent.clone(), keys, clock }, consent)
}

fn caller() -> Caller {
    let actor = Actor {
        user: UserId::new("u1"),
        kind: ActorKind::Person,
        name: "Dr Aisha Khan".into(),
        org: OdsCode::new("Y90001"),
        role: Role::Gp,
        purpose: Purpose::DirectCare,
        session: SessionId(Uuid::nil()),
    };
    lcr_testkit::caller(ServiceName::Gateway, actor)
}

async fn decide(change: fn(&mut PermitClaims)) -> Result<bool, FailureKind> {
    let (authoriser, _) = authoriser(change);
    let datasets = vec![Dataset::Encounters];
    let decided = authoriser.decide(&caller(), ViewId::new(), AccessKind::WardList, vec![], datasets).await;
    decided.map(|authorisation| authorisation.permit.is_some()).map_err(|failure| failure.kind)
}

#[tokio::test]
async fn a_permit_counts_only_for_its_view_session_and_service() {
    assert_eq!(decide(|_| ()).await, Ok(true));
    assert_eq!(decide(|claims| claims.view_id = ViewId::new()).await, Err(FailureKind::Internal));
    assert_eq!(decide(|claims| claims.session = SessionId(Uuid::now_v7())).await, Err(FailureKind::Internal));
    assert_eq!(decide(|claims| claims.aud = ServiceName::PatientIndex).await, Err(FailureKind::Internal));
}

#[tokio::test]
async fn a_list_is_confirmed_only_if_every_decision_still_holds() {
    let (authoriser, consent) = authoriser(|_| ());
    let people: Vec<_> = (0..40).map(|_| (PersonId::new(), 1)).collect();
    assert!(authoriser.confirm_all(&caller(), people.clone()).await.unwrap());
    consent.changed.lock().unwrap().push(people[37].0);
    assert!(!authoriser.confirm_all(&caller(), people).await.unwrap());
}
