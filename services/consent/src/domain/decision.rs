//! Decides about one person: facts in, a grant or a refusal out. Everything that no policy permits is refused.

use std::collections::BTreeSet;

use lcr_contracts::{
    audit::AccessKind,
    consent::Refusal,
    registry::{DatasetSwitch, System},
};
use lcr_model::{
    Actor, Clearance, Dataset, PersonId, Relationship, RelationshipKind, SourceId,
    permit::{Hide, PersonGrant, WithheldReason},
};

use super::{
    choices::{self, Objection},
    policies::{Act, PersonFacts, Policies},
};

/// The source name of patient-index itself, for the patient summary.
pub const INDEX: &str = "patient-index";

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
    /// Every relationship between the reader and the person.
    pub relationships: Vec<Relationship>,
    pub restricted: bool,
    /// The person's objections in force.
    pub objections: Vec<Objection>,
    pub session_ended: bool,
    pub agreement_signed: bool,
    pub systems: &'a [System],
    pub epoch: u64,
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
    let summary_only = matches!(what, AccessKind::Search | AccessKind::Identity | AccessKind::Review);
    let (link_facts, link) = find_permitting_link(policies, actor, what, facts)?;
    let mut grant = PersonGrant {
        person: facts.person,
        index_version: facts.asked_version,
        epoch: facts.epoch,
        relationship: link.cloned(),
        grants: BTreeSet::new(),
        withheld: vec![],
        clearances: BTreeSet::new(),
        hide: fields_to_hide(policies, actor, link_facts),
        sharing: None,
    };
    // The name of the caring organisation reveals where the person is.
    if grant.hides(Hide::Location) && grant.relationship.is_some() {
        grant.relationship = Some(Relationship::InYourCare);
    }
    if summary_only {
        grant.grants.insert((SourceId::new(INDEX), Dataset::Demographics));
        return Ok(grant);
    }
    let row_limits =
        if what == AccessKind::WardList { policies.act_limits(actor.role, Act::List, link_facts) } else { None };
    for dataset in datasets {
        // The list's own policy grants a row, even if the role sees no encounters.
        let limits = match (&row_limits, dataset) {
            (Some(limits), Dataset::Encounters) => Some(limits.clone()),
            (Some(limits), _) if !limits.is_empty() => None,
            _ => policies.dataset_limits(actor.role, *dataset),
        };
        grant_dataset(policies, actor, *dataset, limits, facts, &mut grant);
    }
    if what != AccessKind::WardList {
        grant.sharing = Some(sharing_sources(policies, actor, facts, &grant));
    }
    Ok(grant)
}

/// The sources with any dataset open to the reader. What a page says of a source must not depend on the datasets that the
/// page asks for.
fn sharing_sources(policies: &Policies, actor: &Actor, facts: &Facts<'_>, grant: &PersonGrant) -> BTreeSet<SourceId> {
    let mut all = PersonGrant { grants: BTreeSet::new(), withheld: vec![], ..grant.clone() };
    for dataset in Dataset::ALL {
        let limits = policies.dataset_limits(actor.role, *dataset);
        grant_dataset(policies, actor, *dataset, limits, facts, &mut all);
    }
    all.grants.into_iter().map(|(source, _)| source).collect()
}

