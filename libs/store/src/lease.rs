//! Leases for work that one replica does at a time: relaying the outbox, sequencing audit entries, reading a source's
//! patient list. A lease lasts as long as its database session. Two replicas may both believe they hold it for a moment,
//! so the work must be safe when done twice. A waiting replica must reuse its session, not open new connections.

use std::time::Duration;

use sea_orm::{DatabaseConnection, DbErr};
use tokio::time::{Instant, timeout};

use crate::{Location, Store, postgres};

/// How often a replica asks for the lease, and its holder checks it.
pub const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// The longest wait for the database in one check.
const QUERY_TIMEOUT: Duration = Duration::from_secs(5);

/// Takes the lease when it is free and holds it while its session lives.
#[derive(Debug)]
pub struct Leader {
    store: Store,
    name: &'static str,
    /// The session that holds the lease or waits for it.
    session: Option<Session>,
    leads: bool,
    looked: Option<Instant>,
}

impl Leader {
    pub fn new(store: Store, name: &'static str) -> Self {
        Self { store, name, session: None, leads: false, looked: None }
    }

    /// Whether this replica is the leader. Asks the database at most once a second. `false` if the database does not
    /// answer.
    pub async fn is_leader(&mut self) -> bool {
        if self.looked.is_some_and(|at| at.elapsed() < CHECK_INTERVAL) {
            return self.leads;
        }
        self.leads = self.check().await.unwrap_or(false);
        self.looked = Some(Instant::now());
        self.leads
    }

    /// Waits until this replica is the leader.
    pub async fn acquire(&mut self) {
        while !self.is_leader().await {
            tokio::time::sleep(CHECK_INTERVAL).await;
        }
    }

    /// Waits until this replica is no longer the leader.
    pub async fn lost(&mut self) {
        while self.is_leader().await {
            tokio::time::sleep(CHECK_INTERVAL).await;
        }
    }

    async fn check(&mut self) -> Result<bool, DbErr> {
        let Location::Schema { url, schema } = &self.store.location else { return Ok(true) };
        if let Some(session) = self.session.as_ref().filter(|_| self.leads)
            && session.is_the_same().await
        {
            return Ok(true);
        }
        // The session changed, and the server may still hold the old session's lock: drop it.
        if self.leads {
            tracing::warn!(lease = self.name, "lost: its session is gone");
            self.session = None;
        }
        let session = match self.session.take() {
            Some(session) => session,
            None => Session::open(url, schema).await?,
        };
        let lock = format!("lcr/{schema}/{}", self.name);
        let session = self.session.insert(session);
        let locked = session.lock(lock).await;
        if locked.is_err() {
            self.session = None;
        }
        locked
    }
}

/// A held lease. Dropping it releases it.
#[derive(Debug)]
pub struct Lease {
    /// `None` in one process, which has no rival.
    session: Option<Session>,
}

impl Store {
    /// Tries once to take the lease `name`. `None` if another replica holds it. To wait for it, use `Leader`.
    pub async fn lease(&self, name: &'static str) -> Result<Option<Lease>, DbErr> {
        let Location::Schema { url, schema } = &self.location else {
            return Ok(Some(Lease { session: None }));
        };
        let mut session = Session::open(url, schema).await?;
        let locked = session.lock(format!("lcr/{schema}/{name}")).await?;
        Ok(locked.then_some(Lease { session: Some(session) }))
    }
}

impl Lease {
    /// Whether this lease is still held.
    pub async fn holds(&self) -> bool {
        match &self.session {
            Some(session) => session.is_the_same().await,
            None => true,
        }
    }
}

/// A database session and its number, which shows whether it was replaced.
#[derive(Debug)]
struct Session {
    connection: DatabaseConnection,
    number: i32,
}

impl Session {
    async fn open(url: &str, schema: &str) -> Result<Self, DbErr> {
        let connection = postgres::connect(url, schema, 1, postgres::ConnectionPurpose::Session).await?;
        Ok(Self { connection, number: 0 })
    }

    /// Takes the lock if it is free and stores the session's number.
    async fn lock(&mut self, name: String) -> Result<bool, DbErr> {
        let lock = "SELECT CASE WHEN pg_try_advisory_lock(hashtextextended($1, 0)) THEN pg_backend_pid() END";
        let number: Option<i32> = with_timeout(postgres::ask(&self.connection, lock, [name.into()])).await?;
        self.number = number.unwrap_or(0);
        Ok(number.is_some())
    }

    /// Whether the session that took the lock still answers.
    async fn is_the_same(&self) -> bool {
        let number = with_timeout(postgres::ask(&self.connection, "SELECT pg_backend_pid()", [])).await;
        number.is_ok_and(|now: i32| now == self.number)
    }
}

impl Drop for Session {
    /// The lock ends with its session, so the session is closed at once, without waiting.
    fn drop(&mut self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let connection = self.connection.clone();
            runtime.spawn(async move { connection.close().await });
        }
    }
}

async fn with_timeout<T>(question: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    let silent = |_| DbErr::Custom("the database was silent".into());
    timeout(QUERY_TIMEOUT, question).await.map_err(silent)?
}
