//! A permit counts only for the view, session and service that asked for it, and a changed decision stops a whole list.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};

use lcr_auth::KeyRing;
use lcr_authorise::Authoriser;
use lcr_contracts::{
    Caller, Failure, FailureKind,
    audit::AccessKind,
    consent::{Confirm, DecisionRequest},
};
use lcr_model::{
    Actor, ActorKind, Dataset, OdsCode, PermitClaims, PersonId, Purpose, Role, ServiceName, SessionId, SigningKey,
    SystemClock, UserId, ViewId,
};
use lcr_testkit::{Answer, ConsentRules, FakeConsent};
use uuid::Uuid;

/// Rules that sign whatever a test wants.
struct TestRules {
    change: fn(&mut PermitClaims),
    /// People whose decision has changed.
    changed: Mutex<Vec<PersonId>>,
}

impl ConsentRules for TestRules {
    fn decide(&self, caller: &Caller, ask: &DecisionRequest) -> Result<Answer, Failure> {
        assert_eq!((caller.service, ask.audience), (ServiceName::VirtualWard, ServiceName::VirtualWard));
        Ok((vec![], vec![]))
    }

    fn confirm(&self, confirm: &Confirm) -> bool {
        !self.changed.lock().unwrap().contains(&confirm.person)
    }

    fn change_claims(&self, claims: &mut PermitClaims) {
        (self.change)(claims);
    }
}

fn authoriser(change: fn(&mut PermitClaims)) -> (Authoriser, Arc<TestRules>) {
    let key = SigningKey::generate().unwrap();
    let trusted = [(ServiceName::Consent, key.public().clone())];
    let keys = KeyRing::new(SigningKey::generate().unwrap(), trusted);
    let rules = Arc::new(TestRules { change, changed: Mutex::default() });
    let clock = Arc::new(SystemClock);
    let consent = Arc::new(FakeConsent { rules: rules.clone(), key, clock: clock.clone() });
    (Authoriser { service: ServiceName::VirtualWard, consent, keys, clock }, rules)
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
    let (authoriser, rules) = authoriser(|_| ());
    let people: Vec<_> = (0..40).map(|_| (PersonId::new(), 1)).collect();
    assert!(authoriser.confirm_all(&caller(), people.clone()).await.unwrap());
    rules.changed.lock().unwrap().push(people[37].0);
    assert!(!authoriser.confirm_all(&caller(), people).await.unwrap());
}
