//! After a restore: acts on choices that are on the log and not here are done again from it, before anything is decided
//! (design section 11, "Restore forgets"). It must never undo what is here, nor bring back anybody's words.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{Failure, Kind, audit::OpenEntry, choices::ChoiceStep, events::ChoiceChanged};
use lcr_model::PersonId;
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};
use uuid::{Builder, Uuid};

use super::{Service, choices::made_by};
use crate::store::{
    self,
    choice::{self as rows, ChoiceRow},
    seen,
};

/// How often a running consent says that its store is whole.
const SAYS_SO: Duration = Duration::from_secs(30);
/// A store that said so this short a time ago was not restored: others may be at work on it, or it was only restarted.
const SURELY: SignedDuration = SignedDuration::from_mins(2);
/// How much before its last word acts are looked at again: it says so now and then, and clocks differ.
const SLACK: SignedDuration = SignedDuration::from_secs(60);
const AGAIN: Duration = Duration::from_millis(500);

impl Service {
    /// Whether everything that was on the log when it started is here.
    pub fn is_compared(&self) -> Result<(), Failure> {
        if self.compared.load(Ordering::Acquire) {
            return Ok(());
        }
        Err(Failure::new(Kind::CatchingUp, "Choices are being compared with the log. Try again in a minute."))
    }

    /// Compares until it has, and nothing is decided before; then says for ever that its store is whole.
    pub async fn stay_whole(self: Arc<Self>) {
        while self.is_compared().is_err() {
            if let Err(failure) = self.compare().await {
                tracing::warn!(event = "choices-not-compared", cause = failure.inward(), "trying again");
                tokio::time::sleep(AGAIN).await;
            }
        }
        loop {
            let now = self.clock.now();
            let keep = self.store.write::<_, DbErr, _>(move |tx| Box::pin(seen::keep(tx, now)));
            if let Err(error) = keep.await {
                let failure = Failure::from(error);
                tracing::warn!(
                    event = "not-said-whole",
                    cause = failure.inward(),
                    "that the store is whole was not written"
                );
            }
            tokio::time::sleep(SAYS_SO).await;
        }
    }

    /// Does again what the log tells of since its store was last known to be whole and is not here. What failed while it
    /// ran, and was told so, is older than that and stays undone.
    pub async fn compare(&self) -> Result<(), Failure> {
        let seen = seen::read(self.store.read()).await.map_err(|e| lcr_store::unavailable(&e))?;
        let surely = seen.is_some_and(|at| self.clock.now().duration_since(at) < SURELY);
        if !surely {
            self.catch_up(seen.map_or(Uuid::nil(), before)).await?;
        }
        self.compared.store(true, Ordering::Release);
        Ok(())
    }

    async fn catch_up(&self, mut after: Uuid) -> Result<(), Failure> {
        let mut again = 0;
        loop {
            let steps = self.audit.choice_steps(after).await?;
            let Some(last) = steps.last().map(|entry| entry.id) else { break };
            again += self.do_again(steps).await?;
            after = last;
        }
        if again > 0 {
            tracing::warn!(
                event = "choices-done-again",
                again,
                "acts on choices were on the log and not here"
            );
        }
        Ok(())
    }

    async fn do_again(&self, steps: Vec<OpenEntry>) -> Result<usize, Failure> {
        let (now, raise) = (self.clock.now(), self.fence.in_store());
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let mut changed = vec![];
                for entry in &steps {
                    changed.extend(do_one_again(tx, entry).await?);
                }
                raise.people(tx, &changed, now).await?;
                let version = now.as_microsecond();
                let events: Vec<_> =
                    changed.iter().map(|person| ChoiceChanged { person: *person, version }).collect();
                Store::publish(tx, now, &events).await?;
                Ok(changed)
            })
        });
        let changed = write.await?;
        for person in &changed {
            self.fence.raise(*person);
        }
        Ok(changed.len())
    }
}

/// An id that comes before that of every entry made from somewhat before `at` on.
fn before(at: Timestamp) -> Uuid {
    let millis = (at - SLACK).as_millisecond();
    Builder::from_unix_timestamp_millis(millis.unsigned_abs(), &[0; 10]).into_uuid()
}

/// The person whose choice changed; none when the act is here already.
async fn do_one_again(tx: &DatabaseTransaction, entry: &OpenEntry) -> Result<Option<PersonId>, DbErr> {
    let (Some(step), Some(person)) = (&entry.choice, entry.people.first()) else { return Ok(None) };
    let changed_at = entry.at.as_microsecond();
    match rows::find(tx, step.id).await? {
        Some(held) if held.version >= step.version => return Ok(None),
        Some(held) => {
            let status = rows::to_name(&step.status)?;
            rows::replace(tx, ChoiceRow { status, version: step.version, changed_at, ..held }).await?;
        }
        None => {
            let identities = store::find_person(tx, &[*person]).await?.remove(person);
            let identities = identities.map(|row| row.identities).unwrap_or_default();
            let covers: Vec<String> = identities.lines().map(str::to_owned).collect();
            rows::insert(tx, made_again(entry, step, *person)?, &covers).await?;
        }
    }
    Ok(Some(*person))
}

/// Without its reason, which is not on the log.
fn made_again(entry: &OpenEntry, step: &ChoiceStep, person: PersonId) -> Result<ChoiceRow, DbErr> {
    Ok(ChoiceRow {
        id: step.id,
        person: person.0,
        origin: step.origin,
        direction: rows::to_name(&step.direction)?,
        organisation: step.organisation.as_ref().map(|ods| ods.0.clone()),
        status: rows::to_name(&step.status)?,
        by_user: entry.actor.user.0.clone(),
        by_words: made_by(&entry.actor),
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
    fn what_was_made_just_before_its_last_word_is_looked_at_again() {
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let made = |second: u64| Builder::from_unix_timestamp_millis(second * 1000, &[255; 10]).into_uuid();
        assert!(made(1_800_000_000 - 59) > before(at));
        assert!(made(1_800_000_000 - 61) < before(at));
    }
}
