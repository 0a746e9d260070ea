//! The fixture of the room's tests: a running identity with two organisations of a seed, and their administrators.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use jiff::{SignedDuration, Timestamp};
use lcr_auth::KeyRing;
use lcr_contracts::{
    Caller, Failure, Identity as _, Partners as _,
    partners::{
        ChangeResult, PartnerChange, PartnerReceipt, PartnerRequest,
        system::{Check, CheckOutcome, CheckReport, ClientDraft, SwitchStep, SystemChange, SystemDraft, SystemStatus},
    },
    registry::{Feed, Organisation, PartnerState, Stage, StageRule, System},
    vocabulary::SystemKind,
};
use lcr_model::{
    Actor, ActorKind, Clock, Dataset, OdsCode, Purpose, Role, ServiceName, SessionId, SigningKey, SourceId, UserId,
    seal::DataKeys,
};
use lcr_testkit::Folder;
use lcr_web::{Authenticator, EgressRules, Outbound};
use serde_json::{Value, json};

use super::fingerprint::fingerprint;
use crate::{
    Deps, Handle, Metrics, Seed,
    service::Service,
    store::{
        check_report,
        registry::ManagedBy,
        session::{self, NewSession},
        user,
    },
};

/// The owner of the systems of the tests.
pub const OWNER: &str = "Z9H01";
/// Another organisation, which receives data.
pub const RECEIVER: &str = "Z9G01";
pub const ADDRESS: &str = "https://fhir.example.nhs.uk/R4";
/// The seconds since 1970 at which each test begins.
pub const START: i64 = 1_800_000_000;

#[derive(Debug)]
struct TestClock(Mutex<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub struct Scene {
    handle: Handle,
    clock: Arc<TestClock>,
    _folder: Folder,
}

pub fn organisation(ods: &str, state: PartnerState) -> Organisation {
    Organisation {
        ods: OdsCode::new(ods),
        name: format!("Organisation {ods}"),
        kind: "acute".into(),
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state,
        receives: None,
    }
}

/// A system that is asked over FHIR.
pub fn draft(id: &str) -> SystemDraft {
    SystemDraft {
        id: SourceId::new(id),
        name: "Patient administration".into(),
        kind: SystemKind::Hospital,
        base_url: ADDRESS.into(),
        datasets: BTreeSet::from([Dataset::Allergies, Dataset::Results]),
        rhythm: "real-time".into(),
        feed: None,
        contact: "Integration team, 0113 496 0000".into(),
    }
}

/// A system that only sends.
pub fn sender(id: &str, application: &str) -> SystemDraft {
    let senders = vec![(application.to_owned(), OWNER.to_owned())];
    let feed = Feed { senders, profile: "default".into(), ..Feed::default() };
    SystemDraft { base_url: String::new(), feed: Some(feed), ..draft(id) }
}

pub fn rule(stage: Stage) -> StageRule {
    StageRule { dataset: Dataset::Allergies, unit: None, receiver: None, stage }
}

/// A step of the system `gp` with all that a step may need.
pub fn step(rule: StageRule) -> SwitchStep {
    SwitchStep {
        system: SourceId::new("gp"),
        rule,
        signed_off_by: "Jo Field, clinical safety officer".into(),
        user_view: "Twelve patients of the pilot were asked; none objected.".into(),
    }
}

pub fn client(id: &str) -> ClientDraft {
    ClientDraft {
        id: id.into(),
        name: "The integration engine".into(),
        role: Role::FeedsClient,
        scope: "feeds.write".into(),
        jwks: Some(jwks("a")),
        jwks_url: None,
        per_minute: 0,
        requests_per_minute: None,
        launch_roles: vec![],
        frame_ancestors: vec![],
    }
}

/// A key set with one public key.
pub fn jwks(kid: &str) -> Value {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x }] })
}

pub fn administrator(ods: &str) -> Actor {
    actor(ods, Role::OrgAdmin)
}

pub fn actor(ods: &str, role: Role) -> Actor {
    Actor {
        user: UserId::new(format!("user-{ods}")),
        kind: ActorKind::Person,
        name: "Sam Reed".into(),
        org: OdsCode::new(ods),
        role,
        purpose: Purpose::Administration,
        session: SessionId::new(),
    }
}

impl Scene {
    pub async fn new() -> Self {
        Self::with_states(PartnerState::Live).await
    }

