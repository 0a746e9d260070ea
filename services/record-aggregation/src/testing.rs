//! For tests of this crate: the service over a consent, an index and a source that do what a test tells them. Never part
//! of the service.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::needless_pass_by_value, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{Router, extract::State, http::Uri};
use futures::StreamExt;
use jiff::Timestamp;
use lcr_auth::KeyRing;
use lcr_cache::{EmbeddedCache, SealedCache};
use lcr_contracts::{
    Caller, Consent, Failure, PatientIndex, Records,
    audit::What,
    choices::{Choices, NewChoice, Receipt, Review},
    consent::{Ask, Confirm, Decision, Explanation, Refusal},
    identity::{DatasetSwitch, Registry, System},
    patient_index::{DecideReview, Identifier, Resolved, ReviewPage, SearchAnswer, SearchQuery, Stub},
    records::{DocumentAsk, ViewAsk},
};
use lcr_model::{
    Actor, ActorKind, Clock, Dataset, LocalId, LocalIdKey, OdsCode, PersonId, Purpose, Role, ServiceName,
    SessionId, SigningKey, SourceId, SourceIdentity, SystemClock, UserId, ViewId,
    permit::{Hide, PERMIT_TYP, PermitClaims, PersonGrant},
    seal::DataKeys,
};
use lcr_runtime::Stop;
use lcr_store::{Durability, Store};
use lcr_testkit::Folder;
use lcr_web::{EgressRules, Outbound};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    Numbers,
    domain::kind::Kind,
    facade,
    hashed_ids::HashedIds,
    service::{Deciding, Service, Sharing, Shelf},
    sources::Sources,
    store::Migrator,
};

/// The id the sources know the person by.
pub const LOCAL_ID: &str = "7";

/// What consent decides, and how often it changes its mind.
#[derive(Debug)]
pub struct World {
    pub person: PersonId,
    key: SigningKey,
    epoch: AtomicU64,
    pub objected: Mutex<bool>,
    pub hide: Mutex<BTreeSet<Hide>>,
    pub clearances: Mutex<BTreeSet<String>>,
    /// Datasets that nobody is granted.
    pub refused: Mutex<BTreeSet<Dataset>>,
    /// How many confirmations are still answered "it changed".
    pub changes: AtomicUsize,
    /// How many decisions are still answered "catching up".
    pub catches_up: AtomicUsize,
    /// Whether the identities change with each change.
    pub new_identities: Mutex<bool>,
    pub identities: Mutex<Vec<SourceIdentity>>,
    registry: Mutex<Registry>,
    pub decisions: AtomicUsize,
}

impl World {
    /// Applies a change of choice or protection, as consent does before it acknowledges one.
    pub fn change(&self, change: impl FnOnce(&Self)) {
        change(self);
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    pub fn restrict(&self) {
        let all = BTreeSet::from([Hide::Address, Hide::Phone, Hide::Gp, Hide::Location]);
        self.change(|world| *world.hide.lock().unwrap() = all);
    }

    pub fn object(&self) {
        self.change(|world| *world.objected.lock().unwrap() = true);
    }

    fn grant(&self, ask: &Ask) -> PersonGrant {
        let registry = self.registry.lock().unwrap();
        let refused = self.refused.lock().unwrap();
        let datasets = || ask.datasets.iter().filter(|one| !refused.contains(one));
        let grants = registry.systems.iter().filter(|one| !one.discreet);
        PersonGrant {
            person: self.person,
            index_version: 1,
            epoch: self.epoch.load(Ordering::SeqCst),
            relationship: "registered here".into(),
            grants: grants.flat_map(|one| datasets().map(|dataset| (one.id.clone(), *dataset))).collect(),
            withheld: vec![],
            clearances: self.clearances.lock().unwrap().clone(),
            hide: self.hide.lock().unwrap().clone(),
        }
    }
}

#[async_trait]
impl Consent for World {
    async fn decide(&self, caller: &Caller, ask: Ask) -> Result<Decision, Failure> {
        self.decisions.fetch_add(1, Ordering::SeqCst);
        let less = |left: usize| left.checked_sub(1);
        let refusal = match () {
            () if *self.objected.lock().unwrap() => Some(Refusal::Objected),
            () if self.catches_up.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok() => {
                Some(Refusal::CatchingUp)
            }
            () => None,
        };
        if let Some(refusal) = refusal {
            return Ok(Decision { permit: None, refused: vec![(self.person, refusal)] });
        }
        let now = SystemClock.now().as_second();
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
            people: vec![self.grant(&ask)],
        };
        Ok(Decision { permit: Some(self.key.sign(PERMIT_TYP, &claims).unwrap()), refused: vec![] })
    }

