//! The entries that tests append, and their callers.

use lcr_contracts::{
    Caller,
    audit::{AccessKind, OpenEntry, Outcome},
};
use lcr_model::{
    Actor, ActorKind, Clock, OdsCode, PersonId, Purpose, Role, ServiceName, SessionId, SystemClock, UserId, ViewId,
};
use uuid::Uuid;

pub(super) fn officer() -> Actor {
    Actor {
        user: UserId::new("u"),
        kind: ActorKind::Person,
        name: "Helen Proctor".into(),
        org: OdsCode::new("Z9H01"),
        role: Role::PrivacyOfficer,
        purpose: Purpose::Audit,
        session: SessionId::new(),
    }
}

pub fn consent() -> Caller {
    lcr_testkit::caller(ServiceName::Consent, officer())
}

pub fn entry() -> OpenEntry {
    let person = PersonId::new();
    OpenEntry {
        id: Uuid::now_v7(),
        view: ViewId::new(),
        at: SystemClock.now(),
        actor: officer(),
        audience: ServiceName::RecordAggregation,
        what: AccessKind::Record,
        outcome: Outcome::Allowed,
        reason: "registered at Beckside Surgery".to_owned().into(),
        people: vec![person],
        datasets: vec![],
        policy_version: "1".into(),
        choice: None,
        concerned: [(OdsCode::new("Y90001"), vec![person])].into(),
    }
}
