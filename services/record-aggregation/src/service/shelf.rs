//! What sources pushed, kept until somebody may look: sealed, by the source's own key, newest version only.

use std::sync::Arc;

use lcr_contracts::{
    Failure,
    events::{ItemReceived, PushedItem},
};
use lcr_fhir::Item;
use lcr_model::{SourceIdentity, seal::DataKeys};
use lcr_store::Store;
use sea_orm::DbErr;

use crate::{
    domain::{kind::Kind, pushed::Pushed},
    store::pushed as rows,
};

/// Where a kept item lives, as sealing names it.
const LIVES_AT: &str = "record-aggregation/pushed";

/// The pushed items of everybody.
#[derive(Clone)]
pub struct Shelf {
    pub store: Store,
    pub keys: Arc<DataKeys>,
}

impl Shelf {
    /// Takes in what feeds read. What does not open or read fails the batch, so that the bus puts it aside and it can
    /// be brought back.
    pub async fn take(&self, events: Vec<ItemReceived>) -> Result<(), Failure> {
        let kept: Result<Vec<rows::Model>, Failure> =
            events.into_iter().map(|event| self.row(event)).collect();
        let kept = kept?;
        if kept.is_empty() {
            return Ok(());
        }
        let write =
            self.store.write::<_, DbErr, _>(move |tx| Box::pin(async move { rows::keep(tx, kept).await }));
        Ok(write.await?)
    }

    fn row(&self, event: ItemReceived) -> Result<rows::Model, Failure> {
        let plain = self.keys.open("feeds/item", &event.sealed).map_err(Failure::internal)?;
        let unread = |_| Failure::internal("a pushed item does not read");
        let pushed: PushedItem = serde_json::from_slice(&plain).map_err(unread)?;
        let readable: Vec<_> = pushed.resources.into_iter().filter_map(|one| Item::read(one).ok()).collect();
        let values: Vec<_> = readable.into_iter().map(Item::into_value).collect();
        let plain = serde_json::to_vec(&values).map_err(Failure::internal)?;
        let sealed = self.keys.seal(LIVES_AT, &plain).map_err(Failure::internal)?;
        Ok(rows::Model {
            source: event.identity.source.0,
            local_id: event.identity.local_id.0,
            kind: format!("{:?}", event.kind),
            item: event.item,
            version: event.version,
            sealed,
        })
    }

    /// Everything pushed about these identities.
    pub async fn read(&self, identities: &[SourceIdentity]) -> Result<Vec<Pushed>, Failure> {
        let rows = rows::of(self.store.read(), identities).await.map_err(|e| lcr_store::unavailable(&e))?;
        let mut found = Vec::new();
        for row in rows {
            let plain = self.keys.open(LIVES_AT, &row.sealed).map_err(Failure::internal)?;
            let values: Vec<serde_json::Value> =
                serde_json::from_slice(&plain).map_err(|_| Failure::internal("a kept item does not read"))?;
            let items = values.into_iter().map(Item::kept);
            let with_kind = items.filter_map(|item| Some((Kind::named(item.resource_type())?, item)));
            let source = lcr_model::SourceId(row.source);
            found.push(Pushed { source, version: row.version, items: with_kind.collect() });
        }
        Ok(found)
    }
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
