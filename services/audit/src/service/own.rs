//! A signed-in patient's own log, and the opened leaves for those whose desk the log is.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lcr_contracts::{
    Caller, Failure, Kind,
    audit::{Entry, EntryQuery, Look, OwnLog},
};
use lcr_model::{PersonId, Role};
use uuid::Uuid;

use super::{Service, may_read};
use crate::{
    domain::{
        leaf::{LeafKind, OpenLeaf},
        telling,
    },
    store::{self, tree},
};

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
        self.append(self.reading(caller, Some(person))).await?;
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

    /// Rows that no leaf commits to and that do not wait for one: none, unless somebody was at the database.
    pub async fn unplaced(&self, caller: &Caller) -> Result<u64, Failure> {
        may_read(caller)?;
        tree::unplaced(self.store.read()).await.map_err(|e| lcr_store::unavailable(&e))
    }

    /// Leaves from `first` on with what opens them, at most `limit` (500).
    pub async fn open_leaves(
        &self,
        caller: &Caller,
        first: u64,
        limit: u64,
    ) -> Result<Vec<OpenLeaf>, Failure> {
        may_read(caller)?;
        self.append(self.reading(caller, None)).await?;
        let db = self.store.read();
        let away = |error: sea_orm::DbErr| lcr_store::unavailable(&error);
        let leaves = tree::leaves(db, first, limit.clamp(1, 500)).await.map_err(away)?;
        let mut opened = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let kind = if leaf.kind == "opened" { LeafKind::Opened } else { LeafKind::Completed };
            opened.push(OpenLeaf {
                index: leaf.place.unsigned_abs(),
                kind,
                id: leaf.id,
                salt: URL_SAFE_NO_PAD.encode(&leaf.salt),
                canonical: store::canonical(db, kind, leaf.id).await.map_err(away)?,
                indexed: match kind {
                    LeafKind::Opened => store::indexed(db, leaf.id).await.map_err(away)?,
                    LeafKind::Completed => None,
                },
            });
        }
        Ok(opened)
    }
}
