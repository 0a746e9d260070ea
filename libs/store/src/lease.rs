//! What only one replica may do at a time: drain the outbox, place entries in the tree, read a source's list. A lease
//! lasts as long as the session that holds it. It spares work; it is no fence: whoever holds one must still do
//! nothing that a second holder, for a moment, could spoil. Whoever waits keeps one session and asks on it again: a
//! waiting replica must cost the database no new connection.

use std::time::Duration;

use sea_orm::{DatabaseConnection, DbErr};
use tokio::time::{Instant, timeout};

use crate::{Location, Store, postgres};

/// How often the lease is asked for, and looked at by the one that holds it.
pub const LOOK: Duration = Duration::from_secs(1);
/// How long the database may take over a word about a lease.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who does what only one may do: takes the lease when it is free, and keeps it while its session lives.
#[derive(Debug)]
pub struct Leader {
    store: Store,
    name: &'static str,
    /// Its session, holding the lease or waiting for it.
    session: Option<Session>,
    leads: bool,
    looked: Option<Instant>,
}

impl Leader {
    pub fn new(store: Store, name: &'static str) -> Self {
        Self { store, name, session: None, leads: false, looked: None }
    }

    /// Whether this replica is the one now. Asked more often than once a second, it repeats what it last knew. A store
    /// that does not answer makes nobody one.
    pub async fn leads(&mut self) -> bool {
        if self.looked.is_some_and(|at| at.elapsed() < LOOK) {
            return self.leads;
        }
        self.leads = self.look().await.unwrap_or(false);
        self.looked = Some(Instant::now());
        self.leads
    }

    /// Comes back when this replica leads.
    pub async fn turn(&mut self) {
        while !self.leads().await {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Comes back when it no longer does.
    pub async fn lost(&mut self) {
        while self.leads().await {
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn look(&mut self) -> Result<bool, DbErr> {
        let Location::Schema { url, schema } = &self.store.location else { return Ok(true) };
        if let Some(session) = self.session.as_ref().filter(|_| self.leads)
            && session.is_the_same().await
        {
            return Ok(true);
        }
        // What led and is another now may be a session whose lock the server still has: it is let go of.
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

/// A held lease. Dropping it gives it back.
#[derive(Debug)]
pub struct Lease {
    /// `None` in one process, where nobody else is.
    session: Option<Session>,
}

impl Store {
    /// Takes the lease called `name`, once; `None` while another replica holds it. Who waits for it is a `Leader`.
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
    /// Whether it is still held.
    pub async fn holds(&self) -> bool {
        match &self.session {
            Some(session) => session.is_the_same().await,
            None => true,
        }
    }
}

/// One session of the database, and the number by which it is known to be the same.
#[derive(Debug)]
struct Session {
    connection: DatabaseConnection,
    number: i32,
}

impl Session {
    async fn open(url: &str, schema: &str) -> Result<Self, DbErr> {
        let connection = postgres::connect(url, schema, 1, postgres::Use::Session).await?;
        Ok(Self { connection, number: 0 })
    }

    /// Takes the lock if it is free, and notes which session has it.
    async fn lock(&mut self, name: String) -> Result<bool, DbErr> {
        let lock = "SELECT CASE WHEN pg_try_advisory_lock(hashtextextended($1, 0)) THEN pg_backend_pid() END";
        let number: Option<i32> = answered(postgres::ask(&self.connection, lock, [name.into()])).await?;
        self.number = number.unwrap_or(0);
        Ok(number.is_some())
    }

    /// Whether the session that took the lock is the one that answers.
    async fn is_the_same(&self) -> bool {
        let number = answered(postgres::ask(&self.connection, "SELECT pg_backend_pid()", [])).await;
        number.is_ok_and(|now: i32| now == self.number)
    }
}

impl Drop for Session {
    /// A lock goes with its session, so the session goes at once; one that is silent may take as long as it likes.
    fn drop(&mut self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let connection = self.connection.clone();
            runtime.spawn(async move { connection.close().await });
        }
    }
}

async fn answered<T>(question: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    let silent = |_| DbErr::Custom("the database was silent".into());
    timeout(PATIENCE, question).await.map_err(silent)?
}
