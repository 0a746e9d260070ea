//! After a restore: acts on choices that are on the log and not here are done again from it, before anything is decided
//! (design section 11, "Restore forgets"). It must never undo what is here, nor bring back anybody's words.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jiff::SignedDuration;
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

/// Ids of entries are in the order of the clocks that made them, which may differ by less than this.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_hours(1);
const AGAIN: Duration = Duration::from_millis(500);

impl Service {
    /// Whether everything that was on the log when it started is here.
    pub fn is_compared(&self) -> Result<(), Failure> {
        if self.compared.load(Ordering::Acquire) {
            return Ok(());
        }
        Err(Failure::new(Kind::CatchingUp, "Choices are being compared with the log. Try again in a minute."))
    }

    /// Tries until it is done; nothing is decided before.
    pub async fn compare_until_done(self: Arc<Self>) {
        while let Err(failure) = self.compare().await {
            tracing::warn!(event = "choices-not-compared", "{}", failure.inward());
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Does again what the log tells of since the last time and is not here.
    pub async fn compare(&self) -> Result<(), Failure> {
        let seen = seen::read(self.store.read()).await.map_err(|e| lcr_store::unavailable(&e))?;
        let mut after = seen.map_or(Uuid::nil(), before);
        let mut again = 0;
        loop {
            let steps = self.audit.choice_steps(after).await?;
            let Some(last) = steps.last().map(|entry| entry.id) else { break };
            again += self.do_again(steps, last).await?;
            after = last;
        }
        if again > 0 {
            tracing::warn!(
                event = "choices-done-again",
                again,
                "acts on choices were on the log and not here"
            );
        }
        self.compared.store(true, Ordering::Release);
        Ok(())
    }

    async fn do_again(&self, steps: Vec<OpenEntry>, last: Uuid) -> Result<usize, Failure> {
        let (now, raise) = (self.clock.now(), self.fence.in_store());
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let mut changed = vec![];
                for entry in &steps {
                    changed.extend(do_one_again(tx, entry).await?);
                }
                seen::keep(tx, last).await?;
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

/// Somewhat before `seen`: an id that would come after every entry made then.
fn before(seen: Uuid) -> Uuid {
    let (seconds, _) = seen.get_timestamp().map_or((0, 0), |at| at.to_unix());
    let differ = CLOCKS_DIFFER.as_secs().unsigned_abs();
    Builder::from_unix_timestamp_millis(seconds.saturating_sub(differ) * 1000, &[0; 10]).into_uuid()
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
        made_at: entry.at.as_microsecond(),
        changed_at: entry.at.as_microsecond(),
        version: step.version,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_clock_made_meanwhile_is_looked_at_again() {
        let seen = Uuid::now_v7();
        let (seconds, _) = seen.get_timestamp().map(|at| at.to_unix()).unwrap_or_default();
        let made = |seconds: u64| Builder::from_unix_timestamp_millis(seconds * 1000, &[255; 10]).into_uuid();
        assert!(made(seconds - 3599) > before(seen));
        assert!(made(seconds - 3601) < before(seen));
    }
}
