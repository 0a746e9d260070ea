//! What consent decides from facts. The whole matrix of roles and datasets is `tests/golden/access-matrix.txt`:
//! a change of a policy shows there (X-02, access.md).

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeMap, fmt::Write, sync::OnceLock};

use lcr_consent::domain::{
    Facts,
    choices::Objection,
    decide,
    policies::{Act, PersonFacts, Policies},
    relationship::Relationship,
};
use lcr_contracts::{
    audit::What,
    choices::Direction,
    consent::Refusal,
    identity::{DatasetSwitch, System},
};
use lcr_model::{
    Actor, ActorKind, Dataset, OdsCode, PersonId, Purpose, Role, SessionId, SourceId, UserId,
    permit::{Hide, PersonGrant, WithheldReason},
};
use proptest::prelude::*;

const PRACTICE: &str = "Y90001";
/// The kinds of source.
const KINDS: [&str; 7] =
    ["gp", "hospital", "community", "mental-health", "social-care", "authority", "added"];

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
        kind: "hospital".into(),
        authority: false,
        discreet,
        datasets: Dataset::ALL.iter().map(|dataset| (*dataset, switch)).collect(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended,
        feed: None,
    }
}

fn link(name: &'static str) -> Relationship {
    Relationship { name, words: name.replace('-', " ") }
}

fn objection(direction: Direction, organisation: Option<&str>) -> Vec<Objection> {
    vec![Objection { direction, organisation: organisation.map(OdsCode::new) }]
}

/// Somebody registered at the practice, of whom everything is in order.
fn in_order(systems: &[System]) -> Facts<'_> {
    Facts {
        person: PersonId::new(),
        known_version: Some(3),
        asked_version: 3,
        practice: Some(PRACTICE),
        relationships: vec![link("registered-practice")],
        restricted: false,
        objections: vec![],
        session_ended: false,
        agreement_signed: true,
        systems,
        epoch: 7,
    }
}

fn open(actor: &Actor, facts: &Facts<'_>) -> Result<PersonGrant, Refusal> {
    decide(policies(), actor, What::Record, Dataset::ALL, facts)
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
            match policies().sees(*role, *dataset) {
                Some(limits) if limits.is_empty() => sees.push(dataset.to_string()),
                Some(limits) => sees.push(format!("{dataset} ({})", words(&limits, *dataset))),
                None => never.push(dataset.to_string()),
            }
        }
        let line = |names: &[String]| if names.is_empty() { "–".into() } else { names.join(", ") };
        let apart = KINDS.iter().filter(|kind| !policies().asks(*role, kind));
        let apart: Vec<String> = apart.map(|kind| (*kind).to_owned()).collect();
        let rows =
            [("sees", line(&sees)), ("never", line(&never)), ("apart", line(&apart)), ("acts", acts(*role))];
        let _ = writeln!(text, "\n{role}");
        for (name, words) in rows {
            let _ = writeln!(text, "  {name:<6} {words}");
        }
    }
    lcr_testkit::golden::compare("access-matrix.txt", &text).unwrap();
}

fn words(limits: &std::collections::BTreeSet<String>, dataset: Dataset) -> String {
    let prefix = format!("{dataset}:");
    limits.iter().map(|limit| limit.strip_prefix(&prefix).unwrap_or(limit)).collect::<Vec<_>>().join(", ")
}

/// Every link of `relationship.rs`, and none.
const LINKS: [&str; 7] = [
    "own-record",
    "registered-practice",
    "in-patient-here",
    "left-here-28-days",
    "team-area",
    "holds-record",
    "named-in-choice",
];

