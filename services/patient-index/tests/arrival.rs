//! What sources say of people arrives in any order, in any portions and more than once: the same people come of
//! it (promise 5, Q-29). Through the consumer, the bus and the store; consent is a fake that allows the stub.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use lcr_auth::KeyRing;
use lcr_bus::{Ears, EmbeddedBus};
use lcr_contracts::{
    Caller, Consent, Failure,
    audit::What,
    choices::{Choices, NewChoice, Receipt, Review},
    consent::{Ask, Confirm, Decision, Explanation},
    events::{DemographicsReceived, PersonChanged, SourcePatient, Stream},
    patient_index::SearchQuery,
};
use lcr_model::{
    Actor, ActorKind, Dataset, LocalId, OdsCode, PermitClaims, PersonId, Purpose, Role, ServiceName,
    SessionId, SigningKey, SourceId, SourceIdentity, SystemClock, UserId,
    permit::{PERMIT_TYP, PersonGrant},
    seal::DataKeys,
};
use lcr_store::{Durability, Store};
use lcr_testkit::Folder;
use lcr_web::Gate;
use sea_orm::DbErr;
use sea_orm_migration::{MigrationTrait, MigratorTrait};

#[path = "arrival/links.rs"]
mod links;
#[path = "arrival/reviews.rs"]
mod reviews;
#[path = "arrival/searching.rs"]
mod searching;

struct Nothing;

impl MigratorTrait for Nothing {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }
}

/// Grants the identity stub of everybody, to a GP of the practice `Y90002` as somebody registered there.
struct Allows(SigningKey, Arc<Mutex<Vec<What>>>);

#[async_trait]
impl Consent for Allows {
    async fn decide(&self, caller: &Caller, ask: Ask) -> Result<Decision, Failure> {
        self.1.lock().unwrap().push(ask.what);
        let grants = [(SourceId::new("patient-index"), Dataset::Demographics)];
        let people = ask.people.iter().map(|one| PersonGrant {
            person: one.person,
            index_version: one.index_version,
            epoch: 1,
            relationship: related(caller).to_owned(),
            grants: grants.iter().cloned().collect(),
            withheld: vec![],
            clearances: BTreeSet::new(),
            hide: BTreeSet::new(),
        });
        let now = lcr_model::Clock::now(&SystemClock).as_second();
        let claims = PermitClaims {
            iss: ServiceName::Consent,
            aud: ask.audience,
            sub: caller.actor.user.clone(),
            org: caller.actor.org.clone(),
            role: caller.actor.role,
            session: caller.actor.session,
            purpose: caller.actor.purpose,
            view_id: ask.view,
            policy_version: "test".into(),
            iat: now,
            exp: now + 60,
            people: people.collect(),
        };
        let permit = self.0.sign(PERMIT_TYP, &claims).map_err(Failure::internal)?;
        Ok(Decision { permit: Some(permit), refused: vec![] })
    }

    async fn confirm(&self, _: &Caller, _: Confirm) -> Result<bool, Failure> {
        Ok(true)
    }

    async fn explain(&self, _: &Caller, _: PersonId) -> Result<Explanation, Failure> {
        Err(Failure::not_found())
    }
    async fn choices(&self, _: &Caller, _: PersonId) -> Result<Choices, Failure> {
        Err(Failure::not_found())
    }
    async fn object(&self, _: &Caller, _: PersonId, _: NewChoice) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }
    async fn withdraw(&self, _: &Caller, _: PersonId, _: uuid::Uuid) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }
    async fn review(&self, _: &Caller, _: PersonId, _: uuid::Uuid, _: Review) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }
}

fn related(caller: &Caller) -> &'static str {
    if caller.actor.org == OdsCode::new("Y90002") { "registered at Beckside Surgery" } else { "" }
}

/// The index with the log of a source's words that it hears.
struct Scene {
    index: lcr_patient_index::Handle,
    words: Store,
    bus: EmbeddedBus,
    keys: Arc<DataKeys>,
    /// What consent was asked for.
    asked: Arc<Mutex<Vec<What>>>,
    _folder: Folder,
}

impl Scene {
    async fn set() -> Self {
        let folder = Folder::new("index").unwrap();
        let at = |name: &str| folder.path().join(name);
        let keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
        let (own, consent) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let ring = KeyRing::new(own, [(ServiceName::Consent, consent.public().clone())]);
        let clock = Arc::new(SystemClock);
        let asked: Arc<Mutex<Vec<What>>> = Arc::default();
        let index = lcr_patient_index::build(lcr_patient_index::Deps {
            store: at("index.db").into(),
            clock: clock.clone(),
            gate: Gate { me: ServiceName::PatientIndex, keys: ring, clock },
            data_keys: keys.clone(),
            consent: Arc::new(Allows(consent, asked.clone())),
            searches_per_minute: lcr_patient_index::SEARCHES_PER_MINUTE,
            metrics: lcr_patient_index::Numbers::new(&lcr_observe::Meter::new()).unwrap(),
        });
        let index = index.await.unwrap();
        let words = Store::open::<Nothing>(&at("words.db"), "words", Durability::Rebuildable).await.unwrap();
        let bus = EmbeddedBus::open(&at("bus.db")).await.unwrap();
        bus.attach(words.outbox());
        bus.attach(index.store.outbox());
        index.listen(&Ears::new(Arc::new(bus.clone()), lcr_runtime::Stop::new()));
        Self { index, words, bus, keys, asked, _folder: folder }
    }

