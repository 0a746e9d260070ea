//! What virtual-ward hears. To keep: messages of stays and items from feeds, who is who from the index, hospitals
//! and teams from the registry; a batch takes effect, and is told of, in one transaction. To pass on to open
//! lists: whatever could change what they may show.

mod take_in;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_bus::{Consumer, bodies, unreadable};
use lcr_contracts::{
    Failure,
    events::{
        ChoiceChanged, CloudEvent, DemographicsReceived, EncounterReceived, ItemReceived, MessageWaits,
        PartnersChanged, PersonChanged, Pushed, PushedItem, SessionEnded, SourcePatient, Stream, WardChanged,
    },
    spell::SpellMessage,
};
use lcr_model::{Clock, PersonId, SessionId, SourceId, SpellId, seal::DataKeys};
use lcr_runtime::Stop;
use lcr_store::Store;
use sea_orm::DbErr;
use serde::de::DeserializeOwned;
use tokio::sync::broadcast;

use crate::store::{item, message, patient};

/// Something that an open list may have to look at again. Ids alone.
#[derive(Debug, Clone)]
pub enum Change {
    Stays,
    People(Arc<BTreeSet<PersonId>>),
    Everybody,
    Ended(SessionId),
}

pub type News = broadcast::Sender<Change>;

/// What one batch brings.
#[derive(Default)]
pub struct Arrived {
    pub messages: Vec<message::Arrived>,
    /// Visits that got another number: the former and the new one.
    pub renumbered: Vec<(SpellId, SpellId)>,
    pub items: Vec<item::Arrived>,
    pub patients: Vec<patient::Arrived>,
    pub waiting: Vec<MessageWaits>,
    pub people: Vec<PersonChanged>,
    pub partners: Vec<PartnersChanged>,
    pub heard: HashMap<SourceId, Timestamp>,
}

/// How often stays of the version before are looked for while an upgrade may last, and afterwards: no index finds them.
const FOLD_OLD: [Duration; 2] = [Duration::from_secs(20), Duration::from_hours(1)];
const UPGRADE: Duration = Duration::from_mins(30);

/// Keeps what it hears.
pub struct Projections {
    pub store: Store,
    pub keys: Arc<DataKeys>,
    pub clock: Arc<dyn Clock>,
    pub news: News,
}

#[async_trait]
impl Consumer for Projections {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let arrived = self.read(events)?;
        let registry_changed = !arrived.partners.is_empty();
        let (keys, now) = (self.keys.clone(), self.clock.now());
        let changed = self
            .store
            .write::<_, DbErr, _>(move |tx| {
                Box::pin(async move { take_in::take_in(tx, &keys, now, arrived).await })
            })
            .await?;
        // After the commit, so that whoever looks again sees it. Nobody listening is no failure.
        if registry_changed {
            let _ = self.news.send(Change::Everybody);
        }
        if !changed.people.is_empty() {
            let _ = self.news.send(Change::People(Arc::new(changed.people)));
        }
        if changed.stays {
            let _ = self.news.send(Change::Stays);
        }
        Ok(())
    }
}

