//! Organisations, systems and readers of the tests.

use super::*;

pub fn organisation(ods: &str, kind: &str) -> Organisation {
    Organisation {
        ods: OdsCode::new(ods),
        name: ods.into(),
        kind: kind.into(),
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    }
}

pub fn system() -> System {
    System {
        id: SourceId::new("st-hildas"),
        name: "St Hilda's".into(),
        organisation: OdsCode::new(HOSPITAL),
        base_url: "https://fhir.example/R4".into(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: [(Dataset::Allergies, DatasetSwitch::On), (Dataset::Encounters, DatasetSwitch::On)].into(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}

pub fn caller(role: Role, org: &str) -> Caller {
    let patient = role == Role::Patient;
    let actor = Actor {
        user: UserId::new(if patient { "patient-user" } else { "staff-user" }),
        kind: if patient { ActorKind::Patient } else { ActorKind::Person },
        name: "Somebody".into(),
        org: OdsCode::new(org),
        role,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    };
    lcr_testkit::caller(ServiceName::RecordAggregation, actor)
}

pub fn identity(source: &str, local: &str) -> SourceIdentity {
    SourceIdentity { source: SourceId::new(source), local_id: LocalId(local.into()) }
}
