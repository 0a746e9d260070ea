//! Computes again when stored care links count, if the rule of this version is another one. It must bump the epochs of everybody
//! whose relationships change by it. Meanwhile a decision applies the new rule to the links that it finds.

use std::{sync::Arc, time::Duration};

use lcr_contracts::{Failure, events::ChoiceChanged};
use lcr_store::{Store, StoreError};

use super::Service;
use crate::{
    domain::care_links,
    store::{care_link, person_identity, rule_version},
};

/// An upgrade has ended, and no process of the version before stores links by its own rule.
const AFTER_UPGRADE: Duration = Duration::from_hours(1);
const RETRY_INTERVAL: Duration = Duration::from_secs(30);

impl Service {
    /// Once if the rule has changed, and once more after the upgrade.
    pub async fn run_link_recount(self: Arc<Self>) {
        let has_changed = loop {
            match self.recount_after_change().await {
                Ok(has_changed) => break has_changed,
                Err(error) => warn_and_wait(error).await,
            }
        };
        if !has_changed {
            return;
        }
        tokio::time::sleep(AFTER_UPGRADE).await;
        while let Err(error) = self.recount_links().await {
            warn_and_wait(error).await;
        }
    }

    /// Returns whether the rule has changed since the links were computed.
    async fn recount_after_change(&self) -> Result<bool, StoreError> {
        let version = care_links::rule_version();
        let stored = rule_version::read(self.store.read(), rule_version::CARE_LINKS).await?;
        if stored.as_deref() == Some(version.as_str()) {
            return Ok(false);
        }
        self.recount_links().await?;
        let write = self.store.write(async move |tx| rule_version::write(&tx, rule_version::CARE_LINKS, version).await);
        write.await?;
        Ok(true)
    }

    async fn recount_links(&self) -> Result<(), StoreError> {
        let mut after = Some(care_link::LinkKey::default());
        while let Some(key) = after {
            let (now, bump) = (self.clock.now(), self.epochs.store_bump());
            let write = self.store.write(async move |tx| {
                let (last, keys) = care_link::recount_batch(&tx, key, now).await?;
                let people = person_identity::find_people(&tx, &keys).await?;
                bump.bump_people(&tx, &people, now).await?;
                let version = now.as_microsecond();
                let events: Vec<_> = people.iter().map(|person| ChoiceChanged { person: *person, version }).collect();
                Store::publish(&tx, now, &events).await?;
                Ok((last, people))
            });
            let (last, people) = write.await?;
            for person in people {
                self.epochs.bump(person);
            }
            after = last;
        }
        Ok(())
    }
}

async fn warn_and_wait(error: StoreError) {
    let failure = Failure::from(error);
    tracing::warn!(event = "care-links-not-recounted", cause = failure.inward(), "trying again");
    tokio::time::sleep(RETRY_INTERVAL).await;
}
