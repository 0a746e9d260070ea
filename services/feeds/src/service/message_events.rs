//! The events of one message. All must be published in its transaction, or none.

use jiff::Timestamp;
use lcr_contracts::events::{CareLinkReceived, DemographicsReceived, EncounterReceived, EventBody, ItemReceived};
use lcr_store::NewEvent;
use sea_orm::DbErr;

/// The events of a message, by type.
#[derive(Default)]
pub struct Events {
    pub people: Vec<DemographicsReceived>,
    pub stays: Vec<EncounterReceived>,
    pub items: Vec<ItemReceived>,
    pub links: Vec<CareLinkReceived>,
}

impl Events {
    /// The events in the order in which they are published.
    pub fn in_order(self, now: Timestamp) -> Result<Vec<NewEvent>, DbErr> {
        let mut all = new_events(now, &self.people)?;
        all.extend(new_events(now, &self.stays)?);
        all.extend(new_events(now, &self.items)?);
        all.extend(new_events(now, &self.links)?);
        Ok(all)
    }
}

fn new_events<B: EventBody>(now: Timestamp, bodies: &[B]) -> Result<Vec<NewEvent>, DbErr> {
    bodies.iter().map(|body| NewEvent::of(now, body)).collect()
}

/// The number of events, for the row of their message.
pub fn count(events: &[NewEvent]) -> i32 {
    i32::try_from(events.len()).unwrap_or(i32::MAX)
}
