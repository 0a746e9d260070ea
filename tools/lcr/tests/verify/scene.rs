//! A log on a port of its own, in a file or in a schema, and somebody at its database.

use std::{path::PathBuf, sync::Arc, time::Duration};

use lcr_audit::{Deps, Handle, build};
use lcr_auth::{KeyRing, UserClaims, sign_user};
use lcr_cli::commands::audit::{Check, check};
use lcr_contracts::{
    Caller, Failure,
    audit::{OpenEntry, Outcome, TreeHead, What},
};
use lcr_model::*;
use lcr_runtime::{Stop, process::Process};
use lcr_store::{Location, migrate};
use lcr_testkit::{Folder, servers::Postgres};
use lcr_web::Gate;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

/// A checkpoint older than this does not verify.
pub const MOST_AGE: i64 = 60;

type Tables = <lcr_audit::process::Alone as Process>::Tables;

/// A row like that at leaf 0, under an id that nobody has.
pub const COPY: &str = "INSERT INTO entry SELECT {new}, view, at, \"user\", audience, what, outcome, policy_version, \
                        actor, reason, people, datasets, org, choice, code, concerned FROM entry WHERE id = {0}";

/// Where a log is.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    File,
    Schema,
}

pub struct Log {
    location: Location,
    folder: Folder,
    key: SigningKey,
    identity: SigningKey,
    running: Option<Running>,
}

struct Running {
    handle: Handle,
    stop: Stop,
    port: u16,
    server: tokio::task::JoinHandle<()>,
}

impl Log {
    pub async fn open(place: Place) -> Self {
        let folder = Folder::new("verify").unwrap();
        let location = match place {
            Place::File => folder.path().join("audit.db").into(),
            Place::Schema => {
                let location = Location::parse(&Postgres::shared().database(), "audit").unwrap();
                migrate::run::<Tables>(&location, &location).await.unwrap();
                location
            }
        };
        let (key, identity) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let mut log = Self { location, folder, key, identity, running: None };
        log.start().await;
        log
    }

    async fn start(&mut self) {
        let own = SigningKey::generate().unwrap();
        let keys = KeyRing::new(own, [(ServiceName::Identity, self.identity.public().clone())]);
        let stop = Stop::new();
        let deps = Deps {
            store: self.location.clone(),
            clock: Arc::new(SystemClock),
            gate: Gate { me: ServiceName::Audit, keys, clock: Arc::new(SystemClock) },
            stop: stop.clone(),
            log_key: self.key.clone(),
            metrics: lcr_audit::Numbers::new(&lcr_observe::Meter::new()).unwrap(),
        };
        let handle = build(deps).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = handle.router.clone();
        let app = axum::Router::new().nest("/audit", router.clone()).nest("/api/audit", router);
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        self.running = Some(Running { handle, stop, port, server });
        self.until(|head| head.0 >= 0).await;
    }

    /// The same log in a process that remembers nothing.
    pub async fn restart(&mut self) {
        let running = self.running.take().unwrap();
        running.stop.cancel();
        running.server.abort();
        drop(running);
        tokio::time::sleep(Duration::from_secs(2)).await;
        self.start().await;
    }

    pub fn handle(&self) -> &Handle {
        &self.running.as_ref().unwrap().handle
    }

    pub async fn try_append(&self, entry: &OpenEntry) -> Result<(), Failure> {
        self.handle().api.open(&consent(), entry.clone()).await
    }

    /// Appends so many, and waits until they are in the tree.
    pub async fn append(&self, count: i64) {
        let before = self.head_row().await.0;
        for _ in 0..count {
            self.try_append(&entry()).await.unwrap();
        }
        self.until(|head| head.0 >= before + count).await;
    }

    /// Lowers the size of the tree, and gets one more entry in before that is noticed.
    pub async fn append_while_halted(&self) -> OpenEntry {
        for _ in 0..20 {
            self.append(1).await;
            self.try_append(&entry()).await.unwrap();
            self.sql("UPDATE head SET size = size - 1").await;
            // The checkpoint is believed for half a second: it may be read again just now.
            let last = entry();
            let taken = self.try_append(&last).await.is_ok();
            if taken {
                self.settle().await;
                return last;
            }
            self.go_on().await;
        }
        panic!("the lower size is noticed at once each time");
    }

    pub async fn go_on(&self) {
        self.sql("UPDATE head SET size = size + 1").await;
        self.settle().await;
    }