    /// Publishes words in this order, in portions of this size, and waits until they are taken in.
    async fn hear(&self, words: &[Word], portion: usize) {
        let events: Vec<_> = words.iter().map(|word| word.event(&self.keys)).collect();
        self.hear_events(&events, portion).await;
    }

    async fn hear_events(&self, events: &[DemographicsReceived], portion: usize) {
        for some in events.chunks(portion) {
            let (events, now) = (some.to_vec(), lcr_model::Clock::now(&SystemClock));
            let publish = self.words.write::<_, DbErr, _>(move |tx| {
                Box::pin(async move { Store::publish(tx, now, &events).await })
            });
            publish.await.unwrap();
        }
        for _ in 0..400 {
            if self.bus.behind(Stream::Feeds, "patient-index").await.unwrap() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        unreachable!("the index does not take in what it heard");
    }

    /// Whose an identity is, by the newest word of the index.
    async fn of(&self, name: &str) -> PersonId {
        let rows = self.index.store.outbox().after(Stream::People, 0, 1000).await.unwrap();
        let mut bodies = rows.into_iter().map(|row| row.event.body::<PersonChanged>().unwrap().unwrap());
        let has = |body: &PersonChanged| {
            body.identities.iter().any(|one| format!("{}/{}", one.source, one.local_id.0) == name)
        };
        bodies.rfind(has).unwrap().person
    }

    /// Who is together, by the newest word of the index: sets of `source/local id`.
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
struct Word(&'static str, &'static str, &'static str, &'static str);

/// Two hospitals and a practice: three people, one of them known to two sources, one to three.
const WORDS: [Word; 7] = [
    Word("gp", "1", "9434765919", "1945-07-14"),
    Word("st-hildas", "77", "9434765919", "1945-07-14"),
    Word("wharfe", "5", "9434765919", "1945-07-14"),
    Word("gp", "2", "9876543210", "1957-11-02"),
    Word("st-hildas", "78", "9876543210", "1957-11-02"),
    // The same number with another birth date is somebody else, or nobody knows who.
    Word("wharfe", "6", "9876543210", "1957-02-11"),
    Word("wharfe", "7", "", "1957-11-02"),
];

impl Word {
    fn event(self, keys: &DataKeys) -> DemographicsReceived {
        self.merging(keys, 1, &[])
    }

    /// With ids that the source has merged into this one.
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
async fn any_order_any_portions_and_twice_make_the_same_people() {
    let mut orders: Vec<Vec<Word>> = vec![WORDS.to_vec(), WORDS.iter().rev().copied().collect()];
    orders.push([3, 6, 0, 5, 2, 4, 1].map(|at: usize| WORDS[at]).to_vec());
    for order in orders {
        for portion in [1, 2, 7] {
            let scene = Scene::set().await;
            scene.hear(&order, portion).await;
            assert_eq!(scene.people().await, expected());
            let held = scene.index.store.outbox().head(Stream::People).await.unwrap();
            scene.hear(&order, 3).await;
            assert_eq!(scene.people().await, expected(), "twice changes nobody");
            let after = scene.index.store.outbox().head(Stream::People).await.unwrap();
            assert_eq!(held, after, "and tells nobody anything");
            assert_eq!(scene.index.api.count().await.unwrap(), 4);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_of_three_sources_is_found_once() {
    let scene = Scene::set().await;
    scene.hear(&WORDS, 7).await;
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
async fn ids_that_a_source_merged_go_to_one_person_and_the_other_answers_with_its_survivor() {
    let scene = Scene::set().await;
    // The hospital had registered her twice: once with her number, once without.
    let twice =
        [Word("st-hildas", "77", "9434765919", "1945-07-14"), Word("st-hildas", "90", "", "1945-07-14")];
    scene.hear(&twice, 2).await;
    assert_eq!(scene.index.api.count().await.unwrap(), 2);
    let gone = scene.of("st-hildas/90").await;
    let merge = twice[0].merging(&scene.keys, 2, &["90", "91"]);
    scene.hear_events(&[merge.clone(), merge], 1).await;
    let kept = scene.of("st-hildas/77").await;
    // 91 was never told of before: it is hers when it is.
    let all = names(&[&["st-hildas/77", "st-hildas/90", "st-hildas/91"], &[]]);
    assert_eq!(scene.people().await, all);
    let resolved = scene.index.api.resolve(&caller(ServiceName::RecordAggregation), gone).await.unwrap();
    assert_eq!(resolved.person, kept, "whoever holds the old id is answered about her");
    // What is said later of an id that was merged stays hers.
    let later = Word("st-hildas", "91", "", "1945-07-14").merging(&scene.keys, 3, &[]);
    scene.hear_events(&[later], 1).await;
    assert_eq!(scene.people().await, all);
}

/// Feeds gives a hash to a sender that uses the NHS number as its own; a version before gave the number in clear.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_whose_local_id_becomes_a_hash_is_neither_lost_nor_doubled() {
    const HASH: &str = "nhs-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let in_clear = Word("st-hildas", "9434765919", "9434765919", "1945-07-14");
    let hashed = Word("st-hildas", HASH, "9434765919", "1945-07-14");
    for replaces in [&["9434765919"][..], &[]] {
        let scene = Scene::set().await;
        scene.hear(&[WORDS[0], in_clear], 2).await;
        let before = scene.of("st-hildas/9434765919").await;
        let told = hashed.merging(&scene.keys, 2, replaces);
        scene.hear_events(&[told.clone(), told], 1).await;
        assert_eq!(scene.index.api.count().await.unwrap(), 1);
        assert_eq!(scene.of(&format!("st-hildas/{HASH}")).await, before, "one person under either");
    }
    // Without an NHS number on record the link alone says that it is the same person.
    let scene = Scene::set().await;
    scene.hear(&[Word("st-hildas", "9434765919", "", "1945-07-14")], 1).await;
    let told = Word("st-hildas", HASH, "", "1945-07-14").merging(&scene.keys, 2, &["9434765919"]);
    scene.hear_events(&[told], 1).await;
    let together = scene.people().await;
    let both = ["st-hildas/9434765919".to_owned(), format!("st-hildas/{HASH}")];
    assert!(together.contains(&BTreeSet::from(both)), "{together:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_never_merges_two_nhs_numbers_into_one_person() {
    let scene = Scene::set().await;
    let two = [
        Word("st-hildas", "1", "9434765919", "1945-07-14"),
        Word("st-hildas", "2", "9876543210", "1957-11-02"),
    ];
    scene.hear(&two, 2).await;
    scene.hear_events(&[two[0].merging(&scene.keys, 2, &["2"])], 1).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/1"], &["st-hildas/2"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_whose_source_learns_the_number_later_joins_its_person() {
    let scene = Scene::set().await;
    scene.hear(&[WORDS[0], Word("st-hildas", "5", "", "1945-07-14")], 1).await;
    let unknown = scene.of("st-hildas/5").await;
    let traced = Word("st-hildas", "5", "9434765919", "1945-07-14").merging(&scene.keys, 2, &[]);
    scene.hear_events(&[traced], 1).await;
    assert_eq!(scene.people().await, names(&[&["gp/1", "st-hildas/5"], &[]]));
    let resolved = scene.index.api.resolve(&caller(ServiceName::RecordAggregation), unknown).await.unwrap();
    assert_eq!(resolved.person, scene.of("gp/1").await, "the old id answers with its survivor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_id_that_turns_out_to_have_another_number_leaves_again() {
    let scene = Scene::set().await;
    let hers = Word("st-hildas", "77", "9434765919", "1945-07-14");
    scene.hear_events(&[hers.merging(&scene.keys, 1, &["91"])], 1).await;
    let other = Word("st-hildas", "91", "9876543210", "1957-11-02").merging(&scene.keys, 2, &[]);
    scene.hear_events(&[other], 1).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/77"], &["st-hildas/91"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_follows_the_person_that_stands_for_its_own() {
    let scene = Scene::set().await;
    let words = [
        Word("st-hildas", "90", "9434765919", "1945-07-14"),
        Word("nhs-login", "u", "9434765919", "1945-07-14"),
        Word("st-hildas", "77", "", "1945-07-14"),
    ];
    scene.hear(&words, 3).await;
    scene.hear_events(&[words[2].merging(&scene.keys, 2, &["90"])], 1).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/77", "st-hildas/90", "nhs-login/u"], &[]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_told_late_is_still_a_merge() {
    let scene = Scene::set().await;
    let hers = Word("st-hildas", "77", "9434765919", "1945-07-14");
    scene.hear_events(&[hers.merging(&scene.keys, 9, &[])], 1).await;
    scene.hear(&[Word("st-hildas", "90", "", "1945-07-14")], 1).await;
    scene.hear_events(&[hers.merging(&scene.keys, 4, &["90"])], 1).await;
    assert_eq!(scene.people().await, names(&[&["st-hildas/77", "st-hildas/90"], &[]]));
}
