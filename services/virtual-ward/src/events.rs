//! The event consumers. `Projections` stores events of feeds, index and registry: one batch is one transaction, with the
//! events it publishes. `ChangeForwarder` notifies open lists. No event that does not parse may be skipped.

mod change_forwarder;
mod ingest;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
pub use change_forwarder::{ChangeForwarder, WATCHED_STREAMS};
use jiff::Timestamp;
use lcr_bus::{Consumer, bodies, unreadable_body};
use lcr_contracts::{
    Failure,
    events::{
        CloudEvent, DemographicsReceived, EncounterReceived, ItemReceived, MessageWaits, PersonChanged, PushedItem,
        PushedKind, SourcePatient,
    },
    spell::SpellMessage,
};
use lcr_model::{Clock, PersonId, SessionId, SourceId, SpellId, seal::DataKeys};
use lcr_runtime::Stop;
use lcr_store::{Store, registry::RegistryChange};
use serde::de::DeserializeOwned;
use tokio::sync::broadcast;

use crate::store::{item, message, patient};

/// A change that may concern an open list. It holds ids only.
#[derive(Debug, Clone)]
pub enum ChangeNotice {
    Stays,
    People(Arc<BTreeSet<PersonId>>),
    Everything,
    SessionEnded(SessionId),
}

pub type ChangeSender = broadcast::Sender<ChangeNotice>;

/// The parsed events of one batch.
#[derive(Default)]
pub struct IncomingBatch {
    pub messages: Vec<message::ReceivedMessage>,
    /// Visits whose number changed: the former number and the new one.
    pub renumbered: Vec<(SpellId, SpellId)>,
    pub items: Vec<item::ReceivedItem>,
    pub patients: Vec<patient::ReceivedPatient>,
    pub waiting: Vec<MessageWaits>,
    pub people: Vec<PersonChanged>,
    pub partners: Vec<RegistryChange>,
    pub last_received: HashMap<SourceId, Timestamp>,
}

/// How long an upgrade may last.
const UPGRADE_PERIOD: Duration = Duration::from_mins(30);
/// The search for stays of the previous version scans the table: it is frequent only during the upgrade period.
const UPGRADE_REFOLD_INTERVAL: Duration = Duration::from_secs(20);
const REFOLD_INTERVAL: Duration = Duration::from_hours(1);

/// Stores events and publishes the stays that change.
pub struct Projections {
    pub store: Store,
    pub keys: Arc<DataKeys>,
    pub clock: Arc<dyn Clock>,
    pub changes: ChangeSender,
}

#[async_trait]
impl Consumer for Projections {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let batch = self.parse_batch(events)?;
        let registry_changed = !batch.partners.is_empty();
        let (keys, now) = (self.keys.clone(), self.clock.now());
        let changed = self.store.write(async move |tx| ingest::ingest(&tx, &keys, now, batch).await).await?;
        // Notify after the commit, so that lists read the new state. `send` fails if no list is open; that is fine.
        if registry_changed {
            let _ = self.changes.send(ChangeNotice::Everything);
        }
        if !changed.people.is_empty() {
            let _ = self.changes.send(ChangeNotice::People(Arc::new(changed.people)));
        }
        if changed.stays {
            let _ = self.changes.send(ChangeNotice::Stays);
        }
        Ok(())
    }
}

impl Projections {
    /// Refolds stays of the previous version until the process stops: a replica of that version may run during an upgrade.
    pub async fn run_refold_loop(&self, stop: Stop) {
        let started = Instant::now();
        while !stop.is_cancelled() {
            self.refold_old_stays().await;
            let is_upgrade = started.elapsed() < UPGRADE_PERIOD;
            let pause = if is_upgrade { UPGRADE_REFOLD_INTERVAL } else { REFOLD_INTERVAL };
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Refolds all old stays in small steps. A failed step is repeated in the next run.
    async fn refold_old_stays(&self) {
        loop {
            let (keys, now) = (self.keys.clone(), self.clock.now());
            let step = self.store.write(async move |tx| ingest::refold_old_stays(&tx, &keys, now).await);
            match step.await {
                Ok(true) => {}
                Ok(false) => return,
                Err(_) => {
                    tracing::error!("stays of an earlier version could not be refolded");
                    return;
                }
            }
        }
    }

    /// An event that does not open or parse fails the batch, so that the bus makes it a dead letter.
    fn parse_batch(&self, events: &[CloudEvent]) -> Result<IncomingBatch, Failure> {
        let mut batch = IncomingBatch {
            people: bodies(events)?,
            partners: lcr_store::registry::changes_in(events)?,
            waiting: bodies(events)?,
            ..IncomingBatch::default()
        };
        for event in events {
            let one = std::slice::from_ref(event);
            for body in bodies::<EncounterReceived>(one)? {
                self.add_encounter(event, body, &mut batch)?;
            }
            for body in bodies::<DemographicsReceived>(one)? {
                let patient: SourcePatient = self.open_body(event, "feeds/demographics", &body.sealed)?;
                let (identity, version) = (body.identity, body.version);
                batch.patients.push(patient::ReceivedPatient { identity, version, patient });
            }
            for body in bodies::<ItemReceived>(one)? {
                self.add_item(event, body, &mut batch)?;
            }
        }
        Ok(batch)
    }

    fn add_encounter(
        &self,
        event: &CloudEvent,
        body: EncounterReceived,
        batch: &mut IncomingBatch,
    ) -> Result<(), Failure> {
        let message: SpellMessage = self.open_body(event, "feeds/encounter", &body.sealed)?;
        note_received(batch, &message.identity.source, message.received);
        if let Some(former) = message.formerly.clone() {
            batch.renumbered.push((former, body.spell.clone()));
        }
        batch.messages.push(message::ReceivedMessage { spell: body.spell, version: body.version, message });
        Ok(())
    }

    fn add_item(&self, event: &CloudEvent, body: ItemReceived, batch: &mut IncomingBatch) -> Result<(), Failure> {
        let item: PushedItem = self.open_body(event, "feeds/item", &body.sealed)?;
        note_received(batch, &body.identity.source, event.time);
        let summary = item::ItemSummary {
            letter: body.kind == PushedKind::Document && item.discharge_letter,
            awaited: body.kind == PushedKind::Result && item.awaited,
            name: item.name,
        };
        // Store documents that are not letters too: a withdrawn letter must replace its earlier version.
        if matches!(body.kind, PushedKind::Result | PushedKind::Document) {
            let (identity, kind, item, version) = (body.identity, body.kind, body.item, body.version);
            batch.items.push(item::ReceivedItem { identity, kind, item, spell: body.spell, version, summary });
        }
        Ok(())
    }

    fn open_body<T: DeserializeOwned>(&self, event: &CloudEvent, sealed_for: &str, sealed: &str) -> Result<T, Failure> {
        let plain = self.keys.open(sealed_for, sealed).map_err(|_| unreadable_body(event))?;
        serde_json::from_slice(&plain).map_err(|_| unreadable_body(event))
    }
}

fn note_received(batch: &mut IncomingBatch, source: &SourceId, at: Timestamp) {
    let last = batch.last_received.entry(source.clone()).or_insert(at);
    *last = (*last).max(at);
}

#[cfg(test)]
#[path = "events/previous_version_tests.rs"]
mod tests;
