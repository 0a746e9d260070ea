//! Makes claims: decided, committed to the audit log, stored and put in force. Only then is a claim acknowledged. It must
//! refuse a claim exactly as the record itself is refused, so that nobody learns of an objection by a claim.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, FailureKind,
    audit::{AccessKind, OpenEntry, Outcome},
    claims::{ClaimReceipt, NewClaim},
    consent::Refusal,
    events::ChoiceChanged,
    registry::Registry,
    vocabulary::ReasonCode,
};
use lcr_model::{Actor, Dataset, OdsCode, Permission, PersonId, Relationship, ServiceName, ViewId};
use lcr_store::{Store, db_failure};
use uuid::Uuid;

use super::{Service, explain::refusal_to_show};
use crate::{
    domain::{
        Facts,
        claims::{self as rules, ClaimError, ClaimKind},
        decide,
    },
    store::claim::{self as rows, ClaimRow},
};

/// What a user states in a claim.
pub(super) struct Statement {
    pub kind: ClaimKind,
    pub reason: Option<String>,
    pub permission: Option<Permission>,
    pub text: Option<String>,
}

impl From<ClaimError> for Failure {
    fn from(error: ClaimError) -> Self {
        let kind = match error {
            ClaimError::UnknownReason
            | ClaimError::TextTooLong
            | ClaimError::EmergencyNotDescribed
            | ClaimError::ReviewWithoutText => FailureKind::BadRequest,
            ClaimError::SignInTooOld
            | ClaimError::RoleMayNotClaim
            | ClaimError::RoleMayNotOverride
            | ClaimError::NotOfficer
            | ClaimError::OwnClaim => FailureKind::Forbidden,
            ClaimError::AlreadyOpen | ClaimError::AlreadyReviewed => FailureKind::Conflict,
            ClaimError::TooMany => FailureKind::TooManyRequests,
        };
        Failure::new(kind, error.to_string())
    }
}

impl Service {
    pub(super) async fn make_claim(
        &self,
        caller: &Caller,
        person: PersonId,
        new: NewClaim,
    ) -> Result<ClaimReceipt, Failure> {
        // Whoever may claim may do so with permission. A role that never may is told so, whatever it states.
        if !self.policies.permits_claim(caller.actor.role, &Permission::Given) {
            return Err(ClaimError::RoleMayNotClaim.into());
        }
        let text = rules::check_claim(&new)?;
        if !self.policies.permits_claim(caller.actor.role, &new.permission) {
            return Err(ClaimError::RoleMayNotClaim.into());
        }
        self.require_few_claims(caller, &ClaimKind::SelfClaim).await?;
        let link = Relationship::SelfClaimed { reason: new.reason.clone() };
        self.require_opened_by(caller, person, link).await?;
        let (reason, permission) = (Some(new.reason.into()), Some(new.permission));
        self.store_claim(caller, person, Statement { kind: ClaimKind::SelfClaim, reason, permission, text }).await
    }

    /// The caller made fewer claims of this kind lately than a claim may follow.
    pub(super) async fn require_few_claims(&self, caller: &Caller, kind: &ClaimKind) -> Result<(), Failure> {
        let since = self.clock.now() - rules::CLAIM_WINDOW;
        let made = rows::count_since(self.store.read(), caller.actor.user.as_str(), kind, since).await?;
        if made < rules::MAX_CLAIMS { Ok(()) } else { Err(ClaimError::TooMany.into()) }
    }

    /// The record is closed to the caller, and this relationship would open it. A refusal is recorded, and reads as it
    /// does without a claim.
    pub(super) async fn require_opened_by(
        &self,
        caller: &Caller,
        person: PersonId,
        link: Relationship,
    ) -> Result<(), Failure> {
        let question = self.person_question(person).await?;
        let sources = self.load_decision_sources(caller, std::slice::from_ref(&question)).await?;
        let mut facts = sources.facts_of(&question);
        let refusal_of =
            |facts: &Facts<'_>| decide(&self.policies, &caller.actor, AccessKind::Record, Dataset::ALL, facts).err();
        let Some(refusal) = refusal_of(&facts) else { return Err(ClaimError::AlreadyOpen.into()) };
        facts.relationships.push(link);
        if refusal_of(&facts).is_none() {
            return Ok(());
        }
        let refusal = refusal_to_show(refusal);
        self.append_claim_entry(caller, vec![person], Outcome::Refused, ReasonCode::Refused(refusal)).await?;
        Err(refusal_failure(refusal))
    }

