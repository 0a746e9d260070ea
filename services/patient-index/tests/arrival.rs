//! Demographics through the consumer, the bus and the store, with a fake consent that grants the patient. The same people must
//! result from any order, any batches and repeated deliveries.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use lcr_auth::KeyRing;
use lcr_bus::{EmbeddedBus, Subscriptions};
use lcr_contracts::{
    Caller, Failure,
    audit::AccessKind,
    consent::DecisionRequest,
    events::{DemographicsReceived, PersonChanged, SourcePatient, Stream},
    patient_index::SearchQuery,
};
use lcr_model::{
    Actor, ActorKind, Dataset, LocalId, OdsCode, PersonId, Purpose, Relationship, Role, ServiceName, SessionId,
    SigningKey, SourceId, SourceIdentity, SystemClock, UserId, permit::PersonGrant, seal::DataKeys,
};
use lcr_store::{Durability, NoTables, Store};
use lcr_testkit::{Answer, ConsentRules, FakeConsent, Folder, eventually};
use lcr_web::Authenticator;

#[path = "arrival/batches.rs"]
mod batches;
#[path = "arrival/fake_consent.rs"]
mod fake_consent;
#[path = "arrival/links.rs"]
mod links;
#[path = "arrival/merges.rs"]
mod merges;
#[path = "arrival/reviews.rs"]
mod reviews;
#[path = "arrival/searching.rs"]
mod searching;
#[path = "arrival/statements.rs"]
mod statements;

use fake_consent::SummaryForAll;

/// The index, with a store that publishes a source's updates.
struct Scene {
    index: lcr_patient_index::Handle,
    source: Store,
    bus: EmbeddedBus,
    keys: Arc<DataKeys>,
    rules: Arc<SummaryForAll>,
    _folder: Folder,
}

impl Scene {
    async fn new() -> Self {
        let folder = Folder::new("index").unwrap();
        let at = |name: &str| folder.path().join(name);
        let keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
        let (own, key) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let ring = KeyRing::new(own, [(ServiceName::Consent, key.public().clone())]);
        let clock = Arc::new(SystemClock);
        let rules = Arc::new(SummaryForAll::default());
        let index = lcr_patient_index::build(lcr_patient_index::Deps {
            store: at("index.db").into(),
            clock: clock.clone(),
            authenticator: Authenticator { me: ServiceName::PatientIndex, keys: ring, clock: clock.clone() },
            data_keys: keys.clone(),
            consent: Arc::new(FakeConsent { rules: rules.clone(), key, clock }),
            searches_per_minute: lcr_patient_index::SEARCHES_PER_MINUTE,
            metrics: lcr_patient_index::Metrics::new(&lcr_observe::Meter::new()).unwrap(),
        });
        let index = index.await.unwrap();
        let source = Store::open::<NoTables>(&at("words.db"), "words", Durability::Rebuildable).await.unwrap();
        let bus = EmbeddedBus::open(&at("bus.db")).await.unwrap();
        bus.attach(source.outbox());
        bus.attach(index.store.outbox());
        index.listen(&Subscriptions::new(Arc::new(bus.clone()), lcr_runtime::Stop::new()));
        Self { index, source, bus, keys, rules, _folder: folder }
    }

    /// Publishes updates in this order, in batches of this size, and waits until the index has processed them.
    async fn publish(&self, updates: &[TestUpdate], batch_size: usize) {
        let events: Vec<_> = updates.iter().map(|update| update.event(&self.keys)).collect();
        self.publish_events(&events, batch_size).await;
    }

    async fn publish_events(&self, events: &[DemographicsReceived], batch_size: usize) {
        for chunk in events.chunks(batch_size) {
            let (events, now) = (chunk.to_vec(), lcr_model::Clock::now(&SystemClock));
            let publish = self.source.write(async move |tx| Store::publish(&tx, now, &events).await);
            publish.await.unwrap();
        }
        eventually(Duration::from_secs(10), "the index has processed the events", async || {
            self.bus.rows_behind(Stream::Feeds, "patient-index").await.unwrap() == 0
        })
        .await;
    }

    /// The person of an identity, by the newest event of the index.
    async fn person_of(&self, name: &str) -> PersonId {
        let rows = self.index.store.outbox().after(Stream::People, 0, 1000).await.unwrap();
        let mut bodies = rows.into_iter().map(|row| row.event.body::<PersonChanged>().unwrap().unwrap());
        let has = |body: &PersonChanged| {
            body.identities.iter().any(|one| format!("{}/{}", one.source, one.local_id.0) == name)
        };
        bodies.rfind(has).unwrap().person
    }

