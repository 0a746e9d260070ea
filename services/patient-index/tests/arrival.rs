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

#[path = "arrival/fake_consent.rs"]
mod fake_consent;
#[path = "arrival/links.rs"]
mod links;
#[path = "arrival/reviews.rs"]
mod reviews;
#[path = "arrival/searching.rs"]
mod searching;

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
            source: SourceId::new(source),
            nhs_number: (!number.is_empty()).then(|| number.to_owned()),
            nhs_number_verified: true,
            family: "Smith".into(),
            given: "Fredrica".into(),
            title: None,
            birth_date: born.parse().ok(),
            gender: "female".into(),
            address: None,
            postcode: None,
            practice: None,
            died: false,
            restricted: false,
            authority: false,
            gp_registration: source == "gp",
            replaces: vec![],
            active: true,
            links: vec![],
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

#[tokio::test(flavor = "multi_thread")]
async fn merged_ids_belong_to_the_survivor_who_answers_for_the_old_person() {
    let scene = Scene::new().await;
    // The hospital had registered her twice: once with her number, once without.
    let twice =
        [TestUpdate("st-hildas", "77", "9434765919", "1945-07-14"), TestUpdate("st-hildas", "90", "", "1945-07-14")];
    scene.publish(&twice, 2).await;
    assert_eq!(scene.index.api.count().await.unwrap(), 2);
    let gone = scene.person_of("st-hildas/90").await;
    let merge = twice[0].merging(&scene.keys, 2, &["90", "91"]);
    scene.publish_events(&[merge.clone(), merge], 1).await;
    let kept = scene.person_of("st-hildas/77").await;
    // 91 is unknown so far. It is hers when it arrives.
    let all = names(&[&["st-hildas/77", "st-hildas/90", "st-hildas/91"], &[]]);
    assert_eq!(scene.people().await, all);
    let resolved = scene.index.api.resolve(&caller(ServiceName::RecordAggregation), gone).await.unwrap();
    assert_eq!(resolved.person, kept, "the old id resolves to her");
    // Later updates of a merged id stay hers.
    let later = TestUpdate("st-hildas", "91", "", "1945-07-14").merging(&scene.keys, 3, &[]);
    scene.publish_events(&[later], 1).await;
    assert_eq!(scene.people().await, all);
}

/// Feeds hashes local ids that are NHS numbers. An earlier version sent them unhashed.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_whose_local_id_becomes_a_hash_is_neither_lost_nor_doubled() {
    const HASH: &str = "nhs-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let unhashed = TestUpdate("st-hildas", "9434765919", "9434765919", "1945-07-14");
    let hashed = TestUpdate("st-hildas", HASH, "9434765919", "1945-07-14");
    for replaces in [&["9434765919"][..], &[]] {
        let scene = Scene::new().await;
        scene.publish(&[UPDATES[0], unhashed], 2).await;
        let before = scene.person_of("st-hildas/9434765919").await;
        let event = hashed.merging(&scene.keys, 2, replaces);
        scene.publish_events(&[event.clone(), event], 1).await;
        assert_eq!(scene.index.api.count().await.unwrap(), 1);
        assert_eq!(scene.person_of(&format!("st-hildas/{HASH}")).await, before, "one person under either id");
    }
    // Without a stored NHS number, only the merge shows that it is the same person.
    let scene = Scene::new().await;
    scene.publish(&[TestUpdate("st-hildas", "9434765919", "", "1945-07-14")], 1).await;
    let event = TestUpdate("st-hildas", HASH, "", "1945-07-14").merging(&scene.keys, 2, &["9434765919"]);
    scene.publish_events(&[event], 1).await;
    let together = scene.people().await;
    let both = ["st-hildas/9434765919".to_owned(), format!("st-hildas/{HASH}")];
    assert!(together.contains(&BTreeSet::from(both)), "{together:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_never_merges_two_nhs_numbers_into_one_person() {
    let scene = Scene::new().await;
    let two = [
        TestUpdate("st-hildas", "1", "9434765919", "1945-07-14"),
        TestUpdate("st-hildas", "2", "9876543210", "1957-11-02"),
    ];
    scene.publish(&two, 2).await;
    scene.publish_events(&[two[0].merging(&scene.keys, 2, &["2"])], 1).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/1"], &["st-hildas/2"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_joins_its_person_once_its_source_learns_the_number() {
    let scene = Scene::new().await;
    scene.publish(&[UPDATES[0], TestUpdate("st-hildas", "5", "", "1945-07-14")], 1).await;
    let unknown = scene.person_of("st-hildas/5").await;
    let traced = TestUpdate("st-hildas", "5", "9434765919", "1945-07-14").merging(&scene.keys, 2, &[]);
    scene.publish_events(&[traced], 1).await;
    assert_eq!(scene.people().await, names(&[&["gp/1", "st-hildas/5"], &[]]));
    let resolved = scene.index.api.resolve(&caller(ServiceName::RecordAggregation), unknown).await.unwrap();
    assert_eq!(resolved.person, scene.person_of("gp/1").await, "the old id resolves to the survivor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_id_with_another_number_leaves_the_person_again() {
    let scene = Scene::new().await;
    let hers = TestUpdate("st-hildas", "77", "9434765919", "1945-07-14");
    scene.publish_events(&[hers.merging(&scene.keys, 1, &["91"])], 1).await;
    let other = TestUpdate("st-hildas", "91", "9876543210", "1957-11-02").merging(&scene.keys, 2, &[]);
    scene.publish_events(&[other], 1).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/77"], &["st-hildas/91"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_moves_to_the_survivor() {
    let scene = Scene::new().await;
    let updates = [
        TestUpdate("st-hildas", "90", "9434765919", "1945-07-14"),
        TestUpdate("nhs-login", "u", "9434765919", "1945-07-14"),
        TestUpdate("st-hildas", "77", "", "1945-07-14"),
    ];
    scene.publish(&updates, 3).await;
    scene.publish_events(&[updates[2].merging(&scene.keys, 2, &["90"])], 1).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/77", "st-hildas/90", "nhs-login/u"], &[]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_merge_still_counts() {
    let scene = Scene::new().await;
    let hers = TestUpdate("st-hildas", "77", "9434765919", "1945-07-14");
    scene.publish_events(&[hers.merging(&scene.keys, 9, &[])], 1).await;
    scene.publish(&[TestUpdate("st-hildas", "90", "", "1945-07-14")], 1).await;
    scene.publish_events(&[hers.merging(&scene.keys, 4, &["90"])], 1).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/77", "st-hildas/90"], &[]]));
}
