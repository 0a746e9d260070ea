//! A virtual ward with a real store and bus, a fake consent, and a publisher of the events it subscribes to.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32},
    },
    time::Duration,
};

use lcr_auth::KeyRing;
use lcr_bus::{EmbeddedBus, Subscriptions};
use lcr_contracts::{
    events::{EncounterReceived, EventBody, Stream},
    spell::SpellMessage,
    ward::ListOf,
};
use lcr_model::{Clock, PersonId, ServiceName, SigningKey, seal::DataKeys};
use lcr_store::{Durability, NoTables, Store};
use lcr_testkit::{FakeConsent, Folder, eventually};
use lcr_web::Authenticator;

use crate::{
    fake_consent::{FakeDecision, TestClock, TestDecisions},
    fixtures::{PRACTICE, ask, at, gp, person_changed, registry, spell_of},
};

pub struct Scene {
    pub ward: lcr_virtual_ward::Handle,
    pub consent: Arc<TestDecisions>,
    pub clock: Arc<TestClock>,
    pub identity_key: SigningKey,
    pub keys: Arc<DataKeys>,
    pub stop: lcr_runtime::Stop,
    pub bus: EmbeddedBus,
    publisher: Store,
    _folder: Folder,
}

impl Scene {
    /// A scene with hospitals, practices and a team, at noon of 20 November 2026.
    pub async fn new() -> Self {
        let scene = Self::without_registry().await;
        scene.publish(&registry()).await;
        scene
    }

    async fn without_registry() -> Self {
        let folder = Folder::new("ward").unwrap();
        let file = |name: &str| folder.path().join(name);
        let keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
        let [own, consent_key, identity] = [(); 3].map(|()| SigningKey::generate().unwrap());
        let ring = KeyRing::new(
            own,
            [(ServiceName::Consent, consent_key.public().clone()), (ServiceName::Identity, identity.public().clone())],
        );
        let clock = Arc::new(TestClock(Mutex::new(at("2026-11-20T12:00:00Z"))));
        let consent = Arc::new(TestDecisions {
            decisions: Mutex::default(),
            questions: Mutex::default(),
            counted: Mutex::default(),
            changes_before_confirm: AtomicU32::new(0),
            refuse_lists: AtomicBool::new(false),
            epoch: Mutex::new(1),
        });
        let stop = lcr_runtime::Stop::new();
        let ward = lcr_virtual_ward::build(lcr_virtual_ward::Deps {
            store: file("ward.db").into(),
            clock: clock.clone(),
            authenticator: Authenticator { me: ServiceName::VirtualWard, keys: ring, clock: clock.clone() },
            data_keys: keys.clone(),
            consent: Arc::new(FakeConsent { rules: consent.clone(), key: consent_key, clock: clock.clone() }),
            metrics: lcr_virtual_ward::Metrics::new(&lcr_observe::Meter::new()).unwrap(),
            stop: stop.clone(),
        });
        let ward = ward.await.unwrap();
        let publisher = Store::open::<NoTables>(&file("words.db"), "words", Durability::Rebuildable).await.unwrap();
        let bus = EmbeddedBus::open(&file("bus.db")).await.unwrap();
        bus.attach(publisher.outbox());
        bus.attach(ward.store.outbox());
        ward.listen(&Subscriptions::new(Arc::new(bus.clone()), stop.clone()));
        Self { ward, consent, clock, identity_key: identity, keys, stop, bus, publisher, _folder: folder }
    }

    pub fn set_clock(&self, text: &str) {
        *self.clock.0.lock().unwrap() = at(text);
    }

    pub fn set_decision(&self, person: PersonId, decision: FakeDecision) {
        self.consent.decisions.lock().unwrap().insert(person, decision);
    }

    /// Publishes events and waits until virtual-ward has processed them.
    pub async fn publish<B: EventBody + Clone + 'static>(&self, bodies: &[B]) {
        let (now, bodies) = (self.clock.now(), bodies.to_vec());
        let publish = self.publisher.write(async move |tx| Store::publish(&tx, now, &bodies).await);
        publish.await.unwrap();
        for stream in [Stream::Feeds, Stream::People, Stream::Partners] {
            self.wait_until_processed(stream).await;
        }
    }

    async fn wait_until_processed(&self, stream: Stream) {
        eventually(Duration::from_secs(20), "virtual-ward has processed its events", async || {
            self.bus.rows_behind(stream, "virtual-ward").await.unwrap() == 0
        })
        .await;
    }

    /// Publishes messages of stays.
    pub async fn publish_messages(&self, messages: &[SpellMessage]) {
        let events: Vec<_> = messages.iter().map(|message| self.event(message)).collect();
        self.publish(&events).await;
    }

    pub fn event(&self, message: &SpellMessage) -> EncounterReceived {
        let plain = serde_json::to_vec(message).unwrap();
        EncounterReceived {
            identity: message.identity.clone(),
            spell: spell_of(message),
            version: message.received.as_microsecond(),
            sealed: self.keys.seal("feeds/encounter", &plain).unwrap(),
        }
    }

    /// A new person of the practice, known to both hospitals as `local`, whom the reader may see.
    pub async fn person(&self, local: &str) -> PersonId {
        let person = PersonId::new();
        self.publish(&[person_changed(person, 1, PRACTICE, local)]).await;
        self.set_decision(person, FakeDecision::grant_all());
        person
    }

    /// The published stays, oldest first.
    pub async fn published(&self) -> Vec<lcr_contracts::events::WardChanged> {
        let rows = self.ward.store.outbox().after(Stream::Ward, 0, 1000).await.unwrap();
        rows.into_iter().map(|row| row.event.body().unwrap().unwrap()).collect()
    }

    pub async fn inpatients(&self, of: ListOf) -> lcr_contracts::ward::Inpatients {
        self.ward.api.inpatients(&gp(), ask(of, 0)).await.unwrap()
    }

    pub async fn discharges(&self, of: ListOf) -> lcr_contracts::ward::Discharges {
        self.ward.api.discharges(&gp(), ask(of, 28)).await.unwrap()
    }
}
