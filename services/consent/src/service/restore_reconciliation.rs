//! Reconciliation after a restore: a change to a choice or a claim that is in the audit log but missing here was lost in the
//! restore. It is re-applied before any decision is made. It must never undo a stored choice, and it cannot restore reasons.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{Failure, FailureKind, audit::OpenEntry, choices::ChoiceStep, events::ChoiceChanged};
use lcr_model::PersonId;
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};
use uuid::{Builder, Uuid};

use super::{Service, choices::maker_text};
use crate::store::{
    self, checkpoint,
    choice::{self as rows, ChoiceRow},
};

/// How often a running consent stores a checkpoint.
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(30);
/// A store with a checkpoint younger than this was not restored: the process restarted, or another replica runs.
const RECENT_CHECKPOINT: SignedDuration = SignedDuration::from_mins(2);
/// How far before the checkpoint the comparison begins, because checkpoints are periodic and clocks differ.
const CHECKPOINT_MARGIN: SignedDuration = SignedDuration::from_secs(60);
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

impl Service {
    /// Fails until the store has every choice that was in the audit log at the start.
    pub fn require_reconciled(&self) -> Result<(), Failure> {
        if self.reconciled.load(Ordering::Acquire) {
            return Ok(());
        }
        Err(Failure::new(FailureKind::CatchingUp, "Choices are being compared with the log. Try again in a minute."))
    }

    /// Retries the reconciliation until it succeeds, then stores checkpoints for as long as the process runs.
    pub async fn run_checkpoints(self: Arc<Self>) {
        while self.require_reconciled().is_err() {
            if let Err(failure) = self.reconcile_after_restore().await {
                tracing::warn!(event = "choices-not-compared", cause = failure.inward(), "trying again");
                tokio::time::sleep(RETRY_INTERVAL).await;
            }
        }
        loop {
            let now = self.clock.now();
            let write = self.store.write(async move |tx| checkpoint::write(&tx, now).await);
            if let Err(error) = write.await {
                let failure = Failure::from(error);
                tracing::warn!(event = "not-said-whole", cause = failure.inward(), "the checkpoint was not stored");
            }
            tokio::time::sleep(CHECKPOINT_INTERVAL).await;
        }
    }

    /// Re-applies changes since the checkpoint that are in the audit log but missing here. A change that
    /// failed within about 90 seconds before a crash may be applied, although its user was told that it failed.
    pub async fn reconcile_after_restore(&self) -> Result<(), Failure> {
        let checkpoint = checkpoint::read(self.store.read()).await?;
        let is_recent = checkpoint.is_some_and(|at| self.clock.now().duration_since(at) < RECENT_CHECKPOINT);
        if !is_recent {
            let after = checkpoint.map_or(Uuid::nil(), first_id_at);
            self.reapply_since(after).await?;
            let claims = self.reapply_claims(after).await?;
            if claims > 0 {
                tracing::warn!(
                    event = "claims-done-again",
                    again = claims,
                    "re-applied claims and reviews that were in the audit log but missing here"
                );
            }
        }
        self.reconciled.store(true, Ordering::Release);
        Ok(())
    }

    async fn reapply_since(&self, mut after: Uuid) -> Result<(), Failure> {
        let mut reapplied = 0;
        loop {
            let steps = self.audit.choice_steps(after).await?;
            let Some(last) = steps.last().map(|entry| entry.id) else { break };
            reapplied += self.reapply_steps(steps).await?;
            after = last;
        }
        if reapplied > 0 {
            tracing::warn!(
                event = "choices-done-again",
                again = reapplied,
                "re-applied changes to choices that were in the audit log but missing here"
            );
        }
        Ok(())
    }

    async fn reapply_steps(&self, steps: Vec<OpenEntry>) -> Result<usize, Failure> {
        let (now, bump) = (self.clock.now(), self.epochs.store_bump());
        let write = self.store.write(async move |tx| {
            let mut changed = vec![];
            for entry in &steps {
                changed.extend(reapply_step(&tx, entry).await?);
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

/// The smallest id of an entry made `CHECKPOINT_MARGIN` before `at`, or later.
fn first_id_at(at: Timestamp) -> Uuid {
    let millis = (at - CHECKPOINT_MARGIN).as_millisecond();
    Builder::from_unix_timestamp_millis(millis.unsigned_abs(), &[0; 10]).into_uuid()
}

/// Returns the person whose choice changed, or `None` if the change is stored already.
async fn reapply_step(tx: &DatabaseTransaction, entry: &OpenEntry) -> Result<Option<PersonId>, DbErr> {
    let (Some(step), Some(person)) = (&entry.choice, entry.people.first()) else { return Ok(None) };
    let changed_at = entry.at.as_microsecond();
    match rows::find(tx, step.id).await? {
        Some(stored) if stored.version >= step.version => return Ok(None),
        Some(stored) => {
            let status = rows::to_name(&step.status)?;
            rows::replace(tx, ChoiceRow { status, version: step.version, changed_at, ..stored }).await?;
        }
        None => {
            let identities = store::find_people(tx, &[*person]).await?.remove(person);
            let identities = identities.map(|row| row.identities).unwrap_or_default();
            let covers: Vec<String> = identities.lines().map(str::to_owned).collect();
            rows::insert(tx, choice_from_entry(entry, step, *person)?, &covers).await?;
        }
    }
    Ok(Some(*person))
}

/// The choice without its reason, which the audit log does not have.
fn choice_from_entry(entry: &OpenEntry, step: &ChoiceStep, person: PersonId) -> Result<ChoiceRow, DbErr> {
    Ok(ChoiceRow {
        id: step.id,
        person: person.0,
        origin: step.origin,
        direction: rows::to_name(&step.direction)?,
        organisation: step.organisation.as_ref().map(|ods| ods.0.clone()),
        status: rows::to_name(&step.status)?,
        by_user: entry.actor.user.0.clone(),
        by_words: maker_text(&entry.actor),
        reason: None,
        review: None,
        review_sealed: None,
        made_at: entry.at.as_microsecond(),
        changed_at: entry.at.as_microsecond(),
        version: step.version,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comparison_begins_a_minute_before_the_checkpoint() {
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let made = |second: u64| Builder::from_unix_timestamp_millis(second * 1000, &[255; 10]).into_uuid();
        assert!(made(1_800_000_000 - 59) > first_id_at(at));
        assert!(made(1_800_000_000 - 61) < first_id_at(at));
    }
}
