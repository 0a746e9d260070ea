//! Relationships follow from evidence and end with it.

use lcr_contracts::registry::{DatasetSwitch, PartnerState, Stage, StageRule, System, SystemSetup};
use lcr_model::{ActorKind, OdsCode, Purpose, RelationshipKind, SessionId, SourceId, UserId};

use super::*;

const NOW: &str = "2026-11-22T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn actor(role: Role, org: &str) -> Actor {
    Actor {
        user: UserId::new("u"),
        kind: ActorKind::Person,
        name: "Dr Ravi Menon".into(),
        org: OdsCode::new(org),
        role,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    }
}

fn stay(org: &str, from: &str, until: Option<&str>, counts: bool) -> Stay {
    Stay {
        person: None,
        source: SourceId::new("st-hildas"),
        organisation: OdsCode::new(org),
        ward: None,
        from: at(from),
        until: until.map(at),
        counts,
    }
}

/// The hospital and its system, which gives its stays.
fn hospital() -> Registry {
    let system = System {
        id: SourceId::new("st-hildas"),
        name: "St Hilda's".into(),
        organisation: OdsCode::new("Z9H01"),
        base_url: String::new(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: [(Dataset::Encounters, DatasetSwitch::On), (Dataset::Results, DatasetSwitch::On)].into(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        feed: None,
        setup: SystemSetup::default(),
    };
    Registry { organisations: vec![organisation("Z9H01", "acute", None)], systems: vec![system] }
}

fn kinds(role: Role, org: &str, stays: &[Stay]) -> Vec<RelationshipKind> {
    kinds_in(&hospital(), role, org, stays)
}

fn kinds_in(registry: &Registry, role: Role, org: &str, stays: &[Stay]) -> Vec<RelationshipKind> {
    let reader = registry.organisation(&OdsCode::new(org));
    let evidence = Evidence { practice_code: Some("Y90001"), stays, reader, ..nothing(registry) };
    find_all(&actor(role, org), evidence, at(NOW)).into_iter().map(|link| link.kind()).collect()
}

fn nothing(registry: &Registry) -> Evidence<'_> {
    Evidence {
        own: false,
        practice: None,
        practice_code: None,
        former_practice: None,
        stays: &[],
        links: &[],
        reader: None,
        registry,
    }
}

fn organisation(ods: &str, kind: &str, part_of: Option<&str>) -> Organisation {
    Organisation {
        ods: OdsCode::new(ods),
        name: "Beckside".into(),
        kind: kind.into(),
        agreement_signed: true,
        part_of: part_of.map(OdsCode::new),
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    }
}

#[test]
fn an_in_patient_is_linked_only_to_their_hospital() {
    let stays = [stay("Z9H01", "2026-11-20T08:00:00Z", None, true)];
    assert_eq!(kinds(Role::Consultant, "Z9H01", &stays), [RelationshipKind::InPatientHere]);
    assert!(kinds(Role::Consultant, "Z9H02", &stays).is_empty());
}

/// a source that shows a reader no stays opens no other source's record to them, now or after a discharge.
#[test]
fn a_stay_of_a_source_that_is_off_for_the_reader_links_nobody() {
    let here = [stay("Z9H01", "2026-11-20T08:00:00Z", None, true)];
    let left = [stay("Z9H01", "2026-11-10T08:00:00Z", Some("2026-11-20T08:00:00Z"), true)];
    let rule = |dataset, receiver: Option<&str>, stage| {
        let mut registry = hospital();
        let receiver = receiver.map(OdsCode::new);
        registry.systems[0].setup.stages.set(StageRule { dataset, unit: None, receiver, stage });
        registry
    };
    let mut testing = rule(Dataset::Encounters, None, Stage::SafetyTesters);
    testing.systems[0].setup.stages.testers.insert(UserId::new("u"));
    let mut suspended = hospital();
    suspended.systems[0].suspended = true;
    let mut unsigned = hospital();
    unsigned.organisations[0].agreement_signed = false;
    let mut not_agreed = hospital();
    not_agreed.systems[0].datasets.insert(Dataset::Encounters, DatasetSwitch::NotAgreed);
    let unknown = Registry { systems: vec![], ..hospital() };
    for (case, registry, counts) in [
        ("on", hospital(), true),
        ("off for all", rule(Dataset::Encounters, None, Stage::Off), false),
        ("off for this organisation", rule(Dataset::Encounters, Some("Z9H01"), Stage::Off), false),
        ("off for another organisation", rule(Dataset::Encounters, Some("Z9H02"), Stage::Off), true),
        ("another dataset is off", rule(Dataset::Results, None, Stage::Off), true),
        ("tried by others", rule(Dataset::Encounters, None, Stage::SafetyTesters), false),
        ("tried by the reader", testing, true),
        ("suspended", suspended, false),
        ("its owner has not signed", unsigned, false),
        ("not agreed", not_agreed, false),
        ("not in the registry", unknown, false),
    ] {
        let found = |stays: &[Stay]| !kinds_in(&registry, Role::Consultant, "Z9H01", stays).is_empty();
        assert_eq!((found(&here), found(&left)), (counts, counts), "{case}");
    }
}

/// A change of the address of a hospital's system takes it out of live until its check has passed.
#[test]
fn a_hospital_keeps_its_patients_while_its_own_system_waits_for_a_check() {
    let stays = [stay("Z9H01", "2026-11-20T08:00:00Z", None, true)];
    let with = |change: &dyn Fn(&mut Registry)| {
        let mut registry = hospital();
        registry.systems[0].setup.interrupt(at("2026-11-21T12:00:00Z"));
        change(&mut registry);
        !kinds_in(&registry, Role::Consultant, "Z9H01", &stays).is_empty()
    };
    assert!(with(&|_: &mut Registry| {}));
    assert!(!with(&|registry: &mut Registry| registry.systems[0].setup.end_live()), "it was taken out of live");
    assert!(!with(&|registry: &mut Registry| registry.systems[0].suspended = true));
    assert!(!with(&|registry: &mut Registry| registry.systems[0].setup.removed = true));
    assert!(!with(&|registry: &mut Registry| registry.systems[0].setup.needs_check = Some(true)), "it had left");
    assert!(!with(&|registry: &mut Registry| registry.organisations[0].state = PartnerState::Left));
    let off = StageRule { dataset: Dataset::Encounters, unit: None, receiver: None, stage: Stage::Off };
    assert!(!with(&|registry: &mut Registry| registry.systems[0].setup.stages.set(off.clone())));
    let others = |registry: &mut Registry| {
        registry.organisations.push(organisation("Z9H02", "acute", None));
        registry.systems[0].organisation = OdsCode::new("Z9H02");
    };
    assert!(!with(&others), "another organisation's system");
}

#[test]
fn the_discharging_hospital_keeps_its_link_for_exactly_28_days() {
    let left = |until| [stay("Z9H01", "2026-10-01T08:00:00Z", Some(until), true)];
    let on_day_28 = kinds(Role::WardNurse, "Z9H01", &left("2026-10-26T00:00:00Z"));
    assert_eq!(on_day_28, [RelationshipKind::LeftHere28Days]);
    assert!(kinds(Role::WardNurse, "Z9H01", &left("2026-10-25T23:59:59Z")).is_empty());
}

#[test]
fn a_cancelled_or_future_admission_links_nobody() {
    let stays = [stay("Z9H01", "2026-11-20T08:00:00Z", None, false), stay("Z9H01", "2026-11-23T08:00:00Z", None, true)];
    assert!(kinds(Role::Consultant, "Z9H01", &stays).is_empty());
}

#[test]
fn a_team_is_linked_to_its_area_and_a_patient_only_to_their_own_record() {
    let (practice, team) =
        (organisation("Y90001", "gp-practice", Some("Z9T01")), organisation("Z9T01", "neighbourhood-team", None));
    let registry = Registry::default();
    let mut evidence = Evidence {
        practice: Some(&practice),
        practice_code: Some("Y90001"),
        reader: Some(&team),
        ..nothing(&registry)
    };
    let area = Relationship::TeamArea { organisation: "Beckside".into() };
    assert_eq!(find_all(&actor(Role::CommunityNurse, "Z9T01"), evidence, at(NOW)), [area]);
    let patient = actor(Role::Patient, "Y90001");
    assert!(find_all(&patient, evidence, at(NOW)).is_empty(), "a patient gets nothing from an organisation");
    evidence.own = true;
    assert_eq!(find_all(&patient, evidence, at(NOW)), [Relationship::OwnRecord]);
}

#[test]
fn the_practice_that_the_person_left_keeps_its_link_for_28_days() {
    let registry = Registry::default();
    let found = |left: &str, current: &str| {
        let former_practice = Some(("Y90002", at(left)));
        let evidence = Evidence { practice_code: Some(current), former_practice, ..nothing(&registry) };
        let found = find_all(&actor(Role::Gp, "Y90002"), evidence, at(NOW));
        found.into_iter().map(|link| link.kind()).collect::<Vec<_>>()
    };
    assert_eq!(found("2026-10-26T00:00:00Z", "Y90001"), [RelationshipKind::FormerPractice28Days]);
    assert!(found("2026-10-25T22:59:59Z", "Y90001").is_empty());
    assert_eq!(found("2026-11-20T00:00:00Z", "Y90002"), [RelationshipKind::RegisteredPractice], "they came back");
}

#[test]
fn a_hub_is_linked_to_the_patients_of_the_practices_that_it_serves() {
    let practice = organisation("Y90001", "gp-practice", None);
    let hub = Organisation { serves: vec![OdsCode::new("Y90001")], ..organisation("Z9X01", "out-of-hours", None) };
    let registry = Registry::default();
    let found = |code| {
        let evidence =
            Evidence { practice: Some(&practice), practice_code: Some(code), reader: Some(&hub), ..nothing(&registry) };
        find_all(&actor(Role::Gp, "Z9X01"), evidence, at(NOW))
    };
    assert_eq!(found("Y90001"), [Relationship::PracticeSession { organisation: "Beckside".into() }]);
    assert!(found("Y90002").is_empty());
}
