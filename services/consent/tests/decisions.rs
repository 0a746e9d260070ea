//! Decisions from facts (X-02, ACCESS.md).

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "decisions/every_combination.rs"]
mod every_combination;
#[path = "decisions/matrix.rs"]
mod matrix;
#[path = "decisions/new_links.rs"]
mod new_links;
#[path = "decisions/objections.rs"]
mod objections;
#[path = "decisions/random_facts.rs"]
mod random_facts;
#[path = "decisions/schedule.rs"]
mod schedule;
#[path = "decisions/sources.rs"]
mod sources;

use std::{collections::BTreeSet, sync::OnceLock};

use lcr_consent::domain::{
    Facts,
    choices::Objection,
    decide,
    policies::{Act, OverridePolicy, PersonFacts, Policies},
    shows_more,
};
use lcr_contracts::{
    audit::AccessKind,
    choices::Direction,
    consent::Refusal,
    registry::{DatasetSwitch, Declined, Organisation, PartnerState, Stage, StageRule, System, SystemSetup},
    vocabulary::SystemKind,
};
use lcr_model::{
    Actor, ActorKind, CareLinkKind, ClaimReason, Clearance, Dataset, Label, OdsCode, OverrideReason, PersonId, Purpose,
    Relationship, RelationshipKind, Role, SessionId, SourceId, UserId,
    permit::{Hide, PersonGrant, WithheldReason},
};

const PRACTICE: &str = "Y90001";

/// Every owner of a system has signed the agreement.
static NOBODY: BTreeSet<OdsCode> = BTreeSet::new();

fn policies() -> &'static Policies {
    static SHIPPED: OnceLock<Policies> = OnceLock::new();
    SHIPPED.get_or_init(|| Policies::shipped(OverridePolicy::NoOverride).unwrap())
}

fn emergency_policies() -> &'static Policies {
    static SHIPPED: OnceLock<Policies> = OnceLock::new();
    SHIPPED.get_or_init(|| Policies::shipped(OverridePolicy::EmergencyOverride).unwrap())
}

fn actor(role: Role, org: &str) -> Actor {
    Actor {
        user: UserId::new("user-1"),
        kind: ActorKind::Person,
        name: "Dr Test".into(),
        org: OdsCode::new(org),
        role,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    }
}

fn system(id: &str, discreet: bool, suspended: bool, switch: DatasetSwitch) -> System {
    System {
        id: SourceId::new(id),
        name: id.into(),
        organisation: OdsCode::new("Z9H01"),
        base_url: String::new(),
        kind: SystemKind::Hospital,
        authority: false,
        discreet,
        datasets: Dataset::ALL.iter().map(|dataset| (*dataset, switch)).collect(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended,
        setup: SystemSetup::default(),
        feed: None,
    }
}

/// The reader's practice, whose schedule has these datasets. `None`: its agreement is on paper.
fn practice(receives: Option<BTreeSet<Dataset>>) -> Organisation {
    Organisation {
        ods: OdsCode::new(PRACTICE),
        name: "Beckside Surgery".into(),
        kind: "gp-practice".into(),
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state: PartnerState::Live,
        receives,
    }
}

fn registered() -> Relationship {
    Relationship::RegisteredPractice { organisation: "Beckside Surgery".into() }
}

fn in_hospital() -> Relationship {
    Relationship::InHospital { organisation: "St Hilda's".into() }
}

fn left_hospital() -> Relationship {
    Relationship::LeftHospital { organisation: "St Hilda's".into() }
}

fn team_area() -> Relationship {
    Relationship::TeamArea { organisation: "Beck Valley Team".into() }
}

fn objection(direction: Direction, organisation: Option<&str>) -> Vec<Objection> {
    vec![Objection { direction, organisation: organisation.map(OdsCode::new) }]
}

/// The facts of a person who is registered at the practice, without any obstacle.
fn permitted_facts(systems: &[System]) -> Facts<'_> {
    Facts {
        person: PersonId::new(),
        known_version: Some(3),
        asked_version: 3,
        practice: Some(PRACTICE),
        relationships: vec![registered()],
        unconfirmed_launch: false,
        restricted: false,
        objections: vec![],
        session_ended: false,
        agreement_signed: true,
        organisation: None,
        organisations: &[],
        systems,
        unsigned_owners: &NOBODY,
        epoch: 7,
    }
}

fn open(actor: &Actor, facts: &Facts<'_>) -> Result<PersonGrant, Refusal> {
    decide(policies(), actor, AccessKind::Record, Dataset::ALL, facts)
}

/// Every relationship that consent finds, an override apart.
fn all_relationships() -> Vec<Relationship> {
    let organisation = || "Beckside".to_owned();
    let fixed = [
        Relationship::OwnRecord,
        registered(),
        in_hospital(),
        left_hospital(),
        team_area(),
        Relationship::HoldsRecord,
        Relationship::NamedInChoice,
        Relationship::FormerPractice { organisation: organisation() },
        Relationship::PracticeSession { organisation: organisation() },
        Relationship::Launched { organisation: organisation() },
        Relationship::SelfClaimed { reason: ClaimReason::Covering },
    ];
    let links = CareLinkKind::KNOWN.map(|kind| Relationship::CareLink { kind, organisation: organisation() });
    fixed.into_iter().chain(links).collect()
}

