//! The decision on one person: from facts to a grant or a refusal. Default is no.

use std::collections::BTreeSet;

use lcr_contracts::{
    audit::What,
    consent::Refusal,
    identity::{DatasetSwitch, System},
};
use lcr_model::{
    Actor, Dataset, PersonId, SourceId,
    permit::{Hide, PersonGrant, WithheldReason},
};

use super::{
    choices::{self, Objection},
    policies::{Act, PersonFacts, Policies},
    relationship::Relationship,
};

/// The source name of what patient-index itself holds (the identity stub).
pub const INDEX: &str = "patient-index";

/// All that is known when a person is decided on.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    pub person: PersonId,
    /// The version consent has seen; `None` when it has not heard of the person.
    pub known_version: Option<i64>,
    /// The version the question is about.
    pub asked_version: i64,
    /// The registered practice.
    pub practice: Option<&'a str>,
    /// Every link between the reader and the person.
    pub relationships: Vec<Relationship>,
    pub restricted: bool,
    /// The person's objections in force.
    pub objections: Vec<Objection>,
    pub session_ended: bool,
    pub agreement_signed: bool,
    pub systems: &'a [System],
    pub epoch: u64,
}

/// In place of a relationship that names where the person is, to those who may not know it.
const IN_YOUR_CARE: &str = "in the care of your organisation";

/// Grants or refuses. `datasets` are those asked for.
pub fn decide(
    policies: &Policies,
    actor: &Actor,
    what: What,
    datasets: &[Dataset],
    facts: &Facts<'_>,
) -> Result<PersonGrant, Refusal> {
    if facts.session_ended {
        return Err(Refusal::SessionEnded);
    }
    let stub_only = matches!(what, What::Search | What::Identity | What::Review);
    let (asked, link) = may_look(policies, actor, what, facts)?;
    let mut grant = PersonGrant {
        person: facts.person,
        index_version: facts.asked_version,
        epoch: facts.epoch,
        relationship: link.map(|link| link.words.clone()).unwrap_or_default(),
        grants: BTreeSet::new(),
        withheld: vec![],
        clearances: BTreeSet::new(),
        hide: hidden(policies, actor, asked),
    };
    // Where they are in care is where they are.
    if grant.hides(Hide::Location) && !grant.relationship.is_empty() {
        IN_YOUR_CARE.clone_into(&mut grant.relationship);
    }
    if stub_only {
        grant.grants.insert((SourceId::new(INDEX), Dataset::Demographics));
        return Ok(grant);
    }
    let row = if what == What::WardList { policies.limits_of(actor.role, Act::List, asked) } else { None };
    for dataset in datasets {
        // A row of the list is granted by the list's own policy, whatever the role sees of encounters.
        let seen = match (&row, dataset) {
            (Some(limits), Dataset::Encounters) => Some(limits.clone()),
            (Some(limits), _) if !limits.is_empty() => None,
            _ => policies.sees(actor.role, *dataset),
        };
        grant_dataset(policies, actor, *dataset, seen, facts, &mut grant);
    }
    Ok(grant)
}

/// The facts under which the reader may look, and the link that lets them.
fn may_look<'f>(
    policies: &Policies,
    actor: &Actor,
    what: What,
    facts: &'f Facts<'_>,
) -> Result<(PersonFacts<'f>, Option<&'f Relationship>), Refusal> {
    let plain = PersonFacts {
        relationship: "none",
        objected: choices::closes(&facts.objections, &actor.org),
        agreement_signed: facts.agreement_signed,
        restricted: facts.restricted,
    };
    let with = |link: &'f Relationship| PersonFacts { relationship: link.name, ..plain };
    if matches!(what, What::Search | What::Identity | What::Review) {
        let shown = facts.relationships.first();
        let asked = shown.map_or(plain, with);
        let may = policies.permits(actor.role, Act::Search, asked);
        return if may {
            Ok((best_for_locating(policies, actor, asked, facts), shown))
        } else {
            Err(Refusal::Role)
        };
    }
    let act = if what == What::WardList { Act::List } else { Act::Open };
    if act == Act::Open && !Dataset::ALL.iter().any(|dataset| policies.sees(actor.role, *dataset).is_some()) {
        return Err(Refusal::Role);
    }
    if facts.known_version.is_none_or(|known| known < facts.asked_version) {
        return Err(Refusal::CatchingUp);
    }
    let opens = |link: &&'f Relationship| policies.permits(actor.role, act, with(link));
    if let Some(link) = facts.relationships.iter().find(opens) {
        return Ok((best_for_locating(policies, actor, with(link), facts), Some(link)));
    }
    // The reason told: an objection only to those who otherwise stand in a relationship (access.md).
    let without = |link: &'f Relationship| PersonFacts { objected: false, ..with(link) };
    let otherwise = |link: &'f Relationship| policies.permits(actor.role, act, without(link));
    if plain.objected && facts.relationships.iter().any(otherwise) {
        return Err(Refusal::Objected);
    }
    Err(Refusal::NoRelationship)
}

/// Where a reader has several links, the one that lets them see where somebody is counts for that.
fn best_for_locating<'f>(
    policies: &Policies,
    actor: &Actor,
    asked: PersonFacts<'f>,
    facts: &'f Facts<'_>,
) -> PersonFacts<'f> {
    let with = |link: &'f Relationship| PersonFacts { relationship: link.name, ..asked };
    let locates = |facts: &PersonFacts<'_>| policies.permits(actor.role, Act::Locate, *facts);
    facts.relationships.iter().map(with).find(locates).unwrap_or(asked)
}

/// What could tell where a restricted person is.
fn hidden(policies: &Policies, actor: &Actor, asked: PersonFacts<'_>) -> BTreeSet<Hide> {
    if policies.permits(actor.role, Act::Locate, asked) {
        return BTreeSet::new();
    }
    BTreeSet::from([Hide::Address, Hide::Phone, Hide::Gp, Hide::Location])
}

fn grant_dataset(
    policies: &Policies,
    actor: &Actor,
    dataset: Dataset,
    seen: Option<BTreeSet<String>>,
    facts: &Facts<'_>,
    grant: &mut PersonGrant,
) {
    let tells_where = grant.hide.contains(&Hide::Location)
        && matches!(
            dataset,
            Dataset::Documents
                | Dataset::Referrals
                | Dataset::Encounters
                | Dataset::Appointments
                | Dataset::Contacts
        );
    for system in facts.systems.iter().filter(|system| !system.suspended) {
        let switch = system.datasets.get(&dataset).copied().unwrap_or(DatasetSwitch::NotConnected);
        let withheld = match switch {
            _ if system.discreet => Some(WithheldReason::Discreet),
            DatasetSwitch::NotConnected => Some(WithheldReason::NotConnected),
            DatasetSwitch::NotAgreed => Some(WithheldReason::NotAgreed),
            DatasetSwitch::On if seen.is_none() || !policies.asks(actor.role, &system.kind) => {
                Some(WithheldReason::Role)
            }
            DatasetSwitch::On
                if choices::keeps_back(
                    &facts.objections,
                    &system.organisation,
                    &system.kind,
                    facts.practice,
                ) =>
            {
                Some(WithheldReason::OptedOut)
            }
            DatasetSwitch::On if tells_where => Some(WithheldReason::LocationProtected),
            DatasetSwitch::On => None,
        };
        match withheld {
            Some(reason) => grant.withheld.push((system.id.clone(), dataset, reason)),
            None => {
                grant.grants.insert((system.id.clone(), dataset));
            }
        }
    }
    grant.clearances.extend(seen.into_iter().flatten());
}
