//! Tests of `recorded_views.rs`.

use lcr_model::{Actor, ActorKind, Purpose, Role, ServiceName, UserId};

use super::*;

fn caller() -> Caller {
    let actor = Actor {
        user: UserId::new("u"),
        kind: ActorKind::Person,
        name: "Dr Ravi Menon".into(),
        org: OdsCode::new("Z9H01"),
        role: Role::Consultant,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    };
    lcr_testkit::caller(ServiceName::RecordAggregation, actor)
}

fn grant(relationship: Relationship) -> PersonGrant {
    PersonGrant {
        person: PersonId(uuid::Uuid::from_u128(1)),
        index_version: 1,
        epoch: 1,
        relationship: Some(relationship),
        grants: BTreeSet::from([(SourceId::new("st-hildas"), Dataset::Allergies)]),
        withheld: vec![],
        clearances: BTreeSet::new(),
        hide: BTreeSet::new(),
        sharing: None,
        labels: BTreeSet::new(),
        dataset_labels: BTreeSet::new(),
        closed_units: BTreeSet::new(),
    }
}

#[test]
fn a_view_that_another_relationship_opens_is_recorded_again() {
    let (views, caller) = (RecordedViews::default(), caller());
    let ask = |what| DecisionRequest {
        audience: ServiceName::RecordAggregation,
        view: ViewId(uuid::Uuid::from_u128(2)),
        what,
        people: vec![lcr_contracts::consent::RequestedPerson {
            person: PersonId(uuid::Uuid::from_u128(1)),
            index_version: 1,
            identities: vec![],
        }],
        datasets: vec![Dataset::Allergies],
    };
    let stay = || vec![grant(Relationship::InHospital { organisation: "St Hilda's".into() })];
    let launch = || vec![grant(Relationship::Launched { organisation: "St Hilda's".into() })];
    views.record(&caller, &ask(AccessKind::Record), &stay());
    assert!(views.is_recorded(&caller, &ask(AccessKind::Record), &stay()));
    assert!(!views.is_recorded(&caller, &ask(AccessKind::Record), &launch()));
    assert!(views.is_recorded(&caller, &ask(AccessKind::Identity), &launch()), "the summary is part of every view");
}