impl Projections {
    /// Folds what an earlier version stored, now and as long as the process runs: a replica of that version may go on
    /// storing during an upgrade.
    pub async fn keep_folding_old(&self, stop: Stop) {
        let started = Instant::now();
        while !stop.is_cancelled() {
            self.fold_old().await;
            let [soon, later] = FOLD_OLD;
            let pause = if started.elapsed() < UPGRADE { soon } else { later };
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// In small steps, until there is none left. A step that fails is tried again next time.
    async fn fold_old(&self) {
        loop {
            let (keys, now) = (self.keys.clone(), self.clock.now());
            let step = self.store.write::<_, DbErr, _>(move |tx| {
                Box::pin(async move { take_in::take_in_old(tx, &keys, now).await })
            });
            match step.await {
                Ok(true) => {}
                Ok(false) => return,
                Err(_) => {
                    tracing::error!("stays of an earlier version could not be folded again");
                    return;
                }
            }
        }
    }

    /// One that does not open or read fails the batch, so that the bus puts it aside: it is never left out.
    fn read(&self, events: &[CloudEvent]) -> Result<Arrived, Failure> {
        let mut arrived = Arrived {
            people: bodies(events)?,
            partners: bodies(events)?,
            waiting: bodies(events)?,
            ..Arrived::default()
        };
        for event in events {
            let one = std::slice::from_ref(event);
            for body in bodies::<EncounterReceived>(one)? {
                self.encounter(event, body, &mut arrived)?;
            }
            for body in bodies::<DemographicsReceived>(one)? {
                let patient: SourcePatient = self.open(event, "feeds/demographics", &body.sealed)?;
                let (identity, version) = (body.identity, body.version);
                arrived.patients.push(patient::Arrived { identity, version, patient });
            }
            for body in bodies::<ItemReceived>(one)? {
                self.item(event, body, &mut arrived)?;
            }
        }
        Ok(arrived)
    }

    fn encounter(
        &self,
        event: &CloudEvent,
        body: EncounterReceived,
        arrived: &mut Arrived,
    ) -> Result<(), Failure> {
        let message: SpellMessage = self.open(event, "feeds/encounter", &body.sealed)?;
        heard(arrived, &message.identity.source, message.received);
        if let Some(former) = message.formerly.clone() {
            arrived.renumbered.push((former, body.spell.clone()));
        }
        arrived.messages.push(message::Arrived { spell: body.spell, version: body.version, message });
        Ok(())
    }

    fn item(&self, event: &CloudEvent, body: ItemReceived, arrived: &mut Arrived) -> Result<(), Failure> {
        let item: PushedItem = self.open(event, "feeds/item", &body.sealed)?;
        heard(arrived, &body.identity.source, event.time);
        let kept = item::Kept {
            letter: body.kind == Pushed::Document && item.discharge_letter,
            awaited: body.kind == Pushed::Result && item.awaited,
            name: item.name,
        };
        // A document that is no letter any more replaces the letter it was: withdrawn ones leave the list.
        if matches!(body.kind, Pushed::Result | Pushed::Document) {
            let (identity, kind, item, version) = (body.identity, body.kind, body.item, body.version);
            arrived.items.push(item::Arrived { identity, kind, item, spell: body.spell, version, kept });
        }
        Ok(())
    }

    fn open<T: DeserializeOwned>(
        &self,
        event: &CloudEvent,
        sealed_for: &str,
        sealed: &str,
    ) -> Result<T, Failure> {
        let plain = self.keys.open(sealed_for, sealed).map_err(|_| unreadable(event))?;
        serde_json::from_slice(&plain).map_err(|_| unreadable(event))
    }
}

fn heard(arrived: &mut Arrived, source: &SourceId, at: Timestamp) {
    let last = arrived.heard.entry(source.clone()).or_insert(at);
    *last = (*last).max(at);
}

/// The streams whose events may close or change an open list.
pub const WATCHED: [Stream; 5] =
    [Stream::Consent, Stream::Identity, Stream::Partners, Stream::People, Stream::Ward];

/// The same word once more, when other services and other replicas will have taken the event in.
const ONCE_MORE: Duration = Duration::from_millis(1500);

/// Passes on to open lists.
pub struct Watch {
    pub news: News,
}

#[async_trait]
impl Consumer for Watch {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let mut changes: Vec<Change> =
            bodies::<SessionEnded>(events)?.into_iter().map(|ended| Change::Ended(ended.session)).collect();
        let choices = bodies::<ChoiceChanged>(events)?.into_iter().map(|change| change.person);
        let people = bodies::<PersonChanged>(events)?.into_iter().map(|change| change.person);
        let people: BTreeSet<PersonId> = choices.chain(people).collect();
        if !people.is_empty() {
            changes.push(Change::People(Arc::new(people)));
        }
        if !bodies::<WardChanged>(events)?.is_empty() {
            changes.push(Change::Stays);
        }
        if !bodies::<PartnersChanged>(events)?.is_empty() {
            changes.push(Change::Everybody);
        }
        self.pass_on(changes);
        Ok(())
    }

    /// Every open list is decided again: a session that ended meanwhile is refused then.
    async fn resync(&self) -> Result<(), Failure> {
        self.pass_on(vec![Change::Everybody]);
        Ok(())
    }
}

impl Watch {
    /// Now, and once more a little later. Nobody listening is no failure.
    fn pass_on(&self, changes: Vec<Change>) {
        if changes.is_empty() || self.news.receiver_count() == 0 {
            return;
        }
        for change in &changes {
            let _ = self.news.send(change.clone());
        }
        let news = self.news.clone();
        tokio::spawn(async move {
            tokio::time::sleep(ONCE_MORE).await;
            for change in changes {
                let _ = news.send(change);
            }
        });
    }
}

#[cfg(test)]
#[path = "events/beside_tests.rs"]
mod tests;
