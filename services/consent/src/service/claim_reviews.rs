//! Reviews of claims by the officers of the claimant's organisation. It must show an officer no other organisation's claims,
//! except those that have no officer.

use lcr_contracts::{
    Caller, Failure, FailureKind,
    audit::{AccessKind, Outcome},
    claims::{Claim, ClaimCount, ClaimList, ClaimOutcome, ClaimReview},
    events::ChoiceChanged,
    registry::Registry,
    vocabulary::ReasonCode,
};
use lcr_model::{OdsCode, Permission, PersonId, Relationship};
use lcr_store::{Store, db_failure};
use sea_orm::DbErr;
use uuid::Uuid;

use super::{
    Service,
    claims::{name_of, seal_context},
};
use crate::{
    domain::claims::{self as rules, CLAIM_KINDS, ClaimError, ClaimKind},
    store::claim::{
        self as rows, ClaimRow,
        queue::{self, ReviewedBy, Reviewer},
    },
};

/// The most claims in the list of those that wait. The others follow when these are reviewed.
const MAX_WAITING: usize = 100;
/// The most reviewed claims in the list.
const MAX_REVIEWED: u64 = 50;
/// How often an officer's presence is stored again.
const PRESENCE_INTERVAL: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

impl Service {
    /// The officer as a reviewer.
    async fn reviewer<'a>(&self, caller: &'a Caller) -> Result<Reviewer<'a>, Failure> {
        if !rules::reviews_claims(caller.actor.role) {
            return Err(ClaimError::NotOfficer.into());
        }
        let snapshot = self.snapshot_epochs(caller, &[]).await?;
        if snapshot.session_ended {
            return Err(Failure::new(FailureKind::Unauthenticated, "You were signed out."));
        }
        let (org, now) = (&caller.actor.org, self.clock.now());
        let registry = self.registry(snapshot.registry_epoch).await?;
        let kind = registry.organisation(org).map(|one| &one.kind);
        let for_others_since = rules::reviews_for_others(kind).then(|| now - rules::OFFICER_ABSENCE);
        Ok(Reviewer { organisation: org, user: caller.actor.user.as_str(), for_others_since })
    }

    /// The organisation has an officer who reads its claims. A count on the home page shows none.
    async fn record_presence(&self, org: &OdsCode) -> Result<(), Failure> {
        let now = self.clock.now();
        let seen = queue::officer_seen_at(self.store.read(), org.as_str()).await?;
        if seen.is_some_and(|seen| seen >= (now - PRESENCE_INTERVAL).as_microsecond()) {
            return Ok(());
        }
        let name = org.0.clone();
        Ok(self.store.write(async move |tx| queue::record_officer(&tx, name, now).await).await?)
    }

    /// The list, once an entry about its people is in the audit log.
    pub(super) async fn list_claims(&self, caller: &Caller) -> Result<ClaimList, Failure> {
        let (reviewer, db) = (self.reviewer(caller).await?, self.store.read());
        self.record_presence(&caller.actor.org).await?;
        let mut waiting = queue::waiting(db, reviewer, MAX_WAITING as u64 + 1).await?;
        let more = waiting.len() > MAX_WAITING;
        waiting.truncate(MAX_WAITING);
        let reviewed = queue::reviewed(db, reviewer, MAX_REVIEWED).await?;
        let mut people: Vec<PersonId> = waiting.iter().chain(&reviewed).map(|row| PersonId(row.person)).collect();
        people.sort_unstable();
        people.dedup();
        if !people.is_empty() {
            let reason = ReasonCode::Permitted(AccessKind::Claim);
            self.append_claim_entry(caller, None, people, (Outcome::Allowed, reason)).await?;
        }
        let registry = self.current_registry(caller).await?;
        let to_claims = |rows: Vec<ClaimRow>| {
            let claims: Result<Vec<Claim>, DbErr> = rows.iter().map(|row| self.to_claim(row, &registry)).collect();
            claims.map_err(db_failure)
        };
        Ok(ClaimList { waiting: to_claims(waiting)?, reviewed: to_claims(reviewed)?, more })
    }

    pub(super) async fn count_waiting_claims(&self, caller: &Caller) -> Result<ClaimCount, Failure> {
        let (reviewer, db) = (self.reviewer(caller).await?, self.store.read());
        let claims = queue::count_waiting(db, reviewer, &CLAIM_KINDS).await?;
        let overrides = queue::count_waiting(db, reviewer, &[ClaimKind::Override]).await?;
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(ClaimCount { claims: number(claims), overrides: number(overrides) })
    }

    /// Returns once the review is on the log, on disk and in force.
    pub(super) async fn store_claim_review(
        &self,
        caller: &Caller,
        claim: Uuid,
        review: ClaimReview,
    ) -> Result<(), Failure> {
        let text = rules::check_review(&review)?;
        let reviewer = self.reviewer(caller).await?;
        self.record_presence(&caller.actor.org).await?;
        let row = rows::find(self.store.read(), claim).await?.ok_or_else(Failure::not_found)?;
        if row.user == caller.actor.user.0 {
            return Err(ClaimError::OwnClaim.into());
        }
        if !queue::is_reviewed_by(self.store.read(), reviewer, claim).await? {
            return Err(Failure::not_found());
        }
        if row.outcome.is_some() {
            return Err(ClaimError::AlreadyReviewed.into());
        }
        let registry = self.current_registry(caller).await?;
        let (person, relationship) = (PersonId(row.person), claimed_relationship(&row, &registry));
        let code = match review.outcome {
            ClaimOutcome::Justified => ReasonCode::ClaimJustified(relationship),
            ClaimOutcome::NotJustified => ReasonCode::ClaimNotJustified(relationship),
        };
        let sealed = self.data_keys.seal(&seal_context(claim, "review"), text.as_bytes());
        let sealed = sealed.map_err(Failure::internal)?;
        let by = ReviewedBy { user: caller.actor.user.0.clone(), at: self.clock.now() };
        self.begin_review(claim, &by).await?;
        let entry = self.append_claim_entry(caller, Some(claim), vec![person], (Outcome::Allowed, code)).await;
        if let Err(failure) = entry {
            self.store.write(async move |tx| queue::cancel_review(&tx, claim, &by).await).await?;
            return Err(failure);
        }
        let (now, bump) = (self.clock.now(), self.epochs.store_bump());
        let write = self.store.write(async move |tx| {
            if !queue::store_review(&tx, claim, review.outcome, sealed, &by).await? {
                return Ok(false);
            }
            bump.bump_people(&tx, &[person], now).await?;
            Store::publish(&tx, now, &[ChoiceChanged { person, version: now.as_microsecond() }]).await?;
            Ok(true)
        });
        // Before and after the commit, as for a choice.
        self.epochs.bump(person);
        let is_stored = write.await?;
        self.epochs.bump(person);
        // Another replica took the review over, because this one was slow.
        if is_stored { Ok(()) } else { Err(ClaimError::AlreadyReviewed.into()) }
    }

    /// Reserves the review of the claim. Of two officers, or of two replicas, only one may log a review.
    async fn begin_review(&self, claim: Uuid, by: &ReviewedBy) -> Result<(), Failure> {
        let by = by.clone();
        let has_begun = self.store.write(async move |tx| queue::begin_review(&tx, claim, &by).await).await?;
        if has_begun { Ok(()) } else { Err(ClaimError::AlreadyReviewed.into()) }
    }

    fn to_claim(&self, row: &ClaimRow, registry: &Registry) -> Result<Claim, DbErr> {
        Ok(Claim {
            id: row.id,
            person: PersonId(row.person),
            relationship: claimed_relationship(row, registry),
            made_by: row.user_words.clone(),
            permission: row.permission.as_deref().map(Permission::from),
            text: self.unseal_claim_text(row, "text", row.text.as_deref()),
            made_at: rows::time(row.made_at)?,
            until: rows::time(row.until)?,
            outcome: row.outcome()?,
            review: self.unseal_claim_text(row, "review", row.review.as_deref()),
            reviewed_at: row.reviewed_at.filter(|_| row.outcome.is_some()).map(rows::time).transpose()?,
        })
    }

    /// A text that does not unseal is left out.
    fn unseal_claim_text(&self, row: &ClaimRow, column: &str, sealed: Option<&str>) -> Option<String> {
        let plain = self.data_keys.open(&seal_context(row.id, column), sealed?).ok();
        let plain = plain.and_then(|plain| String::from_utf8(plain).ok());
        if plain.is_none() {
            tracing::error!("the text of a claim cannot be unsealed and is left out");
        }
        plain
    }
}

fn claimed_relationship(row: &ClaimRow, registry: &Registry) -> Relationship {
    let name = name_of(registry, &OdsCode::new(row.organisation.as_str()));
    let relationship = row.kind().relationship(row.reason.as_deref(), name);
    relationship.unwrap_or_else(|| Relationship::Other(row.kind.clone()))
}