    /// A scene whose owner is in this state.
    pub async fn with_states(owner: PartnerState) -> Self {
        let folder = Folder::new("systems").unwrap();
        let clock = Arc::new(TestClock(Mutex::new(Timestamp::from_second(START).unwrap())));
        let keys = KeyRing::new(SigningKey::generate().unwrap(), []);
        let handle = crate::build(Deps {
            store: folder.path().join("identity.db").into(),
            clock: clock.clone(),
            authenticator: Authenticator { me: ServiceName::Identity, keys, clock: clock.clone() },
            data_keys: Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap()),
            outbound: Outbound::new(EgressRules { loopback: true, ..EgressRules::default() }).unwrap(),
            public_origin: "https://record.example.nhs.uk".into(),
            providers: vec![],
            demo: false,
            metrics: Metrics::new(&lcr_observe::Meter::new()).unwrap(),
        });
        let scene = Self { handle: handle.await.unwrap(), clock, _folder: folder };
        let organisations = vec![organisation(OWNER, owner), organisation(RECEIVER, PartnerState::Live)];
        scene.handle.seed(Seed { organisations, ..Seed::default() }).await.unwrap();
        scene
    }

    pub fn service(&self) -> &Service {
        &self.handle.service
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn wait(&self, time: SignedDuration) {
        *self.clock.0.lock().unwrap() += time;
    }

    pub async fn seed(&self, seed: Seed) {
        self.handle.seed(seed).await.unwrap();
    }

    /// A change by this user about an organisation, a second after the one before.
    pub async fn change_as(&self, actor: Actor, ods: &str, change: SystemChange) -> Result<PartnerReceipt, Failure> {
        self.wait(SignedDuration::from_secs(1));
        self.open_session(actor.clone()).await;
        let caller: Caller = lcr_testkit::caller(ServiceName::Gateway, actor);
        let request = PartnerRequest {
            organisation: OdsCode::new(ods),
            reason: "As agreed".into(),
            change: PartnerChange::System(change),
        };
        self.service().change(&caller, request).await
    }

    /// Stores a session of this user, without which they change nothing.
    async fn open_session(&self, actor: Actor) {
        let now = self.now();
        let write = self.handle.store.write(async move |tx| {
            let hash = actor.session.to_string();
            let new = NewSession {
                hash: &hash,
                actor: &actor,
                issuer: "https://idp.example.org",
                provider_role: None,
                sid: None,
                started: now,
                authenticated_at: Some(now),
                frame_ancestors: "",
            };
            session::insert(&tx, new, now).await
        });
        write.await.unwrap();
    }

    /// A change by the owner's administrator.
    pub async fn change(&self, change: SystemChange) -> Result<ChangeResult, Failure> {
        Ok(self.change_as(administrator(OWNER), OWNER, change).await?.result)
    }

    /// The outward text of the refusal of a change by the owner's administrator.
    pub async fn refusal(&self, change: SystemChange) -> String {
        self.change(change).await.unwrap_err().outward().to_owned()
    }

    pub async fn put(&self, draft: SystemDraft) {
        self.change(SystemChange::Put(Box::new(draft))).await.unwrap();
    }

    pub async fn system(&self, id: &str) -> System {
        let registry = self.service().registry().await.unwrap();
        registry.system(&SourceId::new(id)).unwrap().clone()
    }

    pub async fn status(&self, id: &str) -> SystemStatus {
        let registry = self.service().registry().await.unwrap();
        let statuses = super::statuses(self.service(), &registry, &OdsCode::new(OWNER)).await.unwrap();
        statuses.into_iter().find(|status| status.draft.id.as_str() == id).unwrap()
    }

    /// Stores a report as if the connection had been checked now.
    pub async fn report(&self, id: &str, outcome: CheckOutcome) {
        let (system, at) = (self.system(id).await, self.now());
        let check = Check { name: "reachable".into(), outcome, text: "It answers.".into() };
        let report = CheckReport { at, checks: vec![check] };
        let write = self
            .handle
            .store
            .write(async move |tx| check_report::upsert(&tx, &system.id, &fingerprint(&system), &report).await);
        write.await.unwrap();
    }

    /// The system `gp`, set up, checked and live.
    pub async fn live_system(&self) {
        self.put(draft("gp")).await;
        self.report("gp", CheckOutcome::Passed).await;
        self.change(SystemChange::GoLive { system: SourceId::new("gp") }).await.unwrap();
    }

    /// Registers another organisation that is live.
    pub async fn add_organisation(&self, ods: &str) {
        let organisations = vec![organisation(ods, PartnerState::Live)];
        self.seed(Seed { organisations, ..Seed::default() }).await;
    }

    /// A user who has signed in.
    pub async fn user(&self, name: &'static str) -> UserId {
        let write = self
            .handle
            .store
            .write(async move |tx| user::find_or_insert(&tx, &[format!("hash of {name}")], name).await);
        UserId::new(write.await.unwrap())
    }

    /// Makes a row the operator's.
    pub async fn give_to_operator(&self, id: &str) {
        use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, entity::prelude::Expr};

        use crate::store::registry::entity::{Column, Entity};
        let key = format!("system/{id}");
        let write = self.handle.store.write(async move |tx| {
            let update = Entity::update_many().col_expr(Column::ManagedBy, Expr::value(ManagedBy::Operator.as_str()));
            update.filter(Column::Key.eq(key)).exec(&tx).await.map(|_| ())
        });
        write.await.unwrap();
    }
}
