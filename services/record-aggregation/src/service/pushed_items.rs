//! Stores the items that sources push: sealed, and only the newest version of each. It must never store one in clear.

use std::sync::Arc;

use lcr_contracts::{
    Failure,
    events::{ItemReceived, PushedItem},
};
use lcr_fhir::Item;
use lcr_model::{SourceIdentity, seal::DataKeys};
use lcr_store::Store;

use crate::{
    domain::{prepared_item::PreparedItem, pushed_resources::PushedResources, resource_type::ResourceType},
    store::pushed as rows,
};

/// The associated data of a stored item's seal.
const SEALED_AT: &str = "record-aggregation/pushed";

/// The store of everybody's pushed items.
#[derive(Clone)]
pub struct PushedItems {
    pub store: Store,
    pub keys: Arc<DataKeys>,
}

impl PushedItems {
    /// Stores the items. An item that cannot be opened or parsed fails the batch, so that the bus makes it a dead letter.
    pub async fn save(&self, events: Vec<ItemReceived>) -> Result<(), Failure> {
        let rows: Vec<rows::Model> =
            events.into_iter().map(|event| self.sealed_row(event)).collect::<Result<_, Failure>>()?;
        if rows.is_empty() {
            return Ok(());
        }
        let write = self.store.write(async move |tx| rows::upsert_newer(&tx, rows).await);
        Ok(write.await?)
    }

    fn sealed_row(&self, event: ItemReceived) -> Result<rows::Model, Failure> {
        let plain = self.keys.open("feeds/item", &event.sealed).map_err(Failure::internal)?;
        let malformed = |_| Failure::internal("a pushed item cannot be parsed");
        let pushed: PushedItem = serde_json::from_slice(&plain).map_err(malformed)?;
        let readable: Vec<_> = pushed.resources.into_iter().filter_map(|value| Item::read(value).ok()).collect();
        let values: Vec<_> = readable.into_iter().map(Item::into_value).collect();
        let plain = serde_json::to_vec(&values).map_err(Failure::internal)?;
        let sealed = self.keys.seal(SEALED_AT, &plain).map_err(Failure::internal)?;
        Ok(rows::Model {
            source: event.identity.source.0,
            local_id: event.identity.local_id.0,
            kind: event.kind.key().to_owned(),
            item: event.item,
            version: event.version,
            sealed,
        })
    }

    /// Loads everything pushed about these identities.
    pub async fn load(&self, identities: &[SourceIdentity]) -> Result<Vec<PushedResources>, Failure> {
        let rows = rows::load(self.store.read(), identities).await?;
        let mut found = Vec::new();
        for row in rows {
            let plain = self.keys.open(SEALED_AT, &row.sealed).map_err(Failure::internal)?;
            let values: Vec<serde_json::Value> =
                serde_json::from_slice(&plain).map_err(|_| Failure::internal("a stored item cannot be parsed"))?;
            let items = values.into_iter().map(Item::from_trusted);
            let typed_items =
                items.filter_map(|item| Some((ResourceType::parse(item.resource_type())?, PreparedItem::from(item))));
            let source = lcr_model::SourceId(row.source);
            found.push(PushedResources { source, version: row.version, items: typed_items.collect() });
        }
        Ok(found)
    }
}

#[cfg(test)]
#[path = "pushed_items_tests.rs"]
mod tests;