/// The first link that a policy permits, with its facts. A search needs no link.
fn find_permitting_link<'f>(
    policies: &Policies,
    actor: &Actor,
    what: AccessKind,
    facts: &'f Facts<'_>,
) -> Result<(PersonFacts, Option<&'f Relationship>), Refusal> {
    let plain = PersonFacts {
        relationship: RelationshipKind::None,
        objected: choices::close_record(&facts.objections, &actor.org),
        agreement_signed: facts.agreement_signed,
        restricted: facts.restricted,
    };
    let with = |link: &Relationship| PersonFacts { relationship: link.kind(), ..plain };
    if matches!(what, AccessKind::Search | AccessKind::Identity | AccessKind::Review) {
        let first = facts.relationships.first();
        let link_facts = first.map_or(plain, with);
        let permitted = policies.permits(actor.role, Act::Search, link_facts);
        return if permitted {
            Ok((prefer_locating_link(policies, actor, link_facts, facts), first))
        } else {
            Err(Refusal::Role)
        };
    }
    let act = if what == AccessKind::WardList { Act::List } else { Act::Open };
    if act == Act::Open && !Dataset::ALL.iter().any(|dataset| policies.dataset_limits(actor.role, *dataset).is_some()) {
        return Err(Refusal::Role);
    }
    if facts.known_version.is_none_or(|known| known < facts.asked_version) {
        return Err(Refusal::CatchingUp);
    }
    let is_permitted = |link: &&Relationship| policies.permits(actor.role, act, with(link));
    if let Some(link) = facts.relationships.iter().find(is_permitted) {
        return Ok((prefer_locating_link(policies, actor, with(link), facts), Some(link)));
    }
    // Only a reader with a relationship learns of an objection (ACCESS.md, "How one decision is made").
    let without_objection = |link: &Relationship| PersonFacts { objected: false, ..with(link) };
    let otherwise_permitted = |link: &Relationship| policies.permits(actor.role, act, without_objection(link));
    if plain.objected && facts.relationships.iter().any(otherwise_permitted) {
        return Err(Refusal::Objected);
    }
    Err(Refusal::NoRelationship)
}

/// Of several links, the one that lets the reader see where the person is; otherwise `link_facts`.
fn prefer_locating_link(policies: &Policies, actor: &Actor, link_facts: PersonFacts, facts: &Facts<'_>) -> PersonFacts {
    let with = |link: &Relationship| PersonFacts { relationship: link.kind(), ..link_facts };
    let locates = |facts: &PersonFacts| policies.permits(actor.role, Act::Locate, *facts);
    facts.relationships.iter().map(with).find(locates).unwrap_or(link_facts)
}

/// The fields that reveal where a restricted person is.
fn fields_to_hide(policies: &Policies, actor: &Actor, link_facts: PersonFacts) -> BTreeSet<Hide> {
    if policies.permits(actor.role, Act::Locate, link_facts) {
        return BTreeSet::new();
    }
    BTreeSet::from([Hide::Address, Hide::Phone, Hide::Gp, Hide::Location])
}

fn grant_dataset(
    policies: &Policies,
    actor: &Actor,
    dataset: Dataset,
    limits: Option<BTreeSet<Clearance>>,
    facts: &Facts<'_>,
    grant: &mut PersonGrant,
) {
    let reveals_location = grant.hide.contains(&Hide::Location)
        && matches!(
            dataset,
            Dataset::Documents | Dataset::Referrals | Dataset::Encounters | Dataset::Appointments | Dataset::Contacts
        );
    for system in facts.systems.iter().filter(|system| !system.suspended) {
        let switch = system.datasets.get(&dataset).copied().unwrap_or(DatasetSwitch::NotConnected);
        let withheld = match switch {
            _ if system.discreet => Some(WithheldReason::Discreet),
            DatasetSwitch::NotConnected => Some(WithheldReason::NotConnected),
            DatasetSwitch::NotAgreed => Some(WithheldReason::NotAgreed),
            DatasetSwitch::On if limits.is_none() || !policies.can_ask(actor.role, &system.kind) => {
                Some(WithheldReason::Role)
            }
            DatasetSwitch::On
                if choices::withhold_system(&facts.objections, &system.organisation, &system.kind, facts.practice) =>
            {
                Some(WithheldReason::OptedOut)
            }
            DatasetSwitch::On if reveals_location => Some(WithheldReason::LocationProtected),
            DatasetSwitch::On => None,
        };
        match withheld {
            Some(reason) => grant.withheld.push((system.id.clone(), dataset, reason)),
            None => {
                grant.grants.insert((system.id.clone(), dataset));
            }
        }
    }
    grant.clearances.extend(limits.into_iter().flatten());
}
