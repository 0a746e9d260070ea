//! Decides: gathers facts, applies the rules, and waits until audit commits the entry. Only then may `permit` sign. The
//! order must never change.

use std::{collections::HashMap, time::Duration};

use lcr_contracts::{
    Caller, Failure,
    audit::{AccessKind, OpenEntry, Outcome},
    consent::{DecisionRequest, Refusal, RequestedPerson},
    registry::Organisation,
    vocabulary::ReasonCode,
};
use lcr_model::{PersonId, RelationshipKind, ServiceName, permit::PersonGrant};
use uuid::Uuid;

use super::{Service, claims::OwnClaims, epochs::EpochSnapshot, facts::FactSources, witness::fingerprint_entry};
use crate::domain::{
    Facts, decide,
    policies::{Act, PersonFacts},
};

/// How long audit has to commit an entry.
const AUDIT_DEADLINE: Duration = Duration::from_millis(1500);

/// Each of these relationships opens a ward list to some role.
const LISTING_RELATIONSHIPS: [RelationshipKind; 3] =
    [RelationshipKind::RegisteredPractice, RelationshipKind::InPatientHere, RelationshipKind::TeamArea];

/// What each person's decision grants, and the people refused with their reasons.
pub(super) type GrantsAndRefusals = (Vec<PersonGrant>, Vec<(PersonId, Refusal)>);

/// What decides about the people of one question, at one moment.
pub(super) struct DecisionSources {
    snapshot: EpochSnapshot,
    pub(super) sources: FactSources,
    /// The reader's own claims in force.
    claims: HashMap<PersonId, OwnClaims>,
}

impl DecisionSources {
    /// The facts of one person of the question, the reader's claims included. A claim is the weakest relationship.
    pub(super) fn facts_of(&self, question: &RequestedPerson) -> Facts<'_> {
        let mut facts = self.recorded_facts_of(question);
        if let Some(claims) = self.claims.get(&question.person) {
            facts.relationships.extend_from_slice(&claims.relationships);
            facts.unconfirmed_launch = claims.unconfirmed_launch;
        }
        facts
    }

    /// The same without the reader's claims.
    pub(super) fn recorded_facts_of(&self, question: &RequestedPerson) -> Facts<'_> {
        let epoch = self.snapshot.epoch_of(question.person);
        self.sources.facts_of(question, epoch, self.snapshot.session_ended)
    }
}

impl Service {
    /// Decides, and returns once audit has committed the entries. The last value is the refusal of a question without
    /// people.
    pub(super) async fn decide_and_record(
        &self,
        caller: &Caller,
        ask: &DecisionRequest,
    ) -> Result<(GrantsAndRefusals, Option<Refusal>), Failure> {
        let refusal = self.refusal_without_people(caller, ask).await?;
        let sources = self.load_decision_sources(caller, &ask.people).await?;
        let decisions = self.apply_rules(caller, ask, &sources);
        self.record_decision(caller, ask, &decisions, refusal, &sources.sources).await?;
        Ok((decisions, refusal))
    }

    /// Applies the rules to the facts. Records nothing.
    pub(super) async fn evaluate(&self, caller: &Caller, ask: &DecisionRequest) -> Result<GrantsAndRefusals, Failure> {
        let sources = self.load_decision_sources(caller, &ask.people).await?;
        Ok(self.apply_rules(caller, ask, &sources))
    }

    pub(super) fn apply_rules(
        &self,
        caller: &Caller,
        ask: &DecisionRequest,
        sources: &DecisionSources,
    ) -> GrantsAndRefusals {
        let (mut granted, mut refused) = (vec![], vec![]);
        for question in &ask.people {
            let facts = sources.facts_of(question);
            match decide(&self.policies, &caller.actor, ask.what, &ask.datasets, &facts) {
                Ok(grant) => granted.push(grant),
                Err(refusal) => refused.push((question.person, refusal)),
            }
        }
        (granted, refused)
    }

    /// What decides about these people now. Records nothing.
    pub(super) async fn load_decision_sources(
        &self,
        caller: &Caller,
        questions: &[RequestedPerson],
    ) -> Result<DecisionSources, Failure> {
        let ids: Vec<PersonId> = questions.iter().map(|question| question.person).collect();
        // Read epochs first: a change after this bumps them, and the confirmation of the grant fails.
        let snapshot = self.snapshot_epochs(caller, &ids).await?;
        let claims = async {
            if questions.is_empty() {
                return Ok(HashMap::new());
            }
            self.claims_in_force(&caller.actor, snapshot.registry_epoch).await
        };
        let sources = self.load_fact_sources(&caller.actor, questions, snapshot.registry_epoch);
        let (sources, claims) = tokio::try_join!(sources, claims)?;
        Ok(DecisionSources { snapshot, sources, claims })
    }

