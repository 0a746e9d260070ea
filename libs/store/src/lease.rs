//! What only one replica may do at a time: drain the outbox, place entries in the tree, read a source's list. A lease
//! lasts as long as the session that holds it. It spares work; it is no fence: whoever holds one must still do
//! nothing that a second holder, for a moment, could spoil.

use sea_orm::{DatabaseConnection, DbErr};

use crate::{Location, Store, postgres};

/// Who does what only one may do: takes the lease when it is free, and keeps it while its session lives.
#[derive(Debug)]
pub struct Leader {
    store: Store,
    name: &'static str,
    held: Option<Lease>,
}

impl Leader {
    pub fn new(store: Store, name: &'static str) -> Self {
        Self { store, name, held: None }
    }

    /// Whether this replica is the one now. A store that does not answer makes nobody one.
    pub async fn leads(&mut self) -> bool {
        if let Some(lease) = &self.held {
            if lease.holds().await {
                return true;
            }
            tracing::warn!(lease = self.name, "lost: its session is gone");
            self.held = None;
        }
        self.held = self.store.lease(self.name).await.ok().flatten();
        self.held.is_some()
    }
}

/// A held lease. Dropping it gives it back.
#[derive(Debug)]
pub struct Lease {
    /// The session and its number; `None` in one process, where nobody else is.
    session: Option<(DatabaseConnection, i32)>,
}

impl Store {
    /// Takes the lease called `name`; `None` while another replica holds it.
    pub async fn lease(&self, name: &'static str) -> Result<Option<Lease>, DbErr> {
        let Location::Schema { url, schema } = &self.location else {
            return Ok(Some(Lease { session: None }));
        };
        let session = postgres::connect(url, schema, 1, postgres::Use::Session).await?;
        let lock = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))";
        if postgres::ask(&session, lock, [format!("lcr/{schema}/{name}").into()]).await? {
            let number = postgres::ask(&session, "SELECT pg_backend_pid()", []).await?;
            return Ok(Some(Lease { session: Some((session, number)) }));
        }
        let _ = session.close().await;
        Ok(None)
    }
}

impl Lease {
    /// Whether it is still held: whether the session that took it is the one that answers.
    pub async fn holds(&self) -> bool {
        let Some((session, number)) = &self.session else { return true };
        let answered = postgres::ask::<i32>(session, "SELECT pg_backend_pid()", []).await;
        answered.is_ok_and(|now| now == *number)
    }
}
