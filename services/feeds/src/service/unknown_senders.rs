//! Limits and deletes messages of unknown senders. Some are stored for a while, to help a partner with a wrong setup.
//! It must never touch a message of a known source.

use std::{num::NonZeroU32, sync::Arc};

use jiff::ToSpan;
use lcr_web::rate_limit::RateLimits;
use sea_orm::DbErr;

use super::Service;
use crate::store::message;

/// Messages stored per minute. Further ones are acknowledged but not stored.
const MAX_STORED_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(119);
/// How long a message is stored, in hours.
const RETENTION_HOURS: i64 = 28 * 24;
/// The most messages stored in all; the oldest go first.
const MAX_STORED: u64 = 10_000;

/// Limits how many messages of unknown senders are stored. Cheap to clone.
#[derive(Debug, Clone)]
pub struct UnknownSenders {
    stored: Arc<RateLimits<()>>,
    logged: Arc<RateLimits<()>>,
}

impl Default for UnknownSenders {
    fn default() -> Self {
        let once = NonZeroU32::MIN;
        Self {
            stored: Arc::new(RateLimits::a_minute(MAX_STORED_PER_MINUTE, MAX_STORED_PER_MINUTE)),
            logged: Arc::new(RateLimits::a_minute(once, once)),
        }
    }
}

impl UnknownSenders {
    /// Whether one more message can be stored. Logs a refusal at most once a minute, so that a flood does not fill the log.
    pub fn can_store(&self) -> bool {
        let can_store = self.stored.allows(&());
        if !can_store && self.logged.allows(&()) {
            tracing::warn!(alarm = "unknown-senders", "unknown senders send more messages than are stored");
        }
        can_store
    }
}

impl Service {
    /// Deletes expired messages at intervals, until the process ends.
    pub async fn run_unknown_sender_cleanup(self) {
        lcr_observe::sample(|| async {
            if let Err(error) = self.delete_unknown_senders(MAX_STORED).await {
                tracing::warn!(cause = lcr_store::kind_of(&error), "messages of unknown senders could not be deleted");
            }
        })
        .await;
    }

    async fn delete_unknown_senders(&self, max: u64) -> Result<(), DbErr> {
        let before = (self.clock.now() - RETENTION_HOURS.hours()).as_microsecond();
        // Reading first avoids a write transaction on most runs.
        let Some(last) = message::find_last_expired_unknown(self.store.read(), before, max).await? else {
            return Ok(());
        };
        let deleted = self.store.write(async move |tx| message::delete_unknown_up_to(&tx, last).await);
        deleted.await.map_err(|error| DbErr::Custom(error.to_string()))
    }
}
