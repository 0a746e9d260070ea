//! Stores care links. A person who gains or loses a relationship by one is decided about again at once. An event that
//! does not unseal must never be skipped.

use lcr_bus::{bodies, unreadable_body};
use lcr_contracts::{
    Failure,
    events::{CareLink, CareLinkReceived, ChoiceChanged, CloudEvent},
};
use lcr_store::Store;

use super::Projections;
use crate::store::{
    care_link::{self, CareLinkRow},
    person_identity,
};

impl Projections {
    pub(super) async fn store_care_links(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let received = events.iter().filter_map(|event| self.unseal_link(event).transpose());
        let received = received.collect::<Result<Vec<CareLinkRow>, Failure>>()?;
        if received.is_empty() {
            return Ok(());
        }
        let (service, now) = (self.service.clone(), self.service.clock.now());
        let write = self.service.store.write(async move |tx| {
            let keys = care_link::store_links(&tx, received, now).await?;
            let affected = person_identity::find_people(&tx, &keys).await?;
            service.epochs.store_bump().bump_people(&tx, &affected, now).await?;
            let version = now.as_microsecond();
            let changed: Vec<ChoiceChanged> =
                affected.iter().map(|person| ChoiceChanged { person: *person, version }).collect();
            Store::publish(&tx, now, &changed).await?;
            // Bump before and after the commit: a reader of the commit finds a new epoch, and decisions made in between fail.
            for person in &affected {
                service.epochs.bump(*person);
            }
            Ok(affected)
        });
        self.bump_epochs(write.await?);
        Ok(())
    }

    /// `None` for events of other types.
    fn unseal_link(&self, event: &CloudEvent) -> Result<Option<CareLinkRow>, Failure> {
        let Some(body) = bodies::<CareLinkReceived>(std::slice::from_ref(event))?.pop() else {
            return Ok(None);
        };
        let plain = self.service.data_keys.open("feeds/care-link", &body.sealed).map_err(|_| unreadable_body(event))?;
        let link: CareLink = serde_json::from_slice(&plain).map_err(|_| unreadable_body(event))?;
        Ok(Some(care_link::to_row(body, link, event.time)))
    }
}
