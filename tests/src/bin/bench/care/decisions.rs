//! Consent's decision about a record, beside Cedar alone: an evaluation of the same policies for each request of the same
//! decision. Both have everything in memory, and must come to the same result.

use std::{
    collections::BTreeSet,
    hint::black_box,
    time::{Duration, Instant},
};

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, RestrictedExpression};
use lcr_consent::domain::{
    Facts,
    choices::Objection,
    decide,
    policies::{OverridePolicy, Policies},
};
use lcr_contracts::{audit::AccessKind, choices::Direction, registry::System};
use lcr_model::{
    Actor, CareLinkKind, Dataset, Label, OdsCode, PersonId, Relationship, RelationshipKind, Role, permit::PersonGrant,
};

use super::{actor, system};
use crate::{load::median, report::Report};

const ROUNDS: usize = 9;
const TIMES_PER_ROUND: u32 = 300;
/// The most that consent's own rules may cost beside the policies.
const LIMIT: f64 = 2.0;
const SOURCES: [&str; 13] = [
    "authority",
    "gp",
    "gp",
    "gp",
    "gp",
    "gp",
    "hospital",
    "hospital",
    "community",
    "mental-health",
    "social-care",
    "social-care",
    "care-home",
];

/// Every owner of a source has signed the agreement.
static NOBODY: BTreeSet<OdsCode> = BTreeSet::new();

/// A reader's question about a record with all its datasets.
struct Question<'a> {
    actor: Actor,
    facts: Facts<'a>,
    /// The requests by which Cedar alone would decide it. The first says whether the record opens.
    requests: Vec<Request>,
}

/// Cedar with the policies and entities of consent.
struct Cedar<'a>(Authorizer, &'a PolicySet, &'a Entities);

impl Cedar<'_> {
    fn permits(&self, request: &Request) -> bool {
        self.0.is_authorized(request, self.1, self.2).decision() == Decision::Allow
    }
}

pub fn measure(report: &mut Report) {
    let policies = Policies::shipped(OverridePolicy::NoOverride).unwrap();
    let (set, entities) = policies.cedar();
    let cedar = Cedar(Authorizer::new(), set, entities);
    let systems: Vec<System> = SOURCES.iter().enumerate().map(|(at, kind)| source(at, kind)).collect();
    let questions = questions(&policies, &cedar, &systems);
    let (mut decisions, mut evaluations, mut openings) = (vec![], vec![], vec![]);
    // Rounds alternate, so that a slow moment of the machine is nobody's alone.
    for _ in 0..ROUNDS {
        decisions.push(time_each(&questions, |one| drop(black_box(decided(&policies, one)))));
        evaluations.push(time_each(&questions, |one| {
            for request in &one.requests {
                black_box(cedar.permits(request));
            }
        }));
        openings.push(time_each(&questions, |one| {
            black_box(one.requests.first().map(|request| cedar.permits(request)));
        }));
    }
    add_figures(report, decisions, evaluations, openings);
}

fn add_figures(report: &mut Report, decisions: Vec<Duration>, evaluations: Vec<Duration>, openings: Vec<Duration>) {
    let [consent, alone, opening] = [
        "decision: consent, a record",
        "decision: Cedar alone, the same record",
        "decision: Cedar alone, only opening",
    ];
    report.add(consent, median(decisions) * 1e6, "µs", "13 sources, every dataset; three readers, median of 9 rounds");
    report.add(alone, median(evaluations) * 1e6, "µs", "opening, location, each dataset, each label, sources apart");
    report.add(
        opening,
        median(openings) * 1e6,
        "µs",
        "one evaluation; it says nothing of datasets, labels and sources",
    );
    report.ratio("decision: consent over Cedar alone", consent, alone, "limit: 2");
    report.ratio("decision: consent over one evaluation", consent, opening, "for comparison");
}

/// Fails the run if the rules cost too much.
pub fn limit(report: &mut Report) {
    report.limit("decision: consent over Cedar alone", LIMIT);
}

/// The mean time of one question.
fn time_each(questions: &[Question<'_>], act: impl Fn(&Question<'_>)) -> Duration {
    let started = Instant::now();
    for _ in 0..TIMES_PER_ROUND {
        questions.iter().for_each(&act);
    }
    started.elapsed() / TIMES_PER_ROUND / u32::try_from(questions.len()).unwrap()
}

fn source(at: usize, kind: &str) -> System {
    system(&format!("{kind}-{at}"), kind, &format!("Z9X{at:02}"))
}

