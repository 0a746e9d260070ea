//! A virtual ward with a real store and bus, the logs it hears, and a consent that grants what a test says and
//! signs real permits.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_auth::KeyRing;
use lcr_bus::{Ears, EmbeddedBus};
use lcr_contracts::{
    Caller, Consent, Failure,
    choices::{Choices, NewChoice, Receipt, Review},
    consent::{Ask, Confirm, Decision, Explanation, Refusal},
    events::{EncounterReceived, EventBody, PartnersChanged, PersonChanged, Stream},
    identity::{DatasetSwitch, Feed, Organisation, System},
    spell::{PatientSaid, Place, PlanTold, SpellEvent, SpellMessage, Told},
    ward::{ListAsk, ListOf},
};
use lcr_model::{
    Actor, ActorKind, Clock, Dataset, LocalId, OdsCode, PermitClaims, PersonId, Purpose, Role, ServiceName,
    SessionId, SigningKey, SourceId, SourceIdentity, SpellId, UserId, ViewId,
    permit::{Hide, PERMIT_TYP, PersonGrant},
    seal::DataKeys,
};
use lcr_store::{Durability, Store};
use lcr_testkit::Folder;
use lcr_web::Gate;
use sea_orm::DbErr;
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use uuid::Uuid;

pub const PRACTICE: &str = "Y90001";
pub const HOSPITAL: &str = "Z9H01";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A clock that a test moves.
#[derive(Debug)]
pub struct Hands(pub Mutex<Timestamp>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// What consent says of a person.
#[derive(Debug, Clone)]
pub enum Says {
    Yes { clearances: Vec<&'static str>, hide: Vec<Hide>, without: Vec<Dataset> },
    No(Refusal),
}

impl Says {
    pub fn yes() -> Self {
        Self::Yes { clearances: vec![], hide: vec![], without: vec![] }
    }
}

/// A consent that grants what a test says. Everybody else has no relationship.
pub struct Desk {
    key: SigningKey,
    clock: Arc<Hands>,
    pub says: Mutex<HashMap<PersonId, Says>>,
    /// Every question, in order.
    pub asked: Mutex<Vec<Ask>>,
    /// Raised, what was decided before stands no more.
    pub epoch: Mutex<u64>,
    /// So many confirmations come after a change.
    pub restless: AtomicU32,
    /// The reader's role sees no lists.
    pub no_lists: AtomicBool,
}

impl Desk {
    fn answer(&self, ask: &Ask) -> (Vec<PersonGrant>, Vec<(PersonId, Refusal)>) {
        let says = self.says.lock().unwrap();
        let (mut granted, mut refused) = (vec![], vec![]);
        for one in &ask.people {
            match says.get(&one.person) {
                Some(Says::Yes { clearances, hide, without }) => {
                    let datasets = ask.datasets.iter().filter(|dataset| !without.contains(dataset));
                    let pairs = datasets
                        .flat_map(|dataset| SOURCES.map(|(source, ..)| (SourceId::new(source), *dataset)));
                    granted.push(PersonGrant {
                        person: one.person,
                        index_version: one.index_version,
                        epoch: *self.epoch.lock().unwrap(),
                        relationship: "registered at Beckside Surgery".into(),
                        grants: pairs.collect(),
                        withheld: vec![],
                        clearances: clearances.iter().map(|&one| one.to_owned()).collect(),
                        hide: hide.iter().copied().collect(),
                    });
                }
                Some(Says::No(refusal)) => refused.push((one.person, *refusal)),
                None => refused.push((one.person, Refusal::NoRelationship)),
            }
        }
        (granted, refused)
    }
}

#[async_trait]
impl Consent for Desk {
    async fn decide(&self, caller: &Caller, ask: Ask) -> Result<Decision, Failure> {
        assert_eq!(caller.service, ask.audience, "a service asks for itself");
        assert!(ask.people.len() <= 200, "too many people in one question");
        self.asked.lock().unwrap().push(ask.clone());
        if ask.people.is_empty() && self.no_lists.load(Ordering::Relaxed) {
            return Err(Failure::forbidden("Your role does not see the lists of people in hospital."));
        }
        let (people, refused) = self.answer(&ask);
        if people.is_empty() {
            return Ok(Decision { permit: None, refused });
        }
        let iat = self.clock.now().as_second();
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
            iat,
            exp: iat + 60,
            people,
        };
        Ok(Decision { permit: Some(self.key.sign(PERMIT_TYP, &claims).unwrap()), refused })
    }

    async fn confirm(&self, _: &Caller, confirm: Confirm) -> Result<bool, Failure> {
        let mut epoch = self.epoch.lock().unwrap();
        let left = self.restless.load(Ordering::Relaxed);
        if left > 0 {
            self.restless.store(left - 1, Ordering::Relaxed);
            *epoch += 1;
        }
        Ok(confirm.epoch == *epoch)
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
    async fn withdraw(&self, _: &Caller, _: PersonId, _: Uuid) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }
    async fn review(&self, _: &Caller, _: PersonId, _: Uuid, _: Review) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }
}

