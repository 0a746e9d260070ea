//! Who may read, make or review a person's choices. The refusal must be the same whether or not choices exist.

use lcr_contracts::{Caller, Failure, FailureKind};
use lcr_model::{Actor, PersonId, Relationship, Role};

use super::{Service, facts::FactSources};
use crate::{
    domain::{
        Facts,
        policies::{Act, PersonFacts},
    },
    store::choice::{self as rows, ChoiceRow},
};

/// Whether the role reviews choices. It still needs a link to the person.
pub(super) fn is_officer(role: Role) -> bool {
    matches!(role, Role::PrivacyOfficer | Role::CaldicottGuardian)
}

impl Service {
    /// The relationship that lets the caller do `act`.
    pub(super) async fn authorise_choice_act(
        &self,
        caller: &Caller,
        person: PersonId,
        act: Act,
    ) -> Result<Relationship, Failure> {
        let actor = &caller.actor;
        let snapshot = self.snapshot_epochs(caller, &[]).await?;
        if snapshot.session_ended {
            return Err(Failure::new(FailureKind::Unauthenticated, "You were signed out."));
        }
        let question = self.person_question(person).await?;
        let questions = std::slice::from_ref(&question);
        let sources = self.load_fact_sources(actor, questions, snapshot.registry_epoch).await?;
        let officer_links = if is_officer(actor.role) {
            let choices = rows::find_by_person(self.store.read(), person).await?;
            officer_links(actor, &self.identity_keys(person).await?, &choices, &sources)
        } else {
            vec![]
        };
        self.permitted_link(actor.role, act, &sources.facts_of(&question, 0, false), &officer_links).ok_or_else(|| {
            Failure::new(FailureKind::Forbidden, "Choices are for the person themself and their registered practice.")
        })
    }

    /// The first link to the person that lets the role do `act`.
    pub(super) fn permitted_link(
        &self,
        role: Role,
        act: Act,
        facts: &Facts<'_>,
        officer_links: &[Relationship],
    ) -> Option<Relationship> {
        let unlinked = Relationship::ReviewsChoices;
        let mut links = facts.relationships.iter().chain(officer_links).chain([&unlinked]);
        let allowed = links.find(|link| {
            let link_facts = PersonFacts {
                relationship: link.kind(),
                objected: false,
                agreement_signed: facts.agreement_signed || **link == Relationship::OwnRecord,
                restricted: facts.restricted,
            };
            self.policies.permits(role, act, link_facts)
        });
        allowed.cloned()
    }
}

/// Further links of an officer: the officer's organisation holds a record of the person, or is named in a choice.
pub(super) fn officer_links(
    actor: &Actor,
    identity_keys: &[String],
    choices: &[ChoiceRow],
    sources: &FactSources,
) -> Vec<Relationship> {
    let own = sources.systems_of(&actor.org);
    let holds = identity_keys.iter().any(|key| own.iter().any(|source| rows::is_key_of_source(key, source)));
    let named = choices.iter().any(|row| row.organisation().as_ref() == Some(&actor.org));
    let links = [holds.then_some(Relationship::HoldsRecord), named.then_some(Relationship::NamedInChoice)];
    links.into_iter().flatten().collect()
}
