//! Organisations, a source and care links, for tests.

use super::*;

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn link(kind: CareLinkKind, from: Option<&str>, until: Option<&str>) -> CareLink {
    let (from, until) = (from.map(at), until.map(at));
    CareLink { kind, organisation: OdsCode::new("Z9C01"), team: None, from, until, stands: true }
}

pub(super) fn organisation(ods: &str, kind: &str, part_of: Option<&str>) -> Organisation {
    Organisation {
        ods: OdsCode::new(ods),
        name: ods.into(),
        kind: kind.into(),
        agreement_signed: true,
        part_of: part_of.map(OdsCode::new),
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    }
}

pub(super) fn system(id: &str, ods: &str) -> System {
    System {
        id: SourceId::new(id),
        name: id.into(),
        organisation: OdsCode::new(ods),
        base_url: "https://fhir.example/R4".into(),
        kind: "community".into(),
        authority: false,
        discreet: false,
        datasets: GIVEN.map(|dataset| (dataset, DatasetSwitch::On)).into(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}

/// A community trust with a team, and a hospital.
pub(super) fn registry() -> Registry {
    Registry {
        organisations: vec![
            organisation("Z9C01", "community", None),
            organisation("Z9C02", "community", Some("Z9C01")),
            organisation("Z9H01", "acute", None),
        ],
        systems: vec![system("community", "Z9C01"), system("team", "Z9C02"), system("hospital", "Z9H01")],
    }
}

pub(super) fn stored(source: &str, link: CareLink) -> StoredLink {
    StoredLink { source: SourceId::new(source), arrived: at(ARRIVED), link }
}

pub(super) fn staff_of(ods: &str) -> Actor {
    Actor {
        user: UserId::new("user-1"),
        kind: ActorKind::Person,
        name: String::new(),
        org: OdsCode::new(ods),
        role: Role::CommunityNurse,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    }
}

pub(super) fn kinds(links: &[StoredLink], registry: &Registry, reader: &str, now: &str) -> Vec<RelationshipKind> {
    let (actor, reader) = (staff_of(reader), registry.organisation(&OdsCode::new(reader)).unwrap());
    relationships(links, registry, &actor, reader, at(now)).iter().map(Relationship::kind).collect()
}

pub(super) fn switch_off(system: &mut System, dataset: Dataset, receiver: Option<&str>) {
    let receiver = receiver.map(OdsCode::new);
    system.setup.stages.set(StageRule { dataset, unit: None, receiver, stage: Stage::Off });
}
