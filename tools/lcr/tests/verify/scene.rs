//! A running audit log on a port of its own, with direct access to its database. It must never check anything.

#[path = "scene/entries.rs"]
mod entries;
#[path = "scene/tampering.rs"]
mod tampering;

use std::{path::PathBuf, sync::Arc, time::Duration};

use entries::officer;
pub use entries::{consent, entry};
use lcr_audit::{Deps, Handle, build};
use lcr_auth::{KeyRing, UserClaims, sign_user};
use lcr_cli::commands::audit::{Check, check};
use lcr_contracts::{
    Failure,
    audit::{OpenEntry, TreeHead},
};
use lcr_model::*;
use lcr_runtime::{Stop, process::Process};
use lcr_store::{Location, migrate};
use lcr_testkit::{Folder, eventually, servers::Postgres};
use lcr_web::Authenticator;
use sea_orm::{ConnectionTrait, Statement};

/// A checkpoint older than this does not verify.
pub const MAX_AGE_SECONDS: i64 = 60;

type Tables = <lcr_audit::process::AuditProcess as Process>::Tables;

/// Copies the row at leaf 0 under an unused id.
pub const COPY: &str = "INSERT INTO entry SELECT {new}, view, at, \"user\", audience, what, outcome, policy_version, \
                        actor, reason, people, datasets, org, choice, code, concerned FROM entry WHERE id = {0}";

/// The database of a log.
#[derive(Debug, Clone, Copy)]
pub enum Backend {
    Sqlite,
    Postgres,
}

pub struct Log {
    location: Location,
    folder: Folder,
    key: SigningKey,
    identity: SigningKey,
    running: Option<RunningPlatform>,
}

struct RunningPlatform {
    handle: Handle,
    stop: Stop,
    port: u16,
    server: tokio::task::JoinHandle<()>,
}

impl Log {
    pub async fn open(backend: Backend) -> Self {
        let folder = Folder::new("verify").unwrap();
        let location = match backend {
            Backend::Sqlite => folder.path().join("audit.db").into(),
            Backend::Postgres => {
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
            authenticator: Authenticator { me: ServiceName::Audit, keys, clock: Arc::new(SystemClock) },
            stop: stop.clone(),
            log_key: self.key.clone(),
            metrics: lcr_audit::Metrics::new(&lcr_observe::Meter::new()).unwrap(),
        };
        let handle = build(deps).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = handle.router.clone();
        let app = axum::Router::new().nest("/audit", router.clone()).nest("/api/audit", router);
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        self.running = Some(RunningPlatform { handle, stop, port, server });
        self.wait_for_head(|head| head.0 >= 0).await;
    }

    /// Restarts the log without what it had in memory.
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

    /// Appends `count` entries and waits until they are in the tree.
    pub async fn append(&self, count: i64) {
        let before = self.head_row().await.0;
        for _ in 0..count {
            self.try_append(&entry()).await.unwrap();
        }
        self.wait_for_head(|head| head.0 >= before + count).await;
    }

    /// Lowers the size of the tree and appends one more entry before the log notices.
    pub async fn append_while_halted(&self) -> OpenEntry {
        for _ in 0..20 {
            self.append(1).await;
            self.try_append(&entry()).await.unwrap();
            self.sql("UPDATE head SET size = size - 1").await;
            // The log reads the checkpoint every half a second, so it may notice at once.
            let last = entry();
            if self.try_append(&last).await.is_ok() {
                self.settle().await;
                return last;
            }
            self.restore_size().await;
        }
        panic!("the log noticed the lower size at once each time");
    }

    /// Waits until the log has read the checkpoint again and the sequencer has run.
    pub async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(1300)).await;
    }

    pub async fn head(&self) -> TreeHead {
        self.handle().api.reconcile(TreeHead::default(), vec![]).await.unwrap().head
    }

    /// The size and the note of the head; -1 while there is none.
    pub async fn head_row(&self) -> (i64, String) {
        let db = self.handle().store.read();
        let head = Statement::from_string(db.get_database_backend(), "SELECT size, note FROM head");
        let Some(row) = db.query_one_raw(head).await.unwrap() else { return (-1, String::new()) };
        (row.try_get("", "size").unwrap(), row.try_get("", "note").unwrap())
    }

    /// Waits until each row has its place, so that the sequencer has nothing to do.
    pub async fn wait_until_queue_is_empty(&self) {
        let db = self.handle().store.read();
        eventually(Duration::from_secs(10), "every row has its place", async || {
            let count = Statement::from_string(db.get_database_backend(), "SELECT COUNT(*) AS n FROM pending");
            let row = db.query_one_raw(count).await.unwrap().unwrap();
            row.try_get::<i64>("", "n").unwrap() == 0
        })
        .await;
    }

    async fn wait_for_head(&self, accepts: impl Fn(&(i64, String)) -> bool) {
        eventually(Duration::from_secs(10), "the tree grows", async || accepts(&self.head_row().await)).await;
    }

    pub async fn verify(&self) -> Result<(), String> {
        self.verify_at(0).await
    }

    /// Verifies as if it were `later` seconds later.
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