    /// Longer than a checkpoint is believed, and than a sequencer rests.
    pub async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(1300)).await;
    }

    pub async fn head(&self) -> TreeHead {
        self.handle().api.reconcile(TreeHead::default(), vec![]).await.unwrap().head
    }

    /// Size and note.
    pub async fn head_row(&self) -> (i64, String) {
        let db = self.handle().store.read();
        let head = Statement::from_string(db.get_database_backend(), "SELECT size, note FROM head");
        let Some(row) = db.query_one_raw(head).await.unwrap() else { return (-1, String::new()) };
        (row.try_get("", "size").unwrap(), row.try_get("", "note").unwrap())
    }

    /// Until each row has its place, so that the sequencer has nothing to do.
    pub async fn until_nothing_waits(&self) {
        let db = self.handle().store.read();
        for _ in 0..200 {
            let count =
                Statement::from_string(db.get_database_backend(), "SELECT COUNT(*) AS n FROM pending");
            let row = db.query_one_raw(count).await.unwrap().unwrap();
            if row.try_get::<i64>("", "n").unwrap() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("rows wait for their place");
    }

    async fn until(&self, stands: impl Fn(&(i64, String)) -> bool) {
        for _ in 0..200 {
            if stands(&self.head_row().await) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the tree does not grow: {:?}", self.head_row().await.0);
    }

    /// Puts an earlier head back and takes away what came after it.
    pub async fn cut_off(&self, (size, note): &(i64, String)) {
        let hashes = tlog_tiles::stored_hash_count(size.unsigned_abs());
        self.sql(&format!("UPDATE head SET size = {size}, note = '{note}'")).await;
        self.sql(&format!("DELETE FROM entry WHERE id IN (SELECT id FROM leaf WHERE place >= {size})")).await;
        self.sql(&format!(
            "DELETE FROM leaf WHERE place >= {size}; DELETE FROM node WHERE place >= {hashes}"
        ))
        .await;
    }

    /// `{new}` is an id that nobody has, `{true}` the word for it.
    pub async fn sql(&self, text: &str) {
        let text = text.replace("{new}", &self.literal(Uuid::from_u128(0x0193_7f00_dead_beef)));
        let text = (0..4).fold(text, |text, at| {
            let id = format!("(SELECT id FROM leaf WHERE place = {at})");
            text.replace(&format!("{{{at}}}"), &id)
        });
        let text = text.replace("{true}", if self.is_file() { "1" } else { "true" });
        self.handle().store.read().execute_unprepared(&text).await.unwrap();
    }

    pub fn literal(&self, id: Uuid) -> String {
        if self.is_file() { format!("X'{}'", id.simple()) } else { format!("'{id}'::uuid") }
    }

    fn is_file(&self) -> bool {
        self.handle().store.read().get_database_backend() == DbBackend::Sqlite
    }

    pub async fn verify(&self) -> Result<(), String> {
        self.verify_at(0).await
    }

    /// As if it were so many seconds later.
    pub async fn verify_at(&self, later: i64) -> Result<(), String> {
        let now = SystemClock.now();
        let claims = UserClaims::new(&officer(), "session", now);
        let port = self.running.as_ref().unwrap().port;
        let since: PathBuf = self.folder.path().join("checkpoint");
        let verify = Check {
            log: format!("http://127.0.0.1:{port}/audit"),
            api: format!("http://127.0.0.1:{port}/api/audit"),
            key: self.handle().verifier.clone(),
            since: Some(since),
            token: Some(sign_user(&self.identity, &claims).unwrap()),
            now: now.as_second() + later,
        };
        check(&verify).await
    }
}

fn officer() -> Actor {
    Actor {
        user: UserId::new("u"),
        kind: ActorKind::Person,
        name: "Helen Proctor".into(),
        org: OdsCode::new("Z9H01"),
        role: Role::PrivacyOfficer,
        purpose: Purpose::Audit,
        session: SessionId::new(),
    }
}

pub fn consent() -> Caller {
    lcr_testkit::caller(ServiceName::Consent, officer())
}

pub fn entry() -> OpenEntry {
    let person = PersonId::new();
    OpenEntry {
        id: Uuid::now_v7(),
        view: ViewId::new(),
        at: SystemClock.now(),
        actor: officer(),
        audience: ServiceName::RecordAggregation,
        what: What::Record,
        outcome: Outcome::Allowed,
        reason: "registered at Beckside Surgery".into(),
        people: vec![person],
        datasets: vec![],
        policy_version: "1".into(),
        choice: None,
        concerned: [(OdsCode::new("Y90001"), vec![person])].into(),
    }
}