/// What a role may do to whom.
fn acts(role: Role) -> String {
    let plain =
        PersonFacts { relationship: "none", objected: false, agreement_signed: true, restricted: false };
    let may = |act, facts| policies().limits_of(role, act, facts);
    let mut rows = vec![];
    let mut say = |words: String, limits: Option<std::collections::BTreeSet<String>>| match limits {
        Some(limits) if limits.is_empty() => rows.push(words),
        Some(limits) => {
            rows.push(format!("{words} ({})", limits.into_iter().collect::<Vec<_>>().join(", ")));
        }
        None => {}
    };
    say("searches".into(), may(Act::Search, plain));
    say("finds who objected".into(), may(Act::Search, PersonFacts { objected: true, ..plain }));
    let acts = [
        (Act::Open, "opens"),
        (Act::List, "lists"),
        (Act::ReadChoices, "reads choices of"),
        (Act::Choose, "chooses for"),
        (Act::ReviewChoices, "reviews choices of"),
    ];
    for relationship in LINKS.into_iter().chain(["none"]) {
        for (act, verb) in acts {
            say(format!("{verb} {relationship}"), may(act, PersonFacts { relationship, ..plain }));
        }
        let closed = [Act::Open, Act::List].map(|act| {
            [
                (act, PersonFacts { relationship, objected: true, ..plain }, "who objected"),
                (act, PersonFacts { relationship, agreement_signed: false, ..plain }, "without an agreement"),
            ]
        });
        for (act, facts, words) in closed.into_iter().flatten() {
            say(format!("{act:?} {words}, {relationship}"), may(act, facts));
        }
        let restricted = PersonFacts { relationship, restricted: true, ..plain };
        say(format!("lists restricted {relationship}"), may(Act::List, restricted));
        say(format!("locates restricted {relationship}"), may(Act::Locate, restricted));
    }
    if rows.is_empty() { "–".into() } else { rows.join(", ") }
}

#[test]
fn each_direction_of_an_objection_reaches_as_far_as_it_says() {
    let mut other = system("other", false, false, DatasetSwitch::On);
    other.organisation = OdsCode::new("Z9H02");
    let systems = [system("on", false, false, DatasetSwitch::On), other];
    let gp = actor(Role::Gp, PRACTICE);
    let with = |direction, ods| Facts { objections: objection(direction, Some(ods)), ..in_order(&systems) };
    assert_eq!(open(&gp, &with(Direction::Into, PRACTICE)), Err(Refusal::Objected));
    assert!(open(&gp, &with(Direction::Into, "Z9H01")).is_ok(), "somebody else may not, this practice may");
    let grant = open(&gp, &with(Direction::OutOf, "Z9H01")).unwrap();
    assert!(grant.grants.iter().all(|(source, _)| source.as_str() == "other"));
    let opted = |one: &(SourceId, Dataset, WithheldReason)| one.2 == WithheldReason::OptedOut;
    assert!(grant.withheld.iter().any(|one| one.0.as_str() == "on" && opted(one)));
}

#[test]
fn a_row_of_the_ward_list_is_granted_by_the_list_and_closed_by_an_objection() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let datasets = [Dataset::Encounters, Dataset::Results, Dataset::Documents];
    let list = |role, facts: &Facts<'_>| {
        decide(policies(), &actor(role, PRACTICE), What::WardList, &datasets, facts)
    };
    let seen = |grant: &PersonGrant| grant.grants.iter().map(|(_, dataset)| *dataset).collect::<Vec<_>>();
    let gp = list(Role::Gp, &in_order(&systems)).unwrap();
    assert_eq!(seen(&gp).len(), 3);
    // Reception sees the list, and no results on it.
    assert!(!seen(&list(Role::Receptionist, &in_order(&systems)).unwrap()).contains(&Dataset::Results));
    let area = Facts { relationships: vec![link("team-area")], ..in_order(&systems) };
    let row = list(Role::CommunityNurse, &area).unwrap();
    assert_eq!(
        (seen(&row), row.clearances.contains("ward-list:row-only")),
        (vec![Dataset::Encounters], true)
    );
    assert_eq!(open(&actor(Role::CommunityNurse, PRACTICE), &area), Err(Refusal::NoRelationship));
    let objected = Facts { objections: objection(Direction::Whole, None), ..in_order(&systems) };
    assert_eq!(list(Role::Gp, &objected), Err(Refusal::Objected));
    let restricted = Facts { restricted: true, ..area };
    assert_eq!(list(Role::CommunityNurse, &restricted), Err(Refusal::NoRelationship));
}

