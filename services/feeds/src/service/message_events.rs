//! The events of one message. All must be published in its transaction, or none.

use jiff::Timestamp;
use lcr_contracts::events::{CareLinkReceived, DemographicsReceived, EncounterReceived, ItemReceived};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

/// The events of a message, by type.
#[derive(Default)]
pub struct Events {
    pub people: Vec<DemographicsReceived>,
    pub stays: Vec<EncounterReceived>,
    pub items: Vec<ItemReceived>,
    pub links: Vec<CareLinkReceived>,
}

impl Events {
    /// Publishes the events and returns their number.
    pub async fn publish(self, tx: &DatabaseTransaction, now: Timestamp) -> Result<i32, DbErr> {
        Store::publish(tx, now, &self.people).await?;
        Store::publish(tx, now, &self.stays).await?;
        Store::publish(tx, now, &self.items).await?;
        Store::publish(tx, now, &self.links).await?;
        let events = self.people.len() + self.stays.len() + self.items.len() + self.links.len();
        Ok(i32::try_from(events).unwrap_or(i32::MAX))
    }
}