struct Nothing;

impl MigratorTrait for Nothing {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }
}

/// The sources: id, kind, organisation, discreet.
const SOURCES: [(&str, &str, &str, bool); 3] = [
    ("st-hildas", "hospital", HOSPITAL, false),
    ("wharfe", "hospital", "Z9H02", false),
    ("quiet", "discreet", "Z9H01", true),
];

pub struct Scene {
    pub ward: lcr_virtual_ward::Handle,
    pub desk: Arc<Desk>,
    pub clock: Arc<Hands>,
    pub identity_key: SigningKey,
    pub keys: Arc<DataKeys>,
    pub stop: lcr_runtime::Stop,
    pub bus: EmbeddedBus,
    words: Store,
    _folder: Folder,
}

impl Scene {
    /// With its hospitals, practices and a team, at noon of 20 November 2026.
    pub async fn set() -> Self {
        let scene = Self::bare().await;
        scene.hear(&registry()).await;
        scene
    }

    async fn bare() -> Self {
        let folder = Folder::new("ward").unwrap();
        let file = |name: &str| folder.path().join(name);
        let keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
        let [own, consent, identity] = [(); 3].map(|()| SigningKey::generate().unwrap());
        let ring = KeyRing::new(
            own,
            [
                (ServiceName::Consent, consent.public().clone()),
                (ServiceName::Identity, identity.public().clone()),
            ],
        );
        let clock = Arc::new(Hands(Mutex::new(at("2026-11-20T12:00:00Z"))));
        let desk = Arc::new(Desk {
            key: consent,
            clock: clock.clone(),
            says: Mutex::default(),
            asked: Mutex::default(),
            restless: AtomicU32::new(0),
            no_lists: AtomicBool::new(false),
            epoch: Mutex::new(1),
        });
        let stop = lcr_runtime::Stop::new();
        let ward = lcr_virtual_ward::build(lcr_virtual_ward::Deps {
            store: file("ward.db").into(),
            clock: clock.clone(),
            gate: Gate { me: ServiceName::VirtualWard, keys: ring, clock: clock.clone() },
            data_keys: keys.clone(),
            consent: desk.clone(),
            metrics: lcr_virtual_ward::Numbers::new(&lcr_observe::Meter::new()).unwrap(),
            stop: stop.clone(),
        });
        let ward = ward.await.unwrap();
        let words =
            Store::open::<Nothing>(&file("words.db"), "words", Durability::Rebuildable).await.unwrap();
        let bus = EmbeddedBus::open(&file("bus.db")).await.unwrap();
        bus.attach(words.outbox());
        bus.attach(ward.store.outbox());
        ward.listen(&Ears::new(Arc::new(bus.clone()), stop.clone()));
        Self { ward, desk, clock, identity_key: identity, keys, stop, bus, words, _folder: folder }
    }

    pub fn now_is(&self, text: &str) {
        *self.clock.0.lock().unwrap() = at(text);
    }

    pub fn says(&self, person: PersonId, says: Says) {
        self.desk.says.lock().unwrap().insert(person, says);
    }

