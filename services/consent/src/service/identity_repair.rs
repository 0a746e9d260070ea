//! Repairs the people of each identity. The version before stores identities of people without them, and runs beside this
//! one during an upgrade. Decisions never depend on it: only lists and announcements do.

use std::{sync::Arc, time::Duration};

use lcr_contracts::Failure;
use lcr_store::StoreError;
use uuid::Uuid;

use super::Service;
use crate::store::person_identity;

/// An upgrade has ended, and no process of the version before runs.
const AFTER_UPGRADE: Duration = Duration::from_hours(1);
const RETRY_INTERVAL: Duration = Duration::from_secs(30);

impl Service {
    /// Repairs at the start, and once more after an upgrade.
    pub async fn run_identity_repair(self: Arc<Self>) {
        for pause in [Duration::ZERO, AFTER_UPGRADE] {
            tokio::time::sleep(pause).await;
            while let Err(error) = self.repair_identities().await {
                let failure = Failure::from(error);
                tracing::warn!(event = "identities-not-repaired", cause = failure.inward(), "trying again");
                tokio::time::sleep(RETRY_INTERVAL).await;
            }
        }
    }

    /// One write for each batch, so that nobody waits long.
    async fn repair_identities(&self) -> Result<(), StoreError> {
        let mut after = Some(Uuid::nil());
        while let Some(person) = after {
            after = self.store.write(async move |tx| person_identity::repair_batch(&tx, person).await).await?;
        }
        Ok(())
    }
}
