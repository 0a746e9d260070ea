//! What senders leave whom nobody knows: a part of it is kept, so that a partner who was set up wrongly can be helped, and
//! only for a while. It must never touch a message of a known source.

use std::{num::NonZeroU32, sync::Arc};

use jiff::ToSpan;
use lcr_web::rate::Rates;
use sea_orm::DbErr;

use super::Service;
use crate::store::message;

/// So many a minute are kept; further ones are answered and forgotten.
const A_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(119);
/// For so long.
const HOURS: i64 = 28 * 24;
/// And never more of them than this, the newest.
const MOST: u64 = 10_000;

/// How many messages of unknown senders are still kept this minute. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Unknown {
    kept: Arc<Rates<()>>,
    told: Arc<Rates<()>>,
}

impl Default for Unknown {
    fn default() -> Self {
        let once = NonZeroU32::MIN;
        Self {
            kept: Arc::new(Rates::a_minute(A_MINUTE, A_MINUTE)),
            told: Arc::new(Rates::a_minute(once, once)),
        }
    }
}

impl Unknown {
    /// Whether one more is kept. That none is any more is logged once a minute: a flood must not fill the log.
    pub fn may_be_kept(&self) -> bool {
        let may = self.kept.allows(&());
        if !may && self.told.allows(&()) {
            tracing::warn!(
                alarm = "unknown-senders",
                "unknown senders send more than is kept of their messages"
            );
        }
        may
    }
}

impl Service {
    /// Ends what is too old or too much, for ever.
    pub async fn end_what_is_unknown(self) {
        lcr_observe::sample(|| async {
            if let Err(error) = self.end_unknown(MOST).await {
                tracing::warn!(
                    cause = lcr_store::kind_of(&error),
                    "messages of unknown senders were not ended"
                );
            }
        })
        .await;
    }

    async fn end_unknown(&self, most: u64) -> Result<(), DbErr> {
        let before = (self.clock.now() - HOURS.hours()).as_microsecond();
        // Looked at first: a write is rare.
        let Some(last) = message::last_unknown_to_end(self.store.read(), before, most).await? else {
            return Ok(());
        };
        let ended = self
            .store
            .write::<_, DbErr, _>(move |tx| Box::pin(async move { message::end_unknown(tx, last).await }));
        ended.await.map_err(|error| DbErr::Custom(error.to_string()))
    }
}