    /// Publishes, and waits until it is taken in.
    pub async fn hear<B: EventBody + Clone + 'static>(&self, bodies: &[B]) {
        let (now, bodies) = (self.clock.now(), bodies.to_vec());
        let publish = self
            .words
            .write::<_, DbErr, _>(move |tx| Box::pin(async move { Store::publish(tx, now, &bodies).await }));
        publish.await.unwrap();
        for stream in [Stream::Feeds, Stream::People, Stream::Partners] {
            self.taken_in(stream).await;
        }
    }

    async fn taken_in(&self, stream: Stream) {
        for _ in 0..1000 {
            if self.bus.behind(stream, "virtual-ward").await.unwrap() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("virtual-ward does not take in what it heard");
    }

    /// Publishes messages of stays.
    pub async fn told(&self, messages: &[SpellMessage]) {
        let events: Vec<_> = messages.iter().map(|message| self.event(message)).collect();
        self.hear(&events).await;
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
        self.hear(&[known(person, 1, PRACTICE, local)]).await;
        self.says(person, Says::yes());
        person
    }

    /// What the ward has published of stays, oldest first.
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

pub fn spell_of(message: &SpellMessage) -> SpellId {
    SpellId::new(format!("{}-{}", message.identity.source, message.visit.clone().unwrap()))
}

pub fn ask(of: ListOf, days: u8) -> ListAsk {
    ListAsk { of, view: ViewId::new(), days }
}

pub fn ours() -> ListOf {
    ListOf::Practice(OdsCode::new(PRACTICE))
}

/// What the index says of a person: known to every hospital under the same local id.
pub fn known(person: PersonId, version: i64, practice: &str, local: &str) -> PersonChanged {
    PersonChanged {
        person,
        version,
        identities: SOURCES.map(|(source, ..)| identity(source, local)).to_vec(),
        practice: Some(OdsCode::new(practice)),
        marks: vec![],
    }
}

pub fn identity(source: &str, local: &str) -> SourceIdentity {
    SourceIdentity { source: SourceId::new(source), local_id: LocalId(local.into()) }
}

pub fn caller(role: Role, org: &str) -> Caller {
    let actor = Actor {
        user: UserId::new("user-1"),
        kind: ActorKind::Person,
        name: "Dr Test".into(),
        org: OdsCode::new(org),
        role,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    };
    lcr_testkit::caller(ServiceName::Gateway, actor)
}

pub fn gp() -> Caller {
    caller(Role::Gp, PRACTICE)
}

fn registry() -> Vec<PartnersChanged> {
    let organisation = |ods: &str, name: &str, kind: &str, part_of: Option<&str>| Organisation {
        ods: OdsCode::new(ods),
        name: name.into(),
        kind: kind.into(),
        agreement_signed: true,
        part_of: part_of.map(OdsCode::new),
    };
    let organisations = [
        organisation(HOSPITAL, "St Hilda's", "acute", None),
        organisation("Z9H02", "Wharfe Valley", "acute", None),
        organisation(PRACTICE, "Beckside Surgery", "gp-practice", Some("Y9T01")),
        organisation("Y90002", "Millrace Surgery", "gp-practice", Some("Y9T01")),
        organisation("Y90003", "Hillfoot Surgery", "gp-practice", None),
    ];
    let organisations = organisations.map(|one| (Some(one), None));
    let systems = SOURCES.map(|source| (None, Some(system(source))));
    let all = organisations.into_iter().chain(systems);
    all.map(|(organisation, system)| PartnersChanged { version: 1, organisation, system }).collect()
}

/// St Hilda's with this profile.
pub fn hospital_system(feed: Feed) -> System {
    System { feed: Some(feed), ..system(SOURCES[0]) }
}

fn system((id, kind, organisation, discreet): (&str, &str, &str, bool)) -> System {
    System {
        id: SourceId::new(id),
        name: format!("{id} PAS"),
        organisation: OdsCode::new(organisation),
        base_url: String::new(),
        kind: kind.into(),
        authority: false,
        discreet,
        datasets: Dataset::ALL.iter().map(|dataset| (*dataset, DatasetSwitch::On)).collect(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        feed: Some(Feed::default()),
    }
}

/// A message about visit `visit` of the person `local` of St Hilda's.
pub fn message(event: SpellEvent, visit: &str, local: &str, happened: &str) -> SpellMessage {
    let time = at(happened);
    let name = format!("{event:?} {visit} {happened}");
    SpellMessage {
        identity: identity("st-hildas", local),
        event,
        snapshot: None,
        visit: Some(visit.into()),
        happened: time.into(),
        sent: time.into(),
        received: time,
        occurred: None,
        sequence: None,
        formerly: None,
        moves_visit: false,
        further: std::collections::BTreeMap::new(),
        control_id: name.clone(),
        content: name,
        patient: PatientSaid { family: "SMITH".into(), given: "Fredrica".into(), ..PatientSaid::default() },
        class: Told::Unchanged,
        place: Told::Unchanged,
        prior_place: Told::Unchanged,
        consultant: Told::Unchanged,
        specialty: Told::Unchanged,
        admitted: Told::Unchanged,
        discharged: Told::Unchanged,
        expected_discharge: Told::Unchanged,
        expected_stay: Told::Unchanged,
        method: Told::Unchanged,
        destination: Told::Unchanged,
        discharge_method: Told::Unchanged,
        plan: PlanTold::default(),
    }
}

pub fn ward(name: &str) -> Told<Place> {
    Told::Set(Place { ward: Some(name.into()), ..Place::default() })
}

/// Admitted to J27.
pub fn admitted(visit: &str, local: &str, happened: &str) -> SpellMessage {
    let one = message(SpellEvent::Admit, visit, local, happened);
    SpellMessage { class: Told::Set("I".into()), place: ward("J27"), ..one }
}

pub fn moved(visit: &str, local: &str, happened: &str, to: &str) -> SpellMessage {
    SpellMessage { place: ward(to), ..message(SpellEvent::Transfer, visit, local, happened) }
}

pub fn left(visit: &str, local: &str, happened: &str) -> SpellMessage {
    let one = message(SpellEvent::Discharge, visit, local, happened);
    SpellMessage { discharged: Told::Set(at(happened).into()), ..one }
}

pub fn wards(list: &lcr_contracts::ward::Inpatients) -> Vec<String> {
    let ward = |row: &lcr_contracts::ward::InpatientRow| {
        row.place.as_ref().and_then(|place| place.value.ward.clone()).unwrap_or_default()
    };
    list.rows.iter().map(ward).collect()
}

pub fn names(hidden: &[String]) -> BTreeSet<&str> {
    hidden.iter().map(String::as_str).collect()
}
