//! Decisions from facts. `tests/golden/access-matrix.txt` holds the whole matrix of roles and datasets, so that every
//! change of a policy shows there (X-02, ACCESS.md).

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeMap, fmt::Write, sync::OnceLock};

use lcr_consent::domain::{
    Facts,
    choices::Objection,
    decide,
    policies::{Act, PersonFacts, Policies},
};
use lcr_contracts::{
    audit::AccessKind,
    choices::Direction,
    consent::Refusal,
    registry::{DatasetSwitch, System},
    vocabulary::SystemKind,
};
use lcr_model::{
    Actor, ActorKind, Clearance, Dataset, OdsCode, PersonId, Purpose, Relationship, RelationshipKind, Role, SessionId,
    SourceId, UserId,
    permit::{Hide, PersonGrant, WithheldReason},
};
use proptest::prelude::*;

const PRACTICE: &str = "Y90001";
/// The kinds of source.
static KINDS: [SystemKind; 7] = [
    SystemKind::Gp,
    SystemKind::Hospital,
    SystemKind::Community,
    SystemKind::MentalHealth,
    SystemKind::SocialCare,
    SystemKind::Authority,
    SystemKind::Added,
];

fn policies() -> &'static Policies {
    static SHIPPED: OnceLock<Policies> = OnceLock::new();
    SHIPPED.get_or_init(|| Policies::shipped().unwrap())
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
        feed: None,
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
        restricted: false,
        objections: vec![],
        session_ended: false,
        agreement_signed: true,
        systems,
        epoch: 7,
    }
}

fn open(actor: &Actor, facts: &Facts<'_>) -> Result<PersonGrant, Refusal> {
    decide(policies(), actor, AccessKind::Record, Dataset::ALL, facts)
}

#[test]
fn the_matrix_of_roles_and_datasets_is_the_agreed_one() {
    let mut text = String::from(
        "What each role sees of whom it has a relationship to, from services/consent/policies.\n\
         In brackets: the part that is seen. Apart: kinds of source that it is told nothing of.\n",
    );
    for role in Role::ALL {
        let (mut sees, mut never) = (vec![], vec![]);
        for dataset in Dataset::ALL {
            match policies().dataset_limits(*role, *dataset) {
                Some(limits) if limits.is_empty() => sees.push(dataset.to_string()),
                Some(limits) => sees.push(format!("{dataset} ({})", words(&limits, *dataset))),
                None => never.push(dataset.to_string()),
            }
        }
        let line = |names: &[String]| if names.is_empty() { "–".into() } else { names.join(", ") };
        let apart = KINDS.iter().filter(|kind| !policies().can_ask(*role, kind));
        let apart: Vec<String> = apart.map(ToString::to_string).collect();
        let rows =
            [("sees", line(&sees)), ("never", line(&never)), ("apart", line(&apart)), ("acts", permitted_acts(*role))];
        let _ = writeln!(text, "\n{role}");
        for (name, words) in rows {
            let _ = writeln!(text, "  {name:<6} {words}");
        }
    }
    lcr_testkit::golden::compare("access-matrix.txt", &text).unwrap();
}

