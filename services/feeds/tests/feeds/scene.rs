//! The test fixture: a running feeds service and a registry with the sources that a test names.

mod messages;
mod partners;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use lcr_auth::{KeyRing, UserClaims, token::sign_user};
use lcr_bus::{EmbeddedBus, Subscriptions};
use lcr_contracts::{
    Caller,
    events::{
        CareLink, CareLinkReceived, CloudEvent, DemographicsReceived, EncounterReceived, EventBody, ItemReceived,
        PartnersChanged, PushedItem, SourcePatient, Stream,
    },
    registry::{PartnerState, System},
    spell::SpellMessage,
};
use lcr_feeds::{Deps, Handle};
use lcr_hl7::Client;
use lcr_model::{Clock, Phi, Role, ServiceName, SigningKey, SystemClock, seal::DataKeys};
use lcr_runtime::Stop;
use lcr_store::{Durability, NoTables, Store};
use lcr_testkit::{Folder, eventually};
use lcr_web::Authenticator;
pub use messages::{PID, adt, at, code, segment};
use partners::actor;
pub use partners::{hospital, itk, organisation, sandbox, system};
use serde_json::Value;
use tokio::net::TcpListener;
use tower::ServiceExt;

pub const DEADLINE: Duration = Duration::from_secs(20);

pub struct Scene {
    pub feeds: Handle,
    pub mllp: SocketAddr,
    pub stop: Stop,
    keys: Arc<DataKeys>,
    identity: SigningKey,
    registry: Store,
    bus: EmbeddedBus,
    _folder: Folder,
}