#[test]
fn without_a_relationship_or_an_agreement_nothing_opens() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let gp = actor(Role::Gp, PRACTICE);
    assert!(open(&gp, &in_order(&systems)).is_ok());
    let unlinked = Facts { relationships: vec![], ..in_order(&systems) };
    assert_eq!(open(&gp, &unlinked), Err(Refusal::NoRelationship));
    let wrongly = Facts { relationships: vec![link("in-patient-here")], ..in_order(&systems) };
    assert_eq!(open(&gp, &wrongly), Err(Refusal::NoRelationship), "a link of another kind of place");
    let unsigned = Facts { agreement_signed: false, ..in_order(&systems) };
    assert!(open(&gp, &unsigned).is_err());
    for role in [Role::Commissioner, Role::PrivacyOfficer, Role::OrgAdmin, Role::FeedsClient, Role::Patient] {
        assert_eq!(open(&actor(role, PRACTICE), &in_order(&systems)), Err(Refusal::Role), "{role}");
    }
}

#[test]
fn an_older_copy_and_an_ended_session_are_no_yes() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let gp = actor(Role::Gp, PRACTICE);
    let behind = Facts { known_version: Some(2), ..in_order(&systems) };
    assert_eq!(open(&gp, &behind), Err(Refusal::CatchingUp));
    let unheard = Facts { known_version: None, ..in_order(&systems) };
    assert_eq!(open(&gp, &unheard), Err(Refusal::CatchingUp));
    let ended = Facts { session_ended: true, ..in_order(&systems) };
    for what in [What::Record, What::Search, What::Identity, What::Fhir] {
        assert_eq!(decide(policies(), &gp, what, Dataset::ALL, &ended), Err(Refusal::SessionEnded));
    }
}

#[test]
fn an_objection_closes_and_is_told_only_to_those_with_a_relationship() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let objected = Facts { objections: objection(Direction::Whole, None), ..in_order(&systems) };
    assert_eq!(open(&actor(Role::Gp, PRACTICE), &objected), Err(Refusal::Objected));
    let stranger = actor(Role::Consultant, "Z9H01");
    let unlinked = Facts { relationships: vec![], ..objected.clone() };
    assert_eq!(open(&stranger, &unlinked), Err(Refusal::NoRelationship), "as if there were no objection");
    // The identity stub is found as for everybody (access.md, "Choices").
    let stub = decide(policies(), &stranger, What::Search, &[Dataset::Demographics], &objected).unwrap();
    assert_eq!(stub.grants.len(), 1);
}

#[test]
fn where_a_restricted_person_is_stays_hidden_but_to_their_practice() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let restricted = Facts { restricted: true, ..in_order(&systems) };
    let theirs = open(&actor(Role::Gp, PRACTICE), &restricted).unwrap();
    assert!(theirs.hide.is_empty(), "the registered practice knows the address");
    let hospital = Facts { relationships: vec![link("in-patient-here")], ..restricted.clone() };
    for role in [Role::WardNurse, Role::Consultant, Role::EdClinician] {
        let seen = open(&actor(role, "Z9H01"), &hospital).unwrap().hide;
        assert!(seen.contains(&Hide::Location), "{role}: a reader of the hospital is not the treating ward");
    }
    let facts = PersonFacts {
        relationship: "on-the-ward-of-the-person",
        objected: false,
        agreement_signed: true,
        restricted: true,
    };
    assert!(policies().permits(Role::WardNurse, Act::Locate, facts), "the treating ward does");
    let left = Facts { relationships: vec![link("left-here-28-days")], ..restricted.clone() };
    assert!(
        !open(&actor(Role::WardNurse, "Z9H01"), &left).unwrap().hide.is_empty(),
        "and no longer afterwards"
    );
    let restricted = Facts { relationships: vec![], ..restricted };
    let found = |who: &Actor| {
        decide(policies(), who, What::Search, &[Dataset::Demographics], &restricted).unwrap().hide
    };
    for who in
        [actor(Role::Gp, "Y90002"), actor(Role::Consultant, "Z9H01"), actor(Role::DataSteward, "Z9L01")]
    {
        for hidden in [Hide::Address, Hide::Phone, Hide::Gp, Hide::Location] {
            assert!(found(&who).contains(&hidden), "{} of {}", who.role, who.org);
        }
    }
}