    /// Returns once the claim is on the log, on disk and in force.
    pub(super) async fn store_claim(
        &self,
        caller: &Caller,
        person: PersonId,
        statement: Statement,
    ) -> Result<ClaimReceipt, Failure> {
        let registry = self.current_registry(caller).await?;
        let name = name_of(&registry, &caller.actor.org);
        let relationship = statement.kind.relationship(statement.reason.as_deref(), name.clone());
        let relationship = relationship.ok_or_else(|| Failure::internal("a claim makes no relationship"))?;
        let row = self.claim_row(&caller.actor, person, statement, &name)?;
        let reason = ReasonCode::ClaimMade(relationship.clone());
        self.append_claim_entry(caller, vec![person], Outcome::Allowed, reason).await?;
        let (stored, now, bump) = (row.clone(), self.clock.now(), self.epochs.store_bump());
        let write = self.store.write(async move |tx| {
            rows::insert(&tx, stored).await?;
            bump.bump_people(&tx, &[person], now).await?;
            Store::publish(&tx, now, &[ChoiceChanged { person, version: now.as_microsecond() }]).await
        });
        // Before and after the commit, as for a choice.
        self.epochs.bump(person);
        write.await?;
        self.epochs.bump(person);
        receipt(&row, relationship)
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

    /// The relationships that the reader's own claims make now, by person.
    pub(super) async fn claims_in_force(
        &self,
        actor: &Actor,
        registry_epoch: u64,
    ) -> Result<HashMap<PersonId, Vec<Relationship>>, Failure> {
        let claims = rows::counting(self.store.read(), actor, self.clock.now()).await?;
        if claims.is_empty() {
            return Ok(HashMap::new());
        }
        let registry = self.registry(registry_epoch).await?;
        let name = name_of(&registry, &actor.org);
        let to_link = |row: &ClaimRow| row.kind().relationship(row.reason.as_deref(), name.clone());
        let links = |rows: Vec<ClaimRow>| rows.iter().filter_map(to_link).collect::<Vec<_>>();
        Ok(claims.into_iter().map(|(person, rows)| (person, links(rows))).collect())
    }

    pub(super) async fn current_registry(&self, caller: &Caller) -> Result<Arc<Registry>, Failure> {
        self.registry(self.snapshot_epochs(caller, &[]).await?.registry_epoch).await
    }

    /// Commits an act on claims to the audit log. Call it before the act.
    pub(super) async fn append_claim_entry(
        &self,
        caller: &Caller,
        people: Vec<PersonId>,
        outcome: Outcome,
        reason: ReasonCode,
    ) -> Result<(), Failure> {
        let entry = OpenEntry {
            id: Uuid::now_v7(),
            view: ViewId::new(),
            at: self.clock.now(),
            actor: caller.actor.clone(),
            audience: ServiceName::Consent,
            what: AccessKind::Claim,
            outcome,
            reason,
            people,
            datasets: vec![],
            policy_version: self.policies.version().to_owned(),
            choice: None,
            concerned: std::collections::BTreeMap::new(),
        };
        self.append_entry(caller, entry).await
    }
}

/// The name of an organisation, or its code.
pub(super) fn name_of(registry: &Registry, ods: &OdsCode) -> String {
    registry.organisation(ods).map_or_else(|| ods.to_string(), |one| one.name.clone())
}

/// The associated data of a sealed text. It names the claim, so that the text of another claim does not open here.
pub(super) fn seal_context(claim: Uuid, column: &str) -> String {
    format!("consent/claim/{claim}/{column}")
}

pub(super) fn receipt(row: &ClaimRow, relationship: Relationship) -> Result<ClaimReceipt, Failure> {
    let time = |micros| -> Result<Timestamp, Failure> { rows::time(micros).map_err(db_failure) };
    Ok(ClaimReceipt { id: row.id, relationship, made_at: time(row.made_at)?, until: time(row.until)? })
}

/// The failure with which a record is refused.
pub(super) fn refusal_failure(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::SessionEnded => Failure::new(FailureKind::Unauthenticated, "You were signed out."),
        Refusal::Role => Failure::forbidden("Your role does not open records."),
        Refusal::Objected => Failure::new(
            FailureKind::Objected,
            "This person has objected to sharing. No information is shown. This does not mean there is none.",
        ),
        _ => Failure::new(FailureKind::NoRelationship, "We have no record that you are caring for this person."),
    }
}