    /// The refusal of a question without people, if the caller may not search or list. An empty answer would tell them
    /// that nobody matches.
    async fn refusal_without_people(&self, caller: &Caller, ask: &DecisionRequest) -> Result<Option<Refusal>, Failure> {
        if !ask.people.is_empty() {
            return Ok(None);
        }
        let snapshot = self.snapshot_epochs(caller, &[]).await?;
        if snapshot.session_ended {
            return Ok(Some(Refusal::SessionEnded));
        }
        // Patient-index asks this only to get an entry in the audit log.
        if ask.what == AccessKind::UnusualSearch {
            return Ok(Some(Refusal::TooOften));
        }
        let registry = self.registry(snapshot.registry_epoch).await?;
        let org = registry.organisation(&caller.actor.org);
        let with = |relationship| PersonFacts {
            relationship,
            objected: false,
            agreement_signed: org.is_some_and(Organisation::takes_part),
            restricted: false,
        };
        let permits = |act, relationship| self.policies.permits(caller.actor.role, act, with(relationship));
        let permitted = if ask.what == AccessKind::WardList {
            LISTING_RELATIONSHIPS.iter().any(|kind| permits(Act::List, *kind))
        } else {
            permits(Act::Search, RelationshipKind::None)
        };
        Ok((!permitted).then_some(Refusal::Role))
    }

    /// Waits until audit has committed the entries. Without them nothing may be signed.
    async fn record_decision(
        &self,
        caller: &Caller,
        ask: &DecisionRequest,
        (granted, refused): &GrantsAndRefusals,
        refusal: Option<Refusal>,
        sources: &FactSources,
    ) -> Result<(), Failure> {
        // A permitted question about a role shows nothing of anybody, so only its refusal is recorded.
        let asks_of_role = ask.what == AccessKind::WardList && ask.people.is_empty() && ask.datasets.is_empty();
        if asks_of_role && refusal.is_none() || self.views.is_recorded(caller, ask, granted) {
            return Ok(());
        }
        for (outcome, reason, people) in group_by_reason(ask, granted, refused, refusal) {
            let entry = OpenEntry {
                id: Uuid::now_v7(),
                view: ask.view,
                at: self.clock.now(),
                actor: caller.actor.clone(),
                audience: ask.audience,
                what: ask.what,
                outcome,
                reason,
                concerned: sources.concerned(&people),
                people,
                datasets: ask.datasets.clone(),
                policy_version: self.policies.version().to_owned(),
                choice: None,
            };
            self.commit_entry(caller, entry).await?;
        }
        self.views.record(caller, ask, granted);
        Ok(())
    }

    /// Finds the organisations that the entry concerns, and returns once audit has the entry on disk.
    pub(crate) async fn append_entry(&self, caller: &Caller, entry: OpenEntry) -> Result<(), Failure> {
        let concerned = self.concerned_organisations(&entry.people).await?;
        self.commit_entry(caller, OpenEntry { concerned, ..entry }).await
    }

    /// Returns once audit has the entry on disk. Remembers its hash for the witness.
    pub(super) async fn commit_entry(&self, caller: &Caller, entry: OpenEntry) -> Result<(), Failure> {
        let (fingerprint, at) = (fingerprint_entry(&entry), self.clock.now());
        let as_consent = caller.through(ServiceName::Consent);
        let append = self.audit.append(&as_consent, entry, self.witness.head());
        match tokio::time::timeout(AUDIT_DEADLINE, append).await {
            Ok(Ok(head)) => {
                self.witness.record_append(fingerprint, at, head);
                Ok(())
            }
            Ok(Err(failure)) => Err(Failure::cannot_record(failure.inward())),
            Err(_) => Err(Failure::cannot_record("audit did not answer in time")),
        }
    }
}

/// The entries of one answer: one for each reason, with the people it applies to, so that nobody reads another person's
/// relationship as their own. Refused people are included. An answer without people is one entry.
fn group_by_reason(
    ask: &DecisionRequest,
    granted: &[PersonGrant],
    refused: &[(PersonId, Refusal)],
    refusal: Option<Refusal>,
) -> Vec<(Outcome, ReasonCode, Vec<PersonId>)> {
    let permitted = || ReasonCode::Permitted(ask.what);
    let of_grant = |grant: &PersonGrant| {
        let reason = grant.relationship.clone().map_or_else(permitted, ReasonCode::Relationship);
        (Outcome::Allowed, reason, grant.person)
    };
    let of_refusal =
        |(person, refusal): &(PersonId, Refusal)| (Outcome::Refused, ReasonCode::Refused(*refusal), *person);
    let mut groups: Vec<(Outcome, ReasonCode, Vec<PersonId>)> = vec![];
    for (outcome, reason, person) in granted.iter().map(of_grant).chain(refused.iter().map(of_refusal)) {
        match groups.iter_mut().find(|group| group.0 == outcome && group.1 == reason) {
            Some((.., people)) => people.push(person),
            None => groups.push((outcome, reason, vec![person])),
        }
    }
    if groups.is_empty() {
        let outcome = if refusal.is_none() { Outcome::Allowed } else { Outcome::Refused };
        groups.push((outcome, refusal.map_or_else(permitted, ReasonCode::Refused), vec![]));
    }
    groups
}
