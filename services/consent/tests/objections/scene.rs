//! Consent on the embedded bus, with a fake audit service that stores entries or is unavailable.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use lcr_auth::KeyRing;
use lcr_bus::{EmbeddedBus, Subscriptions};
use lcr_consent::domain::policies::OverridePolicy;
use lcr_contracts::{
    Audit, Caller, Failure, FailureKind,
    audit::{
        AccessKind, Entry, EntryFingerprint, EntryQuery, EntryState, LogState, OpenEntry, PatientLog, Reconciliation,
        TreeHead,
    },
    consent::{Decision, DecisionRequest, Refusal, RequestedPerson},
    events::{EventBody, PartnersChanged, PersonChanged, Stay, Stream, WardChanged},
    registry::{DatasetSwitch, Organisation, PartnerState, System, SystemSetup},
};
use lcr_model::{
    Actor, ActorKind, Clock, Dataset, LocalId, OdsCode, PersonId, Purpose, Role, ServiceName, SessionId, SigningKey,
    SourceId, SourceIdentity, SpellId, SystemClock, UserId, ViewId, seal::DataKeys,
};
use lcr_store::{Durability, Location, NoTables, Store};
use lcr_testkit::{Folder, eventually};
use lcr_web::Authenticator;

use fake_audit::FakeAudit;
pub use partners::{caller, identity, organisation, system};

#[path = "scene/fake_audit.rs"]
mod fake_audit;
#[path = "scene/partners.rs"]
mod partners;

pub const PRACTICE: &str = "Y90001";
pub const HOSPITAL: &str = "Z9H01";

/// The system's clock, moved by the test.
#[derive(Debug, Default)]
pub struct MovedClock(AtomicI64);

impl MovedClock {
    pub fn advance(&self, by: SignedDuration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_micros(self.0.load(Ordering::Relaxed))
    }
}

pub struct Scene {
    pub consent: lcr_consent::Handle,
    pub clock: Arc<MovedClock>,
    pub log: Arc<FakeAudit>,
    pub others: Store,
    pub bus: EmbeddedBus,
    pub keys: Arc<DataKeys>,
    _folder: Folder,
}

impl Scene {
    pub async fn new() -> Self {
        Self::with_log(Arc::default()).await
    }

    /// An empty consent, with an audit log that may already have entries.
    pub async fn with_log(log: Arc<FakeAudit>) -> Self {
        Self::build(log, None).await
    }

    /// An empty consent, with an audit log that already has entries.
    pub async fn with_log_and_override(log: Arc<FakeAudit>, override_policy: OverridePolicy) -> Self {
        Self::start(log, None, override_policy).await
    }

    pub async fn with_override(override_policy: OverridePolicy) -> Self {
        Self::start(Arc::default(), None, override_policy).await
    }

    /// The same in this store instead of a file of its own.
    pub async fn build(log: Arc<FakeAudit>, location: Option<Location>) -> Self {
        Self::start(log, location, OverridePolicy::NoOverride).await
    }

    async fn start(log: Arc<FakeAudit>, location: Option<Location>, override_policy: OverridePolicy) -> Self {
        let folder = Folder::new("objections").unwrap();
        let at = |name: &str| folder.path().join(name);
        let keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
        let key = SigningKey::generate().unwrap();
        let clock: Arc<MovedClock> = Arc::default();
        let authenticator =
            Authenticator { me: ServiceName::Consent, keys: KeyRing::new(key.clone(), []), clock: clock.clone() };
        let deps = lcr_consent::Deps {
            store: location.unwrap_or_else(|| at("consent.db").into()),
            clock: clock.clone(),
            authenticator,
            signer: key,
            audit: log.clone(),
            data_keys: keys.clone(),
            override_policy,
            metrics: lcr_consent::Metrics::new(&lcr_observe::Meter::new()).unwrap(),
        };
        let consent = lcr_consent::build(deps).await.unwrap();
        let others = Store::open::<NoTables>(&at("others.db"), "others", Durability::Rebuildable).await.unwrap();
        let bus = EmbeddedBus::open(&at("bus.db")).await.unwrap();
        bus.attach(others.outbox());
        bus.attach(consent.store.outbox());
        consent.listen(&Subscriptions::new(Arc::new(bus.clone()), lcr_runtime::Stop::new()));
        let scene = Self { consent, clock, log, others, bus, keys, _folder: folder };
        let partner = |organisation, system| PartnersChanged { version: 1, organisation, system };
        scene.publish(partner(Some(organisation(PRACTICE, "gp-practice")), None), Stream::Partners).await;
        scene.publish(partner(Some(organisation(HOSPITAL, "acute")), None), Stream::Partners).await;
        scene.publish(partner(None, Some(system())), Stream::Partners).await;
        scene
    }

    pub async fn publish<B: EventBody + Clone + 'static>(&self, body: B, stream: Stream) {
        self.publish_all(vec![body], stream).await;
    }

    pub async fn publish_all<B: EventBody + Clone + 'static>(&self, bodies: Vec<B>, stream: Stream) {
        let now = SystemClock.now();
        let write = self.others.write(async move |tx| Store::publish(&tx, now, &bodies).await);
        write.await.unwrap();
        eventually(Duration::from_secs(10), "consent has processed the events", async || {
            self.bus.rows_behind(stream, "consent").await.unwrap() == 0
        })
        .await;
    }

    pub async fn person(&self, person: PersonId, version: i64, identities: &[SourceIdentity]) {
        let change = PersonChanged {
            person,
            version,
            identities: identities.to_vec(),
            practice: Some(OdsCode::new(PRACTICE)),
            marks: vec![],
        };
        self.publish(change, Stream::People).await;
    }

    pub async fn stay(&self, person: PersonId, version: i64, until: Option<&str>) {
        self.publish(self.stay_event("s1", person, version, until), Stream::Ward).await;
    }

    pub fn stay_event(&self, spell: &str, person: PersonId, version: i64, until: Option<&str>) -> WardChanged {
        let stay = Stay {
            person: Some(person),
            source: SourceId::new("st-hildas"),
            organisation: OdsCode::new(HOSPITAL),
            ward: Some("J27".into()),
            from: "2026-01-01T08:00:00Z".parse().unwrap(),
            until: until.map(|text| text.parse().unwrap()),
            counts: true,
        };
        let sealed = self.keys.seal("ward/stay", &serde_json::to_vec(&stay).unwrap()).unwrap();
        WardChanged { spell: SpellId::new(spell), version, sealed, record: None }
    }

    /// Asks whether `who` may open the record of `person` with these identities.
    pub async fn open_record(
        &self,
        who: &Caller,
        person: PersonId,
        version: i64,
        identities: &[SourceIdentity],
    ) -> Result<(), Refusal> {
        let decision = self.decide(who, person, version, identities).await.unwrap();
        decision.refused.first().map_or(Ok(()), |(_, refusal)| Err(*refusal))
    }

    pub async fn decide(
        &self,
        who: &Caller,
        person: PersonId,
        version: i64,
        identities: &[SourceIdentity],
    ) -> Result<Decision, Failure> {
        let question = RequestedPerson { person, index_version: version, identities: identities.to_vec() };
        let ask = DecisionRequest {
            audience: who.service,
            view: ViewId::new(),
            what: AccessKind::Record,
            people: vec![question],
            datasets: vec![Dataset::Allergies],
        };
        self.consent.api.decide(who, ask).await
    }
}
