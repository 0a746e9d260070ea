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

use super::policies::{Act, PersonFacts, Policies};

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
    pub practice_name: &'a str,
    pub restricted: bool,
    pub objected: bool,
    pub session_ended: bool,
    pub agreement_signed: bool,
    pub systems: &'a [System],
    pub epoch: u64,
}

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
    let registered = facts.practice.is_some_and(|practice| practice == actor.org.as_str());
    let asked = PersonFacts {
        relationship: if registered { "registered-practice" } else { "none" },
        objected: facts.objected,
        agreement_signed: facts.agreement_signed,
        restricted: facts.restricted,
    };
    let stub_only = matches!(what, What::Search | What::Identity);
    may_look(policies, actor, stub_only, asked, facts)?;
    let mut grant = PersonGrant {
        person: facts.person,
        index_version: facts.asked_version,
        epoch: facts.epoch,
        relationship: relationship_words(registered, facts.practice_name),
        grants: BTreeSet::new(),
        withheld: vec![],
        clearances: BTreeSet::new(),
        hide: hidden(policies, actor, asked),
    };
    if stub_only {
        grant.grants.insert((SourceId::new(INDEX), Dataset::Demographics));
        return Ok(grant);
    }
    for dataset in datasets {
        grant_dataset(policies, actor, *dataset, facts.systems, &mut grant);
    }
    Ok(grant)
}

fn may_look(
    policies: &Policies,
    actor: &Actor,
    stub_only: bool,
    asked: PersonFacts<'_>,
    facts: &Facts<'_>,
) -> Result<(), Refusal> {
    if stub_only {
        return if policies.permits(actor.role, Act::Search, asked) { Ok(()) } else { Err(Refusal::Role) };
    }
    if !Dataset::ALL.iter().any(|dataset| policies.sees(actor.role, *dataset).is_some()) {
        return Err(Refusal::Role);
    }
    if facts.known_version.is_none_or(|known| known < facts.asked_version) {
        return Err(Refusal::CatchingUp);
    }
    if policies.permits(actor.role, Act::Open, asked) {
        return Ok(());
    }
    // The reason told: an objection only to those who otherwise stand in a relationship (access.md).
    let without_objection = PersonFacts { objected: false, ..asked };
    if asked.objected && policies.permits(actor.role, Act::Open, without_objection) {
        return Err(Refusal::Objected);
    }
    Err(Refusal::NoRelationship)
}

fn relationship_words(registered: bool, practice_name: &str) -> String {
    if registered { format!("registered at {practice_name}") } else { String::new() }
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
    systems: &[System],
    grant: &mut PersonGrant,
) {
    let seen = policies.sees(actor.role, dataset);
    let tells_where = grant.hide.contains(&Hide::Location)
        && matches!(
            dataset,
            Dataset::Documents
                | Dataset::Referrals
                | Dataset::Encounters
                | Dataset::Appointments
                | Dataset::Contacts
        );
    for system in systems.iter().filter(|system| !system.suspended) {
        let switch = system.datasets.get(&dataset).copied().unwrap_or(DatasetSwitch::NotConnected);
        let withheld = match switch {
            _ if system.discreet => Some(WithheldReason::Discreet),
            DatasetSwitch::NotConnected => Some(WithheldReason::NotConnected),
            DatasetSwitch::NotAgreed => Some(WithheldReason::NotAgreed),
            DatasetSwitch::On if seen.is_none() || !policies.asks(actor.role, &system.kind) => {
                Some(WithheldReason::Role)
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