#[test]
fn the_list_policy_grants_a_ward_row_and_an_objection_closes_it() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let datasets = [Dataset::Encounters, Dataset::Results, Dataset::Documents];
    let list =
        |role, facts: &Facts<'_>| decide(policies(), &actor(role, PRACTICE), AccessKind::WardList, &datasets, facts);
    let seen = |grant: &PersonGrant| grant.grants.iter().map(|(_, dataset)| *dataset).collect::<Vec<_>>();
    let gp = list(Role::Gp, &permitted_facts(&systems)).unwrap();
    assert_eq!(seen(&gp).len(), 3);
    // Reception sees the list, and no results on it.
    assert!(!seen(&list(Role::Receptionist, &permitted_facts(&systems)).unwrap()).contains(&Dataset::Results));
    let area = Facts { relationships: vec![team_area()], ..permitted_facts(&systems) };
    let row = list(Role::CommunityNurse, &area).unwrap();
    assert_eq!((seen(&row), row.clearances.contains(&Clearance::WardListRowOnly)), (vec![Dataset::Encounters], true));
    assert_eq!(open(&actor(Role::CommunityNurse, PRACTICE), &area), Err(Refusal::NoRelationship));
    let objected = Facts { objections: objection(Direction::Whole, None), ..permitted_facts(&systems) };
    assert_eq!(list(Role::Gp, &objected), Err(Refusal::Objected));
    let restricted = Facts { restricted: true, ..area };
    assert_eq!(list(Role::CommunityNurse, &restricted), Err(Refusal::NoRelationship));
}

#[test]
fn without_a_relationship_or_an_agreement_nothing_opens() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let gp = actor(Role::Gp, PRACTICE);
    assert!(open(&gp, &permitted_facts(&systems)).is_ok());
    let unlinked = Facts { relationships: vec![], ..permitted_facts(&systems) };
    assert_eq!(open(&gp, &unlinked), Err(Refusal::NoRelationship));
    let wrongly = Facts { relationships: vec![in_hospital()], ..permitted_facts(&systems) };
    assert_eq!(open(&gp, &wrongly), Err(Refusal::NoRelationship), "a link of another kind of place");
    let unsigned = Facts { agreement_signed: false, ..permitted_facts(&systems) };
    assert!(open(&gp, &unsigned).is_err());
    for what in [AccessKind::Search, AccessKind::Identity, AccessKind::Review, AccessKind::CareList] {
        let seen = |facts: &Facts<'_>| decide(policies(), &gp, what, &[Dataset::Demographics], facts).is_ok();
        assert!(seen(&permitted_facts(&systems)) && !seen(&unsigned), "{what:?}");
    }
    for role in [Role::Commissioner, Role::PrivacyOfficer, Role::OrgAdmin, Role::FeedsClient, Role::Patient] {
        assert_eq!(open(&actor(role, PRACTICE), &permitted_facts(&systems)), Err(Refusal::Role), "{role}");
    }
}

#[test]
fn an_old_copy_or_an_ended_session_grants_nothing() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let gp = actor(Role::Gp, PRACTICE);
    let behind = Facts { known_version: Some(2), ..permitted_facts(&systems) };
    assert_eq!(open(&gp, &behind), Err(Refusal::CatchingUp));
    let unknown = Facts { known_version: None, ..permitted_facts(&systems) };
    assert_eq!(open(&gp, &unknown), Err(Refusal::CatchingUp));
    let ended = Facts { session_ended: true, ..permitted_facts(&systems) };
    for what in [AccessKind::Record, AccessKind::Search, AccessKind::Identity, AccessKind::Fhir] {
        assert_eq!(decide(policies(), &gp, what, Dataset::ALL, &ended), Err(Refusal::SessionEnded));
    }
}

#[test]
fn only_the_registered_practice_sees_where_a_restricted_person_is() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let restricted = Facts { restricted: true, ..permitted_facts(&systems) };
    let theirs = open(&actor(Role::Gp, PRACTICE), &restricted).unwrap();
    assert!(theirs.hide.is_empty(), "the registered practice knows the address");
    let hospital = Facts { relationships: vec![in_hospital()], ..restricted.clone() };
    for role in [Role::WardNurse, Role::Consultant, Role::EdClinician] {
        let seen = open(&actor(role, "Z9H01"), &hospital).unwrap().hide;
        assert!(seen.contains(&Hide::Location), "{role}: a reader of the hospital is not the treating ward");
    }
    let facts = PersonFacts {
        relationship: RelationshipKind::OnTheWard,
        objected: false,
        agreement_signed: true,
        restricted: true,
    };
    assert!(policies().permits(Role::WardNurse, Act::Locate, facts), "the treating ward sees the location");
    let left = Facts { relationships: vec![left_hospital()], ..restricted.clone() };
    assert!(!open(&actor(Role::WardNurse, "Z9H01"), &left).unwrap().hide.is_empty(), "not after the discharge");
    let restricted = Facts { relationships: vec![], ..restricted };
    let found =
        |who: &Actor| decide(policies(), who, AccessKind::Search, &[Dataset::Demographics], &restricted).unwrap().hide;
    for who in [actor(Role::Gp, "Y90002"), actor(Role::Consultant, "Z9H01"), actor(Role::DataSteward, "Z9L01")] {
        for hidden in [Hide::Address, Hide::Phone, Hide::Gp, Hide::Location] {
            assert!(found(&who).contains(&hidden), "{} of {}", who.role, who.org);
        }
    }
}