fn words(limits: &std::collections::BTreeSet<Clearance>, dataset: Dataset) -> String {
    let prefix = format!("{dataset}:");
    limits
        .iter()
        .map(|limit| limit.as_str().strip_prefix(&prefix).unwrap_or(limit.as_str()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Every relationship that consent finds and a policy names.
fn all_relationships() -> Vec<Relationship> {
    vec![
        Relationship::OwnRecord,
        registered(),
        in_hospital(),
        left_hospital(),
        team_area(),
        Relationship::HoldsRecord,
        Relationship::NamedInChoice,
    ]
}

/// The acts that a role may do, and to whom.
fn permitted_acts(role: Role) -> String {
    let plain = PersonFacts {
        relationship: RelationshipKind::None,
        objected: false,
        agreement_signed: true,
        restricted: false,
    };
    let may = |act, facts| policies().act_limits(role, act, facts);
    let mut rows = vec![];
    let mut add = |words: String, limits: Option<std::collections::BTreeSet<Clearance>>| match limits {
        Some(limits) if limits.is_empty() => rows.push(words),
        Some(limits) => {
            rows.push(format!("{words} ({})", limits.into_iter().map(String::from).collect::<Vec<_>>().join(", ")));
        }
        None => {}
    };
    add("searches".into(), may(Act::Search, plain));
    add("finds who objected".into(), may(Act::Search, PersonFacts { objected: true, ..plain }));
    let acts = [
        (Act::Open, "opens"),
        (Act::List, "lists"),
        (Act::ReadChoices, "reads choices of"),
        (Act::Choose, "chooses for"),
        (Act::ReviewChoices, "reviews choices of"),
    ];
    let kinds = all_relationships().into_iter().map(|one| one.kind());
    for relationship in kinds.chain([RelationshipKind::None]) {
        for (act, verb) in acts {
            add(format!("{verb} {relationship}"), may(act, PersonFacts { relationship, ..plain }));
        }
        let closed = [Act::Open, Act::List].map(|act| {
            [
                (act, PersonFacts { relationship, objected: true, ..plain }, "who objected"),
                (act, PersonFacts { relationship, agreement_signed: false, ..plain }, "without an agreement"),
            ]
        });
        for (act, facts, words) in closed.into_iter().flatten() {
            add(format!("{act:?} {words}, {relationship}"), may(act, facts));
        }
        let restricted = PersonFacts { relationship, restricted: true, ..plain };
        add(format!("lists restricted {relationship}"), may(Act::List, restricted));
        add(format!("locates restricted {relationship}"), may(Act::Locate, restricted));
    }
    if rows.is_empty() { "–".into() } else { rows.join(", ") }
}

#[test]
fn each_direction_of_an_objection_closes_only_what_it_names() {
    let mut other = system("other", false, false, DatasetSwitch::On);
    other.organisation = OdsCode::new("Z9H02");
    let systems = [system("on", false, false, DatasetSwitch::On), other];
    let gp = actor(Role::Gp, PRACTICE);
    let with = |direction, ods| Facts { objections: objection(direction, Some(ods)), ..permitted_facts(&systems) };
    assert_eq!(open(&gp, &with(Direction::Into, PRACTICE)), Err(Refusal::Objected));
    assert!(open(&gp, &with(Direction::Into, "Z9H01")).is_ok(), "somebody else may not, this practice may");
    let grant = open(&gp, &with(Direction::OutOf, "Z9H01")).unwrap();
    assert!(grant.grants.iter().all(|(source, _)| source.as_str() == "other"));
    let opted = |one: &(SourceId, Dataset, WithheldReason)| one.2 == WithheldReason::OptedOut;
    assert!(grant.withheld.iter().any(|one| one.0.as_str() == "on" && opted(one)));
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
fn only_a_reader_with_a_relationship_learns_of_an_objection() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let objected = Facts { objections: objection(Direction::Whole, None), ..permitted_facts(&systems) };
    assert_eq!(open(&actor(Role::Gp, PRACTICE), &objected), Err(Refusal::Objected));
    let stranger = actor(Role::Consultant, "Z9H01");
    let unlinked = Facts { relationships: vec![], ..objected.clone() };
    assert_eq!(open(&stranger, &unlinked), Err(Refusal::NoRelationship), "as if there were no objection");
    // Search finds the patient summary of everybody (ACCESS.md, "Choices").
    let summary = decide(policies(), &stranger, AccessKind::Search, &[Dataset::Demographics], &objected).unwrap();
    assert_eq!(summary.grants.len(), 1);
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

#[test]
fn the_sources_that_share_something_do_not_depend_on_what_is_asked() {
    let mut partly = system("partly", false, false, DatasetSwitch::NotAgreed);
    partly.datasets.insert(Dataset::Results, DatasetSwitch::On);
    let systems = [
        system("open", false, false, DatasetSwitch::On),
        partly,
        system("closed", false, false, DatasetSwitch::NotAgreed),
        system("discreet", true, false, DatasetSwitch::On),
        system("suspended", false, true, DatasetSwitch::On),
    ];
    let (gp, facts) = (actor(Role::Gp, PRACTICE), permitted_facts(&systems));
    let asked_sets = Dataset::ALL.iter().map(std::slice::from_ref).chain([&[][..], Dataset::ALL]);
    for asked in asked_sets {
        let grant = decide(policies(), &gp, AccessKind::Record, asked, &facts).unwrap();
        let sharing: Vec<String> = grant.sharing.unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(sharing, ["open", "partly"], "{asked:?}");
    }
    let apart = System { kind: SystemKind::MentalHealth, ..system("apart", false, false, DatasetSwitch::On) };
    let systems = [apart];
    let manager = actor(Role::PracticeManager, PRACTICE);
    let grant = open(&manager, &permitted_facts(&systems)).unwrap();
    assert_eq!(grant.sharing, Some(std::collections::BTreeSet::new()), "nothing of it is open to this role");
}

#[test]
fn withheld_data_has_a_reason_and_a_discreet_source_is_never_granted() {
    let systems = [
        system("on", false, false, DatasetSwitch::On),
        system("not-agreed", false, false, DatasetSwitch::NotAgreed),
        system("not-connected", false, false, DatasetSwitch::NotConnected),
        system("discreet", true, false, DatasetSwitch::On),
        system("suspended", false, true, DatasetSwitch::On),
    ];
    let grant = open(&actor(Role::Receptionist, PRACTICE), &permitted_facts(&systems)).unwrap();
    assert!(grant.grants.iter().all(|(source, _)| source.as_str() == "on"));
    let why: BTreeMap<(&str, Dataset), WithheldReason> =
        grant.withheld.iter().map(|(source, dataset, reason)| ((source.as_str(), *dataset), *reason)).collect();
    assert_eq!(why[&("on", Dataset::Results)], WithheldReason::Role);
    assert_eq!(why[&("not-agreed", Dataset::Demographics)], WithheldReason::NotAgreed);
    assert_eq!(why[&("not-connected", Dataset::Demographics)], WithheldReason::NotConnected);
    assert!(Dataset::ALL.iter().all(|one| why[&("discreet", *one)] == WithheldReason::Discreet));
    assert!(why.keys().all(|(source, _)| *source != "suspended"), "a suspended source is not named");
}

fn switches() -> impl Strategy<Value = Vec<System>> {
    let switch =
        prop_oneof![Just(DatasetSwitch::On), Just(DatasetSwitch::NotAgreed), Just(DatasetSwitch::NotConnected)];
    let switches = prop::collection::vec(switch, Dataset::ALL.len());
    let one = (any::<bool>(), any::<bool>(), prop::sample::select(KINDS.to_vec()), switches);
    prop::collection::vec(one, 0..5).prop_map(|rows| {
        let made = rows.into_iter().enumerate().map(|(at, (discreet, suspended, kind, switches))| {
            let datasets = Dataset::ALL.iter().copied().zip(switches).collect();
            System { datasets, kind, ..system(&format!("s{at}"), discreet, suspended, DatasetSwitch::On) }
        });
        made.collect()
    })
}

proptest! {
    #[test]
    fn a_grant_needs_role_switch_and_relationship(
        role in prop::sample::select(Role::ALL),
        links in prop::sample::subsequence(all_relationships(), 0..7),
        what in prop::sample::select(vec![AccessKind::Record, AccessKind::Fhir, AccessKind::WardList]),
        known in prop::option::of(1..5i64),
        (restricted, objected, session_ended, agreement_signed) in any::<(bool, bool, bool, bool)>(),
        systems in switches(),
        asked in prop::sample::subsequence(Dataset::ALL, 0..Dataset::ALL.len()),
    ) {
        let facts = Facts {
            known_version: known, restricted, session_ended, agreement_signed,
            relationships: links.clone(),
            objections: if objected { objection(Direction::Whole, None) } else { vec![] },
            ..permitted_facts(&systems)
        };
        if let Ok(grant) = decide(policies(), &actor(role, PRACTICE), what, &asked, &facts) {
            prop_assert!(!links.is_empty() && agreement_signed && !objected && !session_ended);
            prop_assert!(known.is_some_and(|known| known >= facts.asked_version));
            for (source, dataset) in &grant.grants {
                let from = systems.iter().find(|one| one.id == *source).unwrap();
                prop_assert!(!from.discreet && !from.suspended);
                prop_assert_eq!(from.datasets[dataset], DatasetSwitch::On);
                prop_assert!(asked.contains(dataset));
                prop_assert!(policies().can_ask(role, &from.kind), "{} may see {}", role, from.kind);
                if what == AccessKind::WardList && *dataset == Dataset::Encounters {
                    continue;
                }
                let limits = policies().dataset_limits(role, *dataset);
                prop_assert!(limits.is_some(), "{} never sees {}", role, dataset);
                prop_assert!(limits.unwrap().is_subset(&grant.clearances), "the limit travels along");
            }
        }
    }
}
