//! Makes a claim: decided, counted, committed to the audit log and put in force. Only then is it acknowledged. An attempt
//! that opens nothing counts and waits for an officer, too, so that nobody tries out many people unseen.

use lcr_contracts::{
    Caller, Failure,
    audit::{AccessKind, Outcome},
    claims::ClaimReceipt,
    consent::Refusal,
    events::ChoiceChanged,
    vocabulary::ReasonCode,
};
use lcr_model::{Actor, Dataset, OverrideReason, PersonId, Relationship};
use lcr_store::Store;
use uuid::Uuid;

use super::{
    Service,
    claims::{Statement, name_of, receipt, refusal_failure, seal_context},
    explain::refusal_to_show,
};
use crate::{
    domain::{
        Facts,
        claims::{self as rules, ClaimError},
        decide, shows_more,
    },
    store::claim::{self as rows, ClaimRow},
};

impl Service {
    /// Makes a claim that opens what is closed to the caller.
    pub(super) async fn open_by_claim(
        &self,
        caller: &Caller,
        person: PersonId,
        statement: Statement,
    ) -> Result<ClaimReceipt, Failure> {
        let (claim, relationship) = self.draft_claim(caller, person, statement).await?;
        let Some(refusal) = self.refusal_despite(caller, person, &relationship).await? else {
            self.reserve(&claim).await?;
            return self.put_in_force(caller, &claim, relationship).await;
        };
        self.refuse_claim(caller, &claim, relationship, refusal).await
    }

    /// Counts the attempt and records its refusal, which is the one of the record itself.
    pub(super) async fn refuse_claim(
        &self,
        caller: &Caller,
        claim: &ClaimRow,
        relationship: Relationship,
        refusal: Refusal,
    ) -> Result<ClaimReceipt, Failure> {
        if refusal != Refusal::SessionEnded {
            self.reserve(claim).await?;
        }
        let refusal = refusal_to_show(refusal);
        // The log names the emergency of a refused override, because the person is not told of one for serious harm.
        let reason = match relationship {
            Relationship::Override { .. } => ReasonCode::ClaimRefused(relationship),
            _ => ReasonCode::Refused(refusal),
        };
        let people = vec![PersonId(claim.person)];
        self.append_claim_entry(caller, Some(claim.id), people, (Outcome::Refused, reason)).await?;
        Err(refusal_failure(refusal))
    }

    /// The refusal of the record if it stays closed despite this relationship. Fails if the relationship would show nothing new.
    async fn refusal_despite(
        &self,
        caller: &Caller,
        person: PersonId,
        link: &Relationship,
    ) -> Result<Option<Refusal>, Failure> {
        let question = self.person_question(person).await?;
        let sources = self.load_decision_sources(caller, std::slice::from_ref(&question)).await?;
        Ok(self.refusal_with(&caller.actor, sources.facts_of(&question), link)?)
    }

    /// The reasons for which an override would show more of a record that is open to the caller.
    pub(super) fn widening_overrides(&self, actor: &Actor, facts: &Facts<'_>) -> Vec<OverrideReason> {
        let is_permitted = |reason: &OverrideReason| self.policies.permits_override(actor.role, reason);
        let widens = |reason: &OverrideReason| {
            let link = Relationship::Override { reason: reason.clone() };
            self.refusal_with(actor, facts.clone(), &link) == Ok(None)
        };
        OverrideReason::OFFERED.into_iter().filter(is_permitted).filter(widens).collect()
    }

    /// The refusal despite the facts and this relationship. Only an override may show more of a record that is open.
    pub(super) fn refusal_with(
        &self,
        actor: &Actor,
        mut facts: Facts<'_>,
        link: &Relationship,
    ) -> Result<Option<Refusal>, ClaimError> {
        let whole = |facts: &Facts<'_>| decide(&self.policies, actor, AccessKind::Record, Dataset::ALL, facts);
        let before = whole(&facts);
        facts.relationships.push(link.clone());
        match (before, whole(&facts)) {
            (Err(_), Ok(_)) => Ok(None),
            // As without the claim: who has no relationship learns nothing of an objection.
            (Err(before), Err(_)) => Ok(Some(before)),
            (Ok(before), Ok(after)) => {
                let overrides = matches!(link, Relationship::Override { .. });
                let is_used = overrides && after.relationship.as_ref() == Some(link);
                if is_used && shows_more(&after, &before) { Ok(None) } else { Err(ClaimError::AlreadyOpen) }
            }
            (Ok(_), Err(_)) => Err(ClaimError::AlreadyOpen),
        }
    }

    /// Counts the attempt, unless the user made too many.
    pub(super) async fn reserve(&self, claim: &ClaimRow) -> Result<(), Failure> {
        let attempt = claim.clone();
        let reserved = self.store.write(async move |tx| rows::reserve(&tx, attempt).await).await?;
        reserved.map_err(Failure::from)
    }

    /// Returns once the claim is on the log, on disk and in force.
    pub(super) async fn put_in_force(
        &self,
        caller: &Caller,
        claim: &ClaimRow,
        relationship: Relationship,
    ) -> Result<ClaimReceipt, Failure> {
        let (id, until, person) = (claim.id, claim.until, PersonId(claim.person));
        let reason = ReasonCode::ClaimMade(relationship.clone());
        if let Err(failure) = self.append_claim_entry(caller, Some(id), vec![person], (Outcome::Allowed, reason)).await
        {
            self.store.write(async move |tx| rows::delete(&tx, id).await).await?;
            return Err(failure);
        }
        let (now, bump) = (self.clock.now(), self.epochs.store_bump());
        let write = self.store.write(async move |tx| {
            rows::put_in_force(&tx, id, until).await?;
            bump.bump_people(&tx, &[person], now).await?;
            Store::publish(&tx, now, &[ChoiceChanged { person, version: now.as_microsecond() }]).await
        });
        // Before and after the commit, as for a choice.
        self.epochs.bump(person);
        write.await?;
        self.epochs.bump(person);
        receipt(claim, relationship)
    }

    /// The claim as it will be stored, and the relationship that it will make.
    pub(super) async fn draft_claim(
        &self,
        caller: &Caller,
        person: PersonId,
        statement: Statement,
    ) -> Result<(ClaimRow, Relationship), Failure> {
        let registry = self.current_registry(caller).await?;
        let name = name_of(&registry, &caller.actor.org);
        let relationship = statement.kind.relationship(statement.reason.as_deref(), name.clone());
        let relationship = relationship.ok_or_else(|| Failure::internal("a claim makes no relationship"))?;
        Ok((self.claim_row(&caller.actor, person, statement, &name)?, relationship))
    }

    fn claim_row(
        &self,
        actor: &Actor,
        person: PersonId,
        statement: Statement,
        organisation: &str,
    ) -> Result<ClaimRow, Failure> {
        let (id, now) = (Uuid::now_v7(), self.clock.now());
        let until = now + statement.kind.lifetime();
        let seal = |text: String| self.data_keys.seal(&seal_context(id, "text"), text.as_bytes());
        Ok(ClaimRow {
            id,
            person: person.0,
            user: actor.user.0.clone(),
            user_words: rules::claimant_words(actor, organisation),
            organisation: actor.org.0.clone(),
            role: actor.role.to_string(),
            kind: statement.kind.into(),
            reason: statement.reason,
            permission: statement.permission.map(String::from),
            text: statement.text.map(seal).transpose().map_err(Failure::internal)?,
            made_at: now.as_microsecond(),
            until: until.as_microsecond(),
            session: actor.session.0,
            outcome: None,
            review: None,
            reviewed_by: None,
            reviewed_at: None,
        })
    }
}
