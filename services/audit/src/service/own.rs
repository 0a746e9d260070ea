//! A signed-in patient's own log.

use lcr_contracts::{
    Caller, Failure, Kind,
    audit::{Entry, EntryQuery, Look, OwnLog, TreeHead},
};
use lcr_model::{PersonId, Role};
use uuid::Uuid;

use super::Service;
use crate::{domain::telling, store};

/// Looks on one page.
const PAGE: usize = 50;
/// Entries read at once while filling a page.
const READ: u16 = 200;
/// Reads at most, so that a page of nothing but what is withheld still ends.
const READS: usize = 10;

impl Service {
    pub(super) async fn looks(&self, caller: &Caller, before: Option<Uuid>) -> Result<OwnLog, Failure> {
        if caller.actor.role != Role::Patient {
            return Err(Failure::forbidden("This is a person's own log. Officers search the whole log."));
        }
        let linked = lcr_store::login::of(self.store.read(), &caller.actor.user).await;
        let Some(person) = linked.map_err(|e| lcr_store::unavailable(&e))? else {
            let words = "Your sign-in is still being linked to your record. Try again in a moment.";
            return Err(Failure::new(Kind::CatchingUp, words));
        };
        self.take(self.reading(caller, Some(person)), &TreeHead::default()).await?;
        let now = self.clock.now();
        let (mut looks, mut from): (Vec<Look>, _) = (vec![], before);
        for _ in 0..READS {
            let query =
                EntryQuery { person: Some(person), before: from, limit: Some(READ), ..EntryQuery::default() };
            let entries: Vec<Entry> =
                store::page(self.store.read(), &query).await.map_err(|e| lcr_store::unavailable(&e))?;
            let last = entries.len() < usize::from(READ);
            for entry in &entries {
                from = Some(entry.opened.id);
                looks.extend(telling::look(entry, now));
                if looks.len() == PAGE {
                    return Ok(OwnLog { looks, before: from });
                }
            }
            if last {
                return Ok(OwnLog { looks, before: None });
            }
        }
        Ok(OwnLog { looks, before: from })
    }

    /// Whether the signed-in patient is this person.
    pub async fn is_own(&self, caller: &Caller, person: PersonId) -> Result<bool, Failure> {
        let linked = lcr_store::login::of(self.store.read(), &caller.actor.user).await;
        Ok(linked.map_err(|e| lcr_store::unavailable(&e))? == Some(person))
    }
}