    async fn confirm(&self, _: &Caller, confirm: Confirm) -> Result<bool, Failure> {
        let less = |left: usize| left.checked_sub(1);
        if self.changes.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok() {
            self.epoch.fetch_add(1, Ordering::SeqCst);
            if *self.new_identities.lock().unwrap() {
                let mut identities = self.identities.lock().unwrap();
                let extra = LocalId(format!("other-{}", self.changes.load(Ordering::SeqCst)));
                identities.truncate(1);
                identities.push(SourceIdentity { source: SourceId::new("elsewhere"), local_id: extra });
            }
        }
        Ok(confirm.epoch == self.epoch.load(Ordering::SeqCst))
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

#[async_trait]
impl PatientIndex for World {
    async fn search(&self, _: &Caller, _: SearchQuery) -> Result<SearchAnswer, Failure> {
        Err(Failure::not_found())
    }
    async fn stub(&self, _: &Caller, _: PersonId, _: ViewId) -> Result<Stub, Failure> {
        Err(Failure::not_found())
    }
    async fn resolve(&self, _: &Caller, person: PersonId) -> Result<Resolved, Failure> {
        let identities = self.identities.lock().unwrap().clone();
        Ok(Resolved { person, version: 1, identities, numbers: vec![], doubts: vec![] })
    }
    async fn own(&self, _: &Caller) -> Result<Option<PersonId>, Failure> {
        Ok(None)
    }
    async fn identifiers(&self, _: &Caller, _: PersonId) -> Result<Vec<Identifier>, Failure> {
        Ok(vec![])
    }
    async fn reviews(&self, _: &Caller, _: Option<Uuid>) -> Result<ReviewPage, Failure> {
        Err(Failure::not_found())
    }
    async fn decide_review(&self, _: &Caller, _: Uuid, _: DecideReview) -> Result<(), Failure> {
        Err(Failure::not_found())
    }
    async fn count(&self) -> Result<u64, Failure> {
        Ok(1)
    }
}

/// One source on this machine. While it is held, its answers wait.
#[derive(Debug, Clone)]
pub struct Source {
    items: Arc<Mutex<Vec<Value>>>,
    held: Arc<watch::Sender<bool>>,
    waiting: Arc<AtomicUsize>,
    /// Questions so far.
    pub asked: Arc<AtomicUsize>,
}

impl Source {
    pub fn hold(&self) {
        self.held.send_replace(true);
    }

    pub fn release(&self) {
        self.held.send_replace(false);
    }

    /// Waits until a question waits at the held source.
    pub async fn is_asked(&self) {
        for _ in 0..500 {
            if self.waiting.load(Ordering::SeqCst) > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the source was never asked");
    }

    pub fn add(&self, item: Value) {
        self.items.lock().unwrap().push(item);
    }

    fn bundle(&self, path: &str) -> Value {
        let items = self.items.lock().unwrap();
        let kind = path.rsplit('/').next().unwrap_or_default();
        if path.contains("/Patient/") {
            return items.iter().find(|one| one["resourceType"] == "Patient").cloned().unwrap_or(json!({}));
        }
        let of_kind = items.iter().filter(|one| one["resourceType"] == kind);
        let entries: Vec<Value> = of_kind.map(|one| json!({ "resource": one })).collect();
        json!({ "resourceType": "Bundle", "type": "searchset", "total": entries.len(), "entry": entries })
    }
}

async fn answer(State(source): State<Source>, uri: Uri) -> Result<String, axum::http::StatusCode> {
    source.asked.fetch_add(1, Ordering::SeqCst);
    source.waiting.fetch_add(1, Ordering::SeqCst);
    let mut held = source.held.subscribe();
    let _ = held.wait_for(|held| !*held).await;
    source.waiting.fetch_sub(1, Ordering::SeqCst);
    let body = source.bundle(uri.path());
    if body == json!({}) { Err(axum::http::StatusCode::NOT_FOUND) } else { Ok(body.to_string()) }
}

/// The service, its world and its sources.
pub struct Scene {
    pub service: Arc<Service>,
    pub world: Arc<World>,
    pub sources: BTreeMap<String, Source>,
    pub folder: Folder,
}

impl Scene {
    /// One hospital, `st-marker`, that holds `items`.
    pub async fn with(items: Vec<Value>) -> Self {
        Self::of(vec![("st-marker", "hospital", items)]).await
    }

    /// Sources of these ids and kinds, with what each holds.
    pub async fn of(holdings: Vec<(&str, &str, Vec<Value>)>) -> Self {
        let folder = Folder::new("record-scene").unwrap();
        let (mut systems, mut sources, mut identities) = (vec![], BTreeMap::new(), vec![]);
        for (id, kind, items) in holdings {
            let source = Source {
                items: Arc::new(Mutex::new(items)),
                held: Arc::new(watch::channel(false).0),
                waiting: Arc::default(),
                asked: Arc::default(),
            };
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let base = format!("http://{}/fhir", listener.local_addr().unwrap());
            let router = Router::new().fallback(answer).with_state(source.clone());
            tokio::spawn(async move { axum::serve(listener, router).await });
            systems.push(system(id, kind, &base));
            identities.push(SourceIdentity { source: SourceId::new(id), local_id: LocalId(LOCAL_ID.into()) });
            sources.insert(id.to_owned(), source);
        }
        let registry = Registry { systems, ..Registry::default() };
        let key = SigningKey::generate().unwrap();
        let keys =
            KeyRing::new(SigningKey::generate().unwrap(), [(ServiceName::Consent, key.public().clone())]);
        let world = Arc::new(World {
            person: PersonId::new(),
            key,
            epoch: AtomicU64::new(1),
            objected: Mutex::default(),
            hide: Mutex::default(),
            clearances: Mutex::default(),
            refused: Mutex::default(),
            changes: AtomicUsize::new(0),
            catches_up: AtomicUsize::new(0),
            new_identities: Mutex::default(),
            identities: Mutex::new(identities),
            registry: Mutex::new(registry.clone()),
            decisions: AtomicUsize::new(0),
        });
        let service = Arc::new(service(&folder, &world, keys, registry).await);
        Self { service, world, sources, folder }
    }

    pub fn source(&self) -> &Source {
        self.sources.values().next().unwrap()
    }

    /// Drops the copies of what the sources answered.
    pub async fn forget(&self) {
        for connector in self.service.sources.now().connectors.values() {
            connector.forget(LOCAL_ID).await;
        }
    }

    pub fn ask(&self) -> ViewAsk {
        ViewAsk {
            person: self.world.person,
            view: ViewId::new(),
            datasets: None,
            what: What::Record,
            live: false,
        }
    }
}

impl Scene {
    /// What leaves by every door: (door, text). A door that refuses gives its words.
    pub async fn everything(&self) -> Vec<(String, String)> {
        let (service, caller) = (&self.service, caller());
        let mut out = vec![];
        let record = service.whole(&caller, self.ask()).await;
        out.push((
            "record".to_owned(),
            record.map_or_else(|f| f.outward().to_owned(), |record| json!(record).to_string()),
        ));
        let mut updates = service.view(&caller, self.ask()).await.unwrap();
        while let Some(update) = updates.next().await {
            out.push(("stream".to_owned(), json!(update).to_string()));
        }
        for kind in Kind::ALL {
            let pairs = vec![("patient".to_owned(), self.world.person.to_string())];
            let found = facade::search::by_patient(service, &caller, *kind, &pairs).await;
            out.push((
                format!("FHIR {}", kind.fhir()),
                found.map_or_else(|f| f.outward().to_owned(), |b| b.to_string()),
            ));
        }
        let read = facade::patients::read(service, &caller, &self.world.person.to_string()).await;
        out.push((
            "FHIR read".to_owned(),
            read.map_or_else(|f| f.outward().to_owned(), |one| one.to_string()),
        ));
        for (source, held) in &self.sources {
            let items = held.items.lock().unwrap().clone();
            for item in items {
                let entry = format!(
                    "{source}~{}~{}",
                    item["resourceType"].as_str().unwrap(),
                    item["id"].as_str().unwrap()
                );
                let sent = service.item(&caller, self.ask(), &entry).await;
                out.push((
                    "item".to_owned(),
                    sent.map_or_else(|f| f.outward().to_owned(), |one| json!(one).to_string()),
                ));
                let file = DocumentAsk { entry, file: 0 };
                let content = service.document(&caller, self.ask(), file).await;
                out.push((
                    "document".to_owned(),
                    content.map_or_else(|f| f.outward().to_owned(), |one| json!(one).to_string()),
                ));
            }
        }
        out
    }
}

async fn service(folder: &Folder, world: &Arc<World>, keys: KeyRing, registry: Registry) -> Service {
    let file = folder.path().join("record.db");
    let store = Store::open::<Migrator>(&file, "record-aggregation", Durability::Rebuildable).await.unwrap();
    let data_keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
    let cache = SealedCache::new(Arc::new(EmbeddedCache::new(16 << 20)), data_keys.clone());
    let outbound = Outbound::new(EgressRules { loopback: true, ..EgressRules::default() }).unwrap();
    let numbers = Numbers::new(&lcr_observe::Meter::new()).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let sources = Sources::new(outbound, cache, clock.clone(), numbers.sources.clone());
    sources.adopt(registry);
    Service {
        store: store.clone(),
        clock: clock.clone(),
        sources: Arc::new(sources),
        deciding: Deciding { patient_index: world.clone(), consent: world.clone(), keys, clock },
        hashed_ids: HashedIds {
            store: store.clone(),
            keys: data_keys.clone(),
            key: Arc::new(LocalIdKey::new([7; 32])),
        },
        shelf: Shelf { store, keys: data_keys },
        news: tokio::sync::broadcast::channel(crate::service::news::KEPT).0,
        deadline: Duration::from_secs(2),
        numbers,
        sharing: Sharing::default(),
        stop: Stop::new(),
    }
}

fn system(id: &str, kind: &str, base: &str) -> System {
    System {
        id: SourceId::new(id),
        name: format!("{id} by name"),
        organisation: OdsCode::new("Z9M01"),
        base_url: base.into(),
        kind: kind.into(),
        authority: kind == "authority",
        discreet: kind == "discreet",
        datasets: Dataset::ALL.iter().map(|dataset| (*dataset, DatasetSwitch::On)).collect(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        feed: None,
    }
}

/// A clinician of a practice.
pub fn caller() -> Caller {
    let actor = Actor {
        user: UserId::new("u1"),
        kind: ActorKind::Person,
        name: "Dr Test".into(),
        org: OdsCode::new("Y90001"),
        role: Role::Gp,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    };
    Caller { until: Timestamp::MAX, ..lcr_testkit::caller(ServiceName::RecordAggregation, actor) }
}

/// An item about the person, of one of the types we read.
pub fn item(kind: &str, id: &str, more: Value) -> Value {
    let subject = if matches!(kind, "AllergyIntolerance" | "Immunization" | "RelatedPerson") {
        "patient"
    } else {
        "subject"
    };
    let mut value = json!({ "resourceType": kind, "id": id });
    if kind != "Patient" {
        value[subject] = json!({ "reference": format!("Patient/{LOCAL_ID}") });
    }
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}
