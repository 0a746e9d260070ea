//! Decides about one person: facts in, a grant or a refusal out. Everything that no policy permits is refused.

mod datasets;
mod link;
mod union;

use std::collections::BTreeSet;

use lcr_contracts::{
    audit::AccessKind,
    consent::Refusal,
    registry::{Organisation, System},
};
use lcr_model::{
    Actor, CareLinkKind, ClaimReason, Dataset, OdsCode, PersonId, Relationship, SourceId,
    permit::{Hide, PersonGrant, WithheldReason},
};

use super::{
    choices::Objection,
    policies::{Act, PersonFacts, Policies},
};
use datasets::OpenDatasets;
use link::{PermittedLink, find_permitted};
pub use union::shows_more;

/// The source name of patient-index itself, for the patient summary.
pub const INDEX: &str = "patient-index";

/// All reasons of a claim open the same.
static CLAIM: Relationship = Relationship::SelfClaimed { reason: ClaimReason::PersonIsHere };

/// Everything that a decision about one person depends on.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    pub person: PersonId,
    /// The version of the person in consent's store. `None` if the person is unknown.
    pub known_version: Option<i64>,
    /// The version of the person in the question.
    pub asked_version: i64,
    /// The registered practice.
    pub practice: Option<&'a str>,
    /// Every relationship between the reader and the person, the strongest first.
    pub relationships: Vec<Relationship>,
    /// The reader's launch is of a person whom no system of their organisation is known to hold.
    pub unconfirmed_launch: bool,
    pub restricted: bool,
    /// The person's objections in force.
    pub objections: Vec<Objection>,
    pub session_ended: bool,
    /// Whether the reader's organisation takes part: it has signed the agreement and is live.
    pub agreement_signed: bool,
    /// The reader's organisation. Its schedule says what it receives.
    pub organisation: Option<&'a Organisation>,
    /// The organisations of the registry. They say which belong to the trust of the reader's organisation.
    pub organisations: &'a [Organisation],
    pub systems: &'a [System],
    /// The owners of systems that do not take part: the agreement is not signed, or they are not live.
    pub unsigned_owners: &'a BTreeSet<OdsCode>,
    pub epoch: u64,
}

impl Facts<'_> {
    /// The relationship whose rules apply. A launch that nothing confirms opens what a claim opens.
    fn rules_of<'r>(&self, link: &'r Relationship) -> &'r Relationship {
        if self.unconfirmed_launch && matches!(link, Relationship::Launched { .. }) { &CLAIM } else { link }
    }
}

/// Grants or refuses. `datasets` are the datasets in the question.
pub fn decide(
    policies: &Policies,
    actor: &Actor,
    what: AccessKind,
    datasets: &[Dataset],
    facts: &Facts<'_>,
) -> Result<PersonGrant, Refusal> {
    if facts.session_ended {
        return Err(Refusal::SessionEnded);
    }
    let permitted = find_permitted(policies, actor, what, facts)?;
    if shows_summary_only(what) {
        let mut grant = empty_grant(facts, permitted.link, fields_to_hide(policies, actor, permitted.locating));
        grant_summary(actor, what, facts, &mut grant);
        return Ok(grant);
    }
    let show = |permitted: &PermittedLink<'_>| grant_record(policies, actor, what, datasets, facts, permitted);
    let grant = show(&permitted).ok_or(Refusal::NoRelationship)?;
    // While an override is in force the reader never sees less than without it.
    let others = permitted.otherwise.iter().copied().filter_map(|link| show(&permitted.by(link, facts)));
    Ok(match others.reduce(|less, more| union::of_grants(more, &less)) {
        Some(without) => union::of_grants(grant, &without),
        None => grant,
    })
}

/// What the permitted relationship shows. `None` without a relationship.
fn grant_record(
    policies: &Policies,
    actor: &Actor,
    what: AccessKind,
    datasets: &[Dataset],
    facts: &Facts<'_>,
    permitted: &PermittedLink<'_>,
) -> Option<PersonGrant> {
    let mut grant = empty_grant(facts, permitted.link, fields_to_hide(policies, actor, permitted.locating));
    let link = facts.rules_of(permitted.link?);
    grant.labels = policies.labels(actor.role, link);
    let open = OpenDatasets::new(policies, actor, facts, link, permitted.facts);
    let row_limits =
        if what == AccessKind::WardList { policies.act_limits(actor.role, Act::List, permitted.facts) } else { None };
    for dataset in datasets {
        // The list's own policy grants a row, even if the role sees no encounters.
        let limits = match (&row_limits, dataset) {
            (Some(limits), Dataset::Encounters) => Some(limits),
            (Some(limits), _) if !limits.is_empty() => None,
            _ => policies.dataset_limits(actor.role, *dataset, link),
        };
        open.grant(*dataset, limits, &mut grant);
    }
    if what != AccessKind::WardList {
        grant.sharing = Some(open.sharing_sources(&grant));
    }
    Some(grant)
}

fn empty_grant(facts: &Facts<'_>, link: Option<&Relationship>, hide: BTreeSet<Hide>) -> PersonGrant {
    // The name of the caring organisation reveals where the person is.
    let hides_name = hide.contains(&Hide::Location) && link.is_some_and(names_organisation);
    PersonGrant {
        person: facts.person,
        index_version: facts.asked_version,
        epoch: facts.epoch,
        relationship: if hides_name { Some(Relationship::InYourCare) } else { link.cloned() },
        grants: BTreeSet::new(),
        withheld: vec![],
        clearances: BTreeSet::new(),
        hide,
        sharing: None,
        labels: BTreeSet::new(),
        dataset_labels: BTreeSet::new(),
        closed_units: BTreeSet::new(),
    }
}

/// Whether this kind of view shows the patient summary alone.
fn shows_summary_only(what: AccessKind) -> bool {
    matches!(what, AccessKind::Search | AccessKind::Identity | AccessKind::Review | AccessKind::CareList)
}

fn grant_summary(actor: &Actor, what: AccessKind, facts: &Facts<'_>, grant: &mut PersonGrant) {
    grant.grants.insert((SourceId::new(INDEX), Dataset::Demographics));
    // Patient-index does not know the registry, so the permit says which sources it may not name to this reader.
    let names_sources = matches!(what, AccessKind::Identity | AccessKind::Review);
    let unnamed = |system: &&System| names_sources && !system.is_nameable_to(actor);
    let withheld = |system: &System| (system.id.clone(), Dataset::Demographics, WithheldReason::Discreet);
    grant.withheld = facts.systems.iter().filter(unnamed).map(withheld).collect();
}

/// The log must keep what a user said of themself, which names no organisation. It must keep an enquiry, too: the person's
/// own log withholds looks by one. An enquiry is a council's, for the whole city.
fn names_organisation(link: &Relationship) -> bool {
    !matches!(
        link,
        Relationship::SelfClaimed { .. }
            | Relationship::Override { .. }
            | Relationship::CareLink { kind: CareLinkKind::SafeguardingEnquiry, .. }
    )
}

/// The fields that reveal where a restricted person is.
fn fields_to_hide(policies: &Policies, actor: &Actor, locating: PersonFacts) -> BTreeSet<Hide> {
    if policies.permits(actor.role, Act::Locate, locating) {
        return BTreeSet::new();
    }
    BTreeSet::from([Hide::Address, Hide::Phone, Hide::Gp, Hide::Location])
}