impl Scene {
    pub async fn set(systems: &[System]) -> Self {
        let folder = Folder::new("feeds").unwrap();
        let at = |name: &str| folder.path().join(name);
        let keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
        let (own, identity) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let ring = KeyRing::new(own, [(ServiceName::Identity, identity.public().clone())]);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let stop = Stop::new();
        let authenticator = Authenticator { me: ServiceName::Feeds, keys: ring, clock: clock.clone() };
        let deps = Deps {
            store: at("feeds.db").into(),
            clock,
            authenticator,
            data_keys: keys.clone(),
            stop: stop.clone(),
            metrics: lcr_feeds::Metrics::new(&lcr_observe::Meter::new()).unwrap(),
        };
        let feeds = lcr_feeds::build(deps).await.unwrap();
        let file = at("registry.db");
        let registry = Store::open::<NoTables>(&file, "identity", Durability::Rebuildable).await.unwrap();
        let bus = EmbeddedBus::open(&at("bus.db")).await.unwrap();
        bus.attach(registry.outbox());
        bus.attach(feeds.store.outbox());
        feeds.listen(&Subscriptions::new(Arc::new(bus.clone()), stop.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mllp = listener.local_addr().unwrap();
        tokio::spawn(feeds.clone().serve_mllp(listener, None, stop.clone()));
        let scene = Self { feeds, mllp, stop, keys, identity, registry, bus, _folder: folder };
        scene.register(systems, 1).await;
        scene
    }

    /// Registers the systems with owners that take part, and waits until feeds has received them.
    pub async fn register(&self, systems: &[System], version: i64) {
        let owner = |system: &System| organisation(system.organisation.as_str(), PartnerState::Live);
        let changed = |system: &System| PartnersChanged {
            version,
            organisation: Some(owner(system)),
            system: Some(system.clone()),
        };
        self.publish_partners(systems.iter().map(changed).collect()).await;
    }

    /// Publishes changes of the registry, and waits until feeds has received them.
    pub async fn publish_partners(&self, changes: Vec<PartnersChanged>) {
        let now = SystemClock.now();
        let publish = self.registry.write(async move |tx| Store::publish(&tx, now, &changes).await);
        publish.await.unwrap();
        eventually(DEADLINE, "feeds has received the registry", async || {
            self.bus.rows_behind(Stream::Partners, "feeds").await.unwrap() == 0
        })
        .await;
    }

    pub fn seal(&self, place: &str, plain: &str) -> String {
        self.keys.seal(place, plain.as_bytes()).unwrap()
    }

    pub async fn client(&self) -> Client {
        Client::connect(self.mllp, DEADLINE).await.unwrap()
    }

    /// Sends a message over MLLP and returns the acknowledgement with one segment per line.
    pub async fn send(&self, message: &str) -> String {
        let answer = self.client().await.send(message.as_bytes(), DEADLINE).await.unwrap();
        String::from_utf8_lossy(&answer).replace('\r', "\n")
    }

    /// All events of one type, oldest first.
    pub async fn events<B: EventBody>(&self) -> Vec<B> {
        let rows = self.feeds.store.outbox().after(Stream::Feeds, 0, 10_000).await.unwrap();
        let body = |event: &CloudEvent| event.body::<B>().map(Result::unwrap);
        rows.iter().filter_map(|row| body(&row.event)).collect()
    }

    pub async fn stays(&self) -> Vec<(EncounterReceived, SpellMessage)> {
        let open = |event: EncounterReceived| {
            let plain = self.keys.open("feeds/encounter", &event.sealed).unwrap();
            let message = serde_json::from_slice(&plain).unwrap();
            (event, message)
        };
        self.events().await.into_iter().map(open).collect()
    }

    pub async fn items(&self) -> Vec<(ItemReceived, PushedItem)> {
        let open = |event: ItemReceived| {
            let plain = self.keys.open("feeds/item", &event.sealed).unwrap();
            let item = serde_json::from_slice(&plain).unwrap();
            (event, item)
        };
        self.events().await.into_iter().map(open).collect()
    }

    pub async fn links(&self) -> Vec<(CareLinkReceived, CareLink)> {
        let open = |event: CareLinkReceived| {
            let plain = self.keys.open("feeds/care-link", &event.sealed).unwrap();
            let link = serde_json::from_slice(&plain).unwrap();
            (event, link)
        };
        self.events().await.into_iter().map(open).collect()
    }

    pub async fn people(&self) -> Vec<(DemographicsReceived, SourcePatient)> {
        let open = |event: DemographicsReceived| {
            let plain = self.keys.open("feeds/demographics", &event.sealed).unwrap();
            let patient = serde_json::from_slice(&plain).unwrap();
            (event, patient)
        };
        self.events().await.into_iter().map(open).collect()
    }

    /// A caller as the gateway passes it on.
    pub fn caller(role: Role, organisation: &str) -> Caller {
        let until = SystemClock.now().checked_add(SignedDuration::from_mins(5)).unwrap();
        let (service, token) = (ServiceName::Gateway, Phi::new(String::new()));
        Caller { service, actor: actor(role, organisation), token, until }
    }

    pub fn token(&self, role: Role, organisation: &str) -> String {
        let (actor, machine) = (actor(role, organisation), role == Role::FeedsClient);
        let scope = if machine { "feeds.write" } else { "session" };
        sign_user(&self.identity, &UserClaims::new(&actor, scope, SystemClock.now())).unwrap()
    }

    /// Sends one request and returns its status, body and content type.
    pub async fn request(&self, token: &str, method: &str, path: &str, body: impl Into<Body>) -> (u16, String, String) {
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
        let answer = self.feeds.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&bytes).into_owned(), kind.unwrap_or_default())
    }

    /// The list that a data steward sees.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let token = self.token(Role::DataSteward, "Z9K01");
        let (status, body, _) = self.request(&token, "GET", path, Body::empty()).await;
        assert_eq!(status, 200, "{path}: {body}");
        let body: Value = serde_json::from_str(&body).unwrap();
        let name = if path.starts_with("/v1/dead") { "dead_letters" } else { "messages" };
        body[name].as_array().unwrap().clone()
    }
}
