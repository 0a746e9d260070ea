//! Claims: what a user states, what their claims make now, and how claims are recorded and refused. It must refuse a claim
//! exactly as the record itself is refused.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, FailureKind,
    audit::{AccessKind, OpenEntry, Outcome},
    claims::{ClaimReceipt, NewClaim},
    consent::Refusal,
    registry::Registry,
    vocabulary::ReasonCode,
};
use lcr_model::{Actor, ActorKind, OdsCode, Permission, PersonId, Relationship, ServiceName, ViewId};
use lcr_store::db_failure;
use uuid::Uuid;

use super::Service;
use crate::{
    domain::claims::{self as rules, ClaimError, ClaimKind},
    store::claim::{self as rows, ClaimRow},
};

/// What a reader's own claims about one person make.
#[derive(Default)]
pub(super) struct OwnClaims {
    pub relationships: Vec<Relationship>,
    /// None of them is a launch of a person whom a system of the organisation is known to hold.
    pub unconfirmed_launch: bool,
}

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
            | ClaimError::FoundNotJustified
            | ClaimError::OwnClaim => FailureKind::Forbidden,
            ClaimError::AlreadyOpen | ClaimError::AlreadyReviewed => FailureKind::Conflict,
            ClaimError::TooMany | ClaimError::TooManyLaunches => FailureKind::TooManyRequests,
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
        // Every role that may claim may claim with permission. A role that may not is told so, whatever it states.
        if !self.policies.permits_claim(caller.actor.role, &Permission::Given) {
            return Err(ClaimError::RoleMayNotClaim.into());
        }
        let text = rules::check_claim(&new)?;
        if !self.policies.permits_claim(caller.actor.role, &new.permission) {
            return Err(ClaimError::RoleMayNotClaim.into());
        }
        let (reason, permission) = (Some(new.reason.into()), Some(new.permission));
        let statement = Statement { kind: ClaimKind::SelfClaim, reason, permission, text };
        self.open_by_claim(caller, person, statement).await
    }

    /// The relationships that the reader's own claims make now, by person.
    pub(super) async fn claims_in_force(
        &self,
        actor: &Actor,
        registry_epoch: u64,
    ) -> Result<HashMap<PersonId, OwnClaims>, Failure> {
        // Neither a machine nor a patient makes a claim.
        if actor.kind != ActorKind::Person {
            return Ok(HashMap::new());
        }
        let claims = rows::counting(self.store.read(), actor, self.clock.now()).await?;
        if claims.is_empty() {
            return Ok(HashMap::new());
        }
        let registry = self.registry(registry_epoch).await?;
        let name = name_of(&registry, &actor.org);
        let own = |rows: Vec<ClaimRow>| {
            let links = rows.iter().filter_map(|row| row.kind().relationship(row.reason.as_deref(), name.clone()));
            let unconfirmed_launch = !rows.iter().any(|row| row.kind() == ClaimKind::Launch);
            OwnClaims { relationships: links.collect(), unconfirmed_launch }
        };
        Ok(claims.into_iter().map(|(person, rows)| (person, own(rows))).collect())
    }

    pub(super) async fn current_registry(&self, caller: &Caller) -> Result<Arc<Registry>, Failure> {
        self.registry(self.snapshot_epochs(caller, &[]).await?.registry_epoch).await
    }

    /// Commits an act on claims to the audit log. Call it before the act. The view of an entry about one claim is the claim's id,
    /// from which a restore finds it again.
    pub(super) async fn append_claim_entry(
        &self,
        caller: &Caller,
        claim: Option<Uuid>,
        people: Vec<PersonId>,
        (outcome, reason): (Outcome, ReasonCode),
    ) -> Result<(), Failure> {
        let entry = OpenEntry {
            id: Uuid::now_v7(),
            view: claim.map_or_else(ViewId::new, ViewId),
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
