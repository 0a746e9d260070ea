//! Re-applies claims, their reviews and their early ends that are in the audit log but missing here, because a restore lost
//! them. It must never undo a stored review. It cannot restore words and permissions, which the log does not have.

use lcr_contracts::{
    Failure, FailureKind,
    audit::{OpenEntry, Outcome},
    claims::ClaimOutcome,
    events::ChoiceChanged,
    registry::Registry,
    vocabulary::ReasonCode,
};
use lcr_model::{PersonId, Relationship};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};
use uuid::Uuid;

use super::{Service, claims::name_of};
use crate::{
    domain::claims::{ClaimKind, claimant_words},
    store::claim::{
        self as rows, ClaimRow,
        queue::{self, ReviewedBy},
    },
};

impl Service {
    /// Re-applies what the log has of claims after the entry `after`. Returns how many changes were missing.
    pub(super) async fn reapply_claims(&self, mut after: Uuid) -> Result<usize, Failure> {
        let mut reapplied = 0;
        loop {
            let steps = match self.audit.claim_steps(after).await {
                // An audit of the version before does not know this question.
                Err(failure) if failure.kind == FailureKind::NotFound => break,
                steps => steps?,
            };
            let Some(last) = steps.last().map(|entry| entry.id) else { break };
            reapplied += self.reapply_claim_steps(steps).await?;
            after = last;
        }
        Ok(reapplied)
    }

    async fn reapply_claim_steps(&self, steps: Vec<OpenEntry>) -> Result<usize, Failure> {
        let registry = lcr_store::registry::load(self.store.read()).await?;
        let (now, bump) = (self.clock.now(), self.epochs.store_bump());
        let write = self.store.write(async move |tx| {
            let mut changed = vec![];
            for entry in &steps {
                changed.extend(reapply_step(&tx, entry, &registry).await?);
            }
            bump.bump_people(&tx, &changed, now).await?;
            let version = now.as_microsecond();
            let events: Vec<_> = changed.iter().map(|person| ChoiceChanged { person: *person, version }).collect();
            Store::publish(&tx, now, &events).await?;
            Ok(changed)
        });
        let changed = write.await?;
        for person in &changed {
            self.epochs.bump(*person);
        }
        Ok(changed.len())
    }
}

/// Returns the person whose claim changed, or `None` if the change is stored already or is no change of a claim.
async fn reapply_step(
    tx: &DatabaseTransaction,
    entry: &OpenEntry,
    registry: &Registry,
) -> Result<Option<PersonId>, DbErr> {
    let allowed = entry.people.first().copied().filter(|_| entry.outcome == Outcome::Allowed);
    let Some(person) = allowed else { return Ok(None) };
    let claim = entry.view.0;
    let by = ReviewedBy { user: entry.actor.user.0.clone(), at: entry.at };
    let has_changed = match &entry.reason {
        ReasonCode::ClaimMade(relationship) => match claim_from_entry(entry, relationship, person, registry) {
            Some(row) => rows::restore(tx, row).await?,
            None => false,
        },
        ReasonCode::ClaimJustified(_) => queue::restore_review(tx, claim, ClaimOutcome::Justified, &by).await?,
        ReasonCode::ClaimNotJustified(_) => queue::restore_review(tx, claim, ClaimOutcome::NotJustified, &by).await?,
        ReasonCode::ClaimEnded(_) => rows::end(tx, claim, entry.at).await?,
        _ => false,
    };
    Ok(has_changed.then_some(person))
}

/// The claim without its words and its permission, which the audit log does not have.
fn claim_from_entry(
    entry: &OpenEntry,
    relationship: &Relationship,
    person: PersonId,
    registry: &Registry,
) -> Option<ClaimRow> {
    let (kind, reason) = match relationship {
        Relationship::SelfClaimed { reason } => (ClaimKind::SelfClaim, Some(reason.to_string())),
        Relationship::Override { reason } => (ClaimKind::Override, Some(reason.to_string())),
        // The log does not say whether a system held the person. So it opens what a claim opens, and waits for an officer.
        Relationship::Launched { .. } => (ClaimKind::UnconfirmedLaunch, None),
        _ => return None,
    };
    let actor = &entry.actor;
    Some(ClaimRow {
        id: entry.view.0,
        person: person.0,
        user: actor.user.0.clone(),
        user_words: claimant_words(actor, &name_of(registry, &actor.org)),
        organisation: actor.org.0.clone(),
        role: actor.role.to_string(),
        until: (entry.at + kind.lifetime()).as_microsecond(),
        kind: kind.into(),
        reason,
        permission: None,
        text: None,
        made_at: entry.at.as_microsecond(),
        session: actor.session.0,
        outcome: None,
        review: None,
        reviewed_by: None,
        reviewed_at: None,
    })
}