fn decided(policies: &Policies, question: &Question<'_>) -> PersonGrant {
    decide(policies, &question.actor, AccessKind::Record, Dataset::ALL, &question.facts).unwrap()
}

/// The questions of a GP, a community nurse and a consultant. A social care service may not show what it holds.
fn questions<'a>(policies: &Policies, cedar: &Cedar<'_>, systems: &'a [System]) -> Vec<Question<'a>> {
    let organisation = || "Beckside".to_owned();
    let link = |kind| Relationship::CareLink { kind, organisation: organisation() };
    let readers = [
        (Role::Gp, vec![Relationship::RegisteredPractice { organisation: organisation() }]),
        (Role::CommunityNurse, vec![link(CareLinkKind::Caseload), link(CareLinkKind::Referral)]),
        (Role::Consultant, vec![Relationship::InHospital { organisation: organisation() }]),
    ];
    let ask = |(role, relationships): (Role, Vec<Relationship>)| {
        let facts = Facts {
            person: PersonId::new(),
            known_version: Some(3),
            asked_version: 3,
            practice: Some("Y90001"),
            relationships,
            unconfirmed_launch: false,
            restricted: false,
            objections: vec![Objection { direction: Direction::OutOf, organisation: Some(OdsCode::new("Z9X11")) }],
            session_ended: false,
            agreement_signed: true,
            organisation: None,
            organisations: &[],
            systems,
            unsigned_owners: &NOBODY,
            epoch: 7,
        };
        let mut question = Question { actor: actor(role, "Y90001"), facts, requests: vec![] };
        let grant = decided(policies, &question);
        let kind = grant.relationship.as_ref().map(Relationship::kind).unwrap();
        assert_eq!(granted_datasets(&grant), datasets_by_cedar(cedar, role, kind), "{role}");
        question.requests = requests(role, kind, &question.facts.relationships);
        question
    };
    readers.into_iter().map(ask).collect()
}

fn granted_datasets(grant: &PersonGrant) -> BTreeSet<Dataset> {
    grant.grants.iter().map(|(_, dataset)| *dataset).collect()
}

fn datasets_by_cedar(cedar: &Cedar<'_>, role: Role, link: RelationshipKind) -> BTreeSet<Dataset> {
    Dataset::ALL.iter().copied().filter(|dataset| cedar.permits(&see(role, link, *dataset))).collect()
}

/// Opening by each relationship, then what the relationship that opens shows.
fn requests(role: Role, link: RelationshipKind, relationships: &[Relationship]) -> Vec<Request> {
    let opening = relationships.iter().map(|one| about_person(role, "open", one.kind()));
    let datasets = Dataset::ALL.iter().map(|dataset| see(role, link, *dataset));
    let labels = Label::KNOWN
        .into_iter()
        .map(|label| request(role, "see-label", &format!("Label::\"{}\"", label.as_str()), vec![relationship(link)]));
    let apart = ["mental-health", "social-care"];
    let sources = apart.iter().map(|kind| request(role, "ask", &format!("SourceKind::\"{kind}\""), vec![]));
    opening.chain([about_person(role, "locate", link)]).chain(datasets).chain(labels).chain(sources).collect()
}

fn see(role: Role, link: RelationshipKind, dataset: Dataset) -> Request {
    request(role, "see", &format!("Dataset::\"{}\"", dataset.as_str()), vec![relationship(link)])
}

/// A fact of a request's context.
type Fact = (String, RestrictedExpression);

fn relationship(kind: RelationshipKind) -> Fact {
    ("relationship".to_owned(), RestrictedExpression::new_string(kind.to_string()))
}

fn about_person(role: Role, action: &str, link: RelationshipKind) -> Request {
    let flags = [("objected", false), ("agreement_signed", true), ("restricted", false)];
    let flags = flags.map(|(name, value)| (name.to_owned(), RestrictedExpression::new_bool(value)));
    request(role, action, "Person::\"asked\"", flags.into_iter().chain([relationship(link)]).collect())
}

fn request(role: Role, action: &str, resource: &str, facts: Vec<Fact>) -> Request {
    let uid = |text: &str| text.parse::<EntityUid>().unwrap();
    let (principal, action) = (uid(&format!("Role::\"{}\"", role.as_str())), uid(&format!("Action::\"{action}\"")));
    Request::new(principal, action, uid(resource), Context::from_pairs(facts).unwrap(), None).unwrap()
}