    /// The identities of each person, by the newest events of the index: sets of `source/local id`.
    async fn people(&self) -> BTreeSet<BTreeSet<String>> {
        let rows = self.index.store.outbox().after(Stream::People, 0, 1000).await.unwrap();
        let mut newest = std::collections::BTreeMap::new();
        for row in rows {
            let body: PersonChanged = row.event.body().unwrap().unwrap();
            newest.insert(body.person.to_string(), body);
        }
        let name = |one: &SourceIdentity| format!("{}/{}", one.source, one.local_id.0);
        newest.into_values().map(|body| body.identities.iter().map(name).collect()).collect()
    }
}

#[derive(Clone, Copy)]
struct TestUpdate(&'static str, &'static str, &'static str, &'static str);

/// Two hospitals and a practice: three people, one of them known to two sources, one to three.
const UPDATES: [TestUpdate; 7] = [
    TestUpdate("gp", "1", "9434765919", "1945-07-14"),
    TestUpdate("st-hildas", "77", "9434765919", "1945-07-14"),
    TestUpdate("wharfe", "5", "9434765919", "1945-07-14"),
    TestUpdate("gp", "2", "9876543210", "1957-11-02"),
    TestUpdate("st-hildas", "78", "9876543210", "1957-11-02"),
    // The same number with another birth date is another person. An update without a number is a person of its own.
    TestUpdate("wharfe", "6", "9876543210", "1957-02-11"),
    TestUpdate("wharfe", "7", "", "1957-11-02"),
];

impl TestUpdate {
    fn event(self, keys: &DataKeys) -> DemographicsReceived {
        self.merging(keys, 1, &[])
    }

    /// The event with ids that the source merged into this one.
    fn merging(self, keys: &DataKeys, version: i64, replaces: &[&str]) -> DemographicsReceived {
        let replaces = replaces.iter().map(|one| LocalId((*one).into())).collect();
        self.sealed(keys, version, &SourcePatient { replaces, ..self.patient() })
    }

    fn patient(self) -> SourcePatient {
        let Self(source, _, number, born) = self;
        SourcePatient {
            nhs_number: (!number.is_empty()).then(|| number.to_owned()),
            nhs_number_verified: true,
            family: "Smith".into(),
            given: "Fredrica".into(),
            birth_date: born.parse().ok(),
            gender: "female".into(),
            gp_registration: source == "gp",
            ..SourcePatient::without_details(SourceId::new(source))
        }
    }

    fn sealed(self, keys: &DataKeys, version: i64, patient: &SourcePatient) -> DemographicsReceived {
        let Self(source, local, ..) = self;
        let sealed = keys.seal("feeds/demographics", &serde_json::to_vec(patient).unwrap()).unwrap();
        let identity = SourceIdentity { source: SourceId::new(source), local_id: LocalId(local.into()) };
        DemographicsReceived { identity, version, sealed }
    }
}

fn expected() -> BTreeSet<BTreeSet<String>> {
    let people: [&[&str]; 4] =
        [&["gp/1", "st-hildas/77", "wharfe/5"], &["gp/2", "st-hildas/78"], &["wharfe/6"], &["wharfe/7"]];
    people.iter().map(|one| one.iter().map(|name| (*name).to_owned()).collect()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn any_order_batch_size_and_repetition_make_the_same_people() {
    let mut orders: Vec<Vec<TestUpdate>> = vec![UPDATES.to_vec(), UPDATES.iter().rev().copied().collect()];
    orders.push([3, 6, 0, 5, 2, 4, 1].map(|at: usize| UPDATES[at]).to_vec());
    for order in orders {
        for batch_size in [1, 2, 7] {
            let scene = Scene::new().await;
            scene.publish(&order, batch_size).await;
            assert_eq!(scene.people().await, expected());
            let before = scene.index.store.outbox().head(Stream::People).await.unwrap();
            scene.publish(&order, 3).await;
            assert_eq!(scene.people().await, expected(), "repetition changes nobody");
            let after = scene.index.store.outbox().head(Stream::People).await.unwrap();
            assert_eq!(before, after, "and publishes nothing");
            assert_eq!(scene.index.api.count().await.unwrap(), 4);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_of_three_sources_is_found_once() {
    let scene = Scene::new().await;
    scene.publish(&UPDATES, 7).await;
    let caller = caller(ServiceName::Gateway);
    let query = SearchQuery { nhs_number: Some("943 476 5919".into()), ..SearchQuery::default() };
    assert_eq!(scene.index.api.search(&caller, query).await.unwrap().people.len(), 1);
}

fn caller(service: ServiceName) -> Caller {
    let actor = Actor {
        user: UserId::new("user-1"),
        kind: ActorKind::Person,
        name: "Dr Test".into(),
        org: OdsCode::new("Y90001"),
        role: Role::Gp,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    };
    lcr_testkit::caller(service, actor)
}

fn names(people: &[&[&str]]) -> BTreeSet<BTreeSet<String>> {
    people.iter().map(|one| one.iter().map(|name| (*name).to_owned()).collect()).collect()
}