#[test]
fn what_is_withheld_says_why_and_a_discreet_source_is_never_granted() {
    let systems = [
        system("on", false, false, DatasetSwitch::On),
        system("not-agreed", false, false, DatasetSwitch::NotAgreed),
        system("not-connected", false, false, DatasetSwitch::NotConnected),
        system("discreet", true, false, DatasetSwitch::On),
        system("suspended", false, true, DatasetSwitch::On),
    ];
    let grant = open(&actor(Role::Receptionist, PRACTICE), &in_order(&systems)).unwrap();
    assert!(grant.grants.iter().all(|(source, _)| source.as_str() == "on"));
    let why: BTreeMap<(&str, Dataset), WithheldReason> = grant
        .withheld
        .iter()
        .map(|(source, dataset, reason)| ((source.as_str(), *dataset), *reason))
        .collect();
    assert_eq!(why[&("on", Dataset::Results)], WithheldReason::Role);
    assert_eq!(why[&("not-agreed", Dataset::Demographics)], WithheldReason::NotAgreed);
    assert_eq!(why[&("not-connected", Dataset::Demographics)], WithheldReason::NotConnected);
    assert!(Dataset::ALL.iter().all(|one| why[&("discreet", *one)] == WithheldReason::Discreet));
    assert!(why.keys().all(|(source, _)| *source != "suspended"), "a suspended partner is not spoken of");
}

fn switches() -> impl Strategy<Value = Vec<System>> {
    let switch = prop_oneof![
        Just(DatasetSwitch::On),
        Just(DatasetSwitch::NotAgreed),
        Just(DatasetSwitch::NotConnected)
    ];
    let switches = prop::collection::vec(switch, Dataset::ALL.len());
    let one = (any::<bool>(), any::<bool>(), prop::sample::select(&KINDS[..]), switches);
    prop::collection::vec(one, 0..5).prop_map(|rows| {
        let made = rows.into_iter().enumerate().map(|(at, (discreet, suspended, kind, switches))| {
            let datasets = Dataset::ALL.iter().copied().zip(switches).collect();
            System {
                datasets,
                kind: kind.into(),
                ..system(&format!("s{at}"), discreet, suspended, DatasetSwitch::On)
            }
        });
        made.collect()
    })
}

proptest! {
    #[test]
    fn nothing_is_ever_granted_that_role_switch_and_relationship_do_not_all_allow(
        role in prop::sample::select(Role::ALL),
        links in prop::sample::subsequence(LINKS.to_vec(), 0..LINKS.len()),
        what in prop::sample::select(vec![What::Record, What::Fhir, What::WardList]),
        known in prop::option::of(1..5i64),
        (restricted, objected, session_ended, agreement_signed) in any::<(bool, bool, bool, bool)>(),
        systems in switches(),
        asked in prop::sample::subsequence(Dataset::ALL, 0..Dataset::ALL.len()),
    ) {
        let facts = Facts {
            known_version: known, restricted, session_ended, agreement_signed,
            relationships: links.iter().map(|name| link(name)).collect(),
            objections: if objected { objection(Direction::Whole, None) } else { vec![] },
            ..in_order(&systems)
        };
        if let Ok(grant) = decide(policies(), &actor(role, PRACTICE), what, &asked, &facts) {
            prop_assert!(!links.is_empty() && agreement_signed && !objected && !session_ended);
            prop_assert!(known.is_some_and(|known| known >= facts.asked_version));
            for (source, dataset) in &grant.grants {
                let from = systems.iter().find(|one| one.id == *source).unwrap();
                prop_assert!(!from.discreet && !from.suspended);
                prop_assert_eq!(from.datasets[dataset], DatasetSwitch::On);
                prop_assert!(asked.contains(dataset));
                prop_assert!(policies().asks(role, &from.kind), "{} is told of {}", role, from.kind);
                if what == What::WardList && *dataset == Dataset::Encounters {
                    continue;
                }
                let limits = policies().sees(role, *dataset);
                prop_assert!(limits.is_some(), "{} never sees {}", role, dataset);
                prop_assert!(limits.unwrap().is_subset(&grant.clearances), "the limit travels along");
            }
        }
    }
}
