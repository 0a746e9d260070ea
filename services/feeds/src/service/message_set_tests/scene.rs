//! A store of feeds for tests of sets, and messages as they are handed over to it.

use std::sync::Arc;

use jiff::Timestamp;
use lcr_contracts::{
    events::{CloudEvent, DemographicsReceived, EncounterReceived, EventBody, SourcePatient, Stream},
    registry::System,
    spell::SpellMessage,
};
use lcr_hl7::Header;
use lcr_model::seal::DataKeys;
use lcr_store::{Durability, Store, StoreError};
use lcr_testkit::Folder;
use sea_orm::{EntityTrait, QueryOrder};
use tracing::Span;

use crate::{
    domain::{
        self, Arrival, Mentions, Sender, content_hash,
        testing::{local_id_key, source, text},
    },
    service::{
        Transport, Verdict,
        message_row::{new_row, with_verdict},
        message_set::{IncomingMessage, store_set},
        store_message::StoreOutcome,
    },
    store::{Migrator, message::entity},
};

pub const ASHDOWN: &str = "PID|1||4711^^^Z9H01^MR~9990000018^^^NHS^NH||Ashdown^Ottilie||19450714|F";
pub const BELL: &str = "PID|1||4712^^^Z9H01^MR~9990000026^^^NHS^NH||Bell^Wilfred";

pub struct Scene {
    pub store: Store,
    pub keys: Arc<DataKeys>,
    _folder: Folder,
}

impl Scene {
    pub async fn set() -> Self {
        Self::with_keys(Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap())).await
    }

    /// An empty store of its own, whose content is sealed by these keys.
    pub async fn with_keys(keys: Arc<DataKeys>) -> Self {
        let folder = Folder::new("message-set").unwrap();
        let file = folder.path().join("feeds.db");
        let store = Store::open::<Migrator>(&file, "feeds", Durability::Acknowledged).await.unwrap();
        Self { store, keys, _folder: folder }
    }

    pub async fn store(&self, messages: &[Arc<IncomingMessage>]) -> Result<Vec<StoreOutcome>, StoreError> {
        let (keys, messages) = (self.keys.clone(), messages.to_vec());
        self.store.write(async move |tx| store_set(&tx, &keys, &messages).await).await
    }

    /// The status and the number of events of each message, in the order of arrival.
    pub async fn rows(&self) -> Vec<(String, i32)> {
        let rows = entity::Entity::find().order_by_asc(entity::Column::Id).all(self.store.read()).await.unwrap();
        rows.into_iter().map(|row| (row.status, row.events)).collect()
    }

    pub async fn events<B: EventBody>(&self) -> Vec<B> {
        let rows = self.store.outbox().after(Stream::Feeds, 0, 1_000).await.unwrap();
        let body = |event: &CloudEvent| event.body::<B>().map(Result::unwrap);
        rows.iter().filter_map(|row| body(&row.event)).collect()
    }

    pub async fn people(&self) -> Vec<SourcePatient> {
        let open = |event: DemographicsReceived| {
            let plain = self.keys.open("feeds/demographics", &event.sealed).unwrap();
            serde_json::from_slice(&plain).unwrap()
        };
        self.events().await.into_iter().map(open).collect()
    }

    /// The id of the stay of each message about one, and the id it had before.
    pub async fn stays(&self) -> Vec<(String, Option<String>)> {
        let open = |event: EncounterReceived| {
            let plain = self.keys.open("feeds/encounter", &event.sealed).unwrap();
            let message: SpellMessage = serde_json::from_slice(&plain).unwrap();
            (event.spell.0, message.formerly.map(|stay| stay.0))
        };
        self.events().await.into_iter().map(open).collect()
    }
}

/// A message of the hospital, as it is handed over.
pub fn incoming(control_id: &str, kind: &str, segments: &[&str]) -> Arc<IncomingMessage> {
    incoming_from(&hospital(), &text(kind, segments).replace("|M1|", &format!("|{control_id}|")))
}

pub fn hospital() -> System {
    source(&[("PAS", "Z9H01")])
}

/// A message of this system, as it is handed over.
pub fn incoming_from(system: &System, bytes: &str) -> Arc<IncomingMessage> {
    let key = local_id_key();
    let message = lcr_hl7::Message::read(bytes.as_bytes()).unwrap();
    let (header, content) = (Header::of(&message), content_hash(bytes.as_bytes()));
    let received: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let arrival =
        Arrival { message: &message, header: &header, system, received, content: &content, local_id_key: &key };
    let verdict = Verdict::from(domain::map(&arrival));
    let mentions = verdict.mentions(|| Mentions::of_message(&arrival));
    let row = new_row(received, Transport::Mllp, &Sender::Listener, &header, Some(system), &content, bytes.len());
    let (row, verdict) = with_verdict(row, verdict);
    Arc::new(IncomingMessage { row, verdict, mentions, now: received, span: Span::none() })
}

pub fn pv1(visit: &str) -> String {
    format!("PV1|1|I|W1^1^1^Z9H01{}{visit}", "|".repeat(16))
}
