//! A signed-in patient's own log. Withheld looks must leave no gap, number or count.

use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, FailureKind,
    audit::{AccessEvent, AccessKind, Entry, EntryQuery, PatientLog, TreeHead},
};
use lcr_model::{PersonId, Role};
use uuid::Uuid;

use super::Service;
use crate::{
    domain::disclosure,
    store::{self, Reader},
};

/// Looks on one page.
const PAGE_SIZE: usize = 50;
/// Entries read at once while filling a page.
const BATCH_SIZE: u16 = 200;
/// The most batches for one page, so that a page ends even if all its entries are withheld.
const MAX_BATCHES: usize = 10;

impl Service {
    pub(super) async fn read_own_log(&self, caller: &Caller, before: Option<Uuid>) -> Result<PatientLog, Failure> {
        if caller.actor.role != Role::Patient {
            return Err(Failure::forbidden("This is a person's own log. Officers search the whole log."));
        }
        let Some(person) = lcr_store::login::of(self.store.read(), &caller.actor.user).await? else {
            let outward = "Your sign-in is still being linked to your record. Try again in a moment.";
            return Err(Failure::new(FailureKind::CatchingUp, outward));
        };
        self.append_entry(self.log_reading_entry(caller, Some(person)), &TreeHead::default()).await?;
        let now = self.clock.now();
        let (mut looks, mut last_read): (Vec<AccessEvent>, _) = (vec![], before);
        for _ in 0..MAX_BATCHES {
            let query = EntryQuery {
                person: Some(person),
                before: last_read,
                limit: Some(BATCH_SIZE),
                ..EntryQuery::default()
            };
            let entries: Vec<Entry> = store::read_page(self.store.read(), &query, Reader::Person).await?;
            let is_last = entries.len() < usize::from(BATCH_SIZE);
            for entry in &entries {
                last_read = Some(entry.opened.id);
                looks.extend(self.access_event(entry, person, now).await?);
                if looks.len() == PAGE_SIZE {
                    return Ok(PatientLog { entries: looks, before: last_read });
                }
            }
            if is_last {
                return Ok(PatientLog { entries: looks, before: None });
            }
        }
        Ok(PatientLog { entries: looks, before: last_read })
    }

    /// The look as the person reads it. A review of a claim appears only if the claim does.
    async fn access_event(
        &self,
        entry: &Entry,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Option<AccessEvent>, Failure> {
        let Some(event) = disclosure::to_access_event(entry, now) else { return Ok(None) };
        let Some(claimed) = disclosure::reviewed_claim(entry) else { return Ok(Some(event)) };
        let query = EntryQuery {
            person: Some(person),
            what: Some(AccessKind::Claim),
            before: Some(entry.opened.id),
            limit: Some(BATCH_SIZE),
            ..EntryQuery::default()
        };
        let earlier = store::read_page(self.store.read(), &query, Reader::Person).await?;
        Ok(Some(event).filter(|_| disclosure::may_show_review(claimed, &earlier, now)))
    }

    /// Whether the signed-in patient is this person.
    pub async fn is_own(&self, caller: &Caller, person: PersonId) -> Result<bool, Failure> {
        Ok(lcr_store::login::of(self.store.read(), &caller.actor.user).await? == Some(person))
    }
}
