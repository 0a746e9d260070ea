//! A store in a schema of `PostgreSQL`. Replicas share it: one of them writes at a time, under an advisory lock that
//! lasts as long as its transaction. So whatever a rule read in a transaction still holds when it is committed, as in
//! an `SQLite` file, and the log's numbers are given in the order of commits. Group commit makes that cheap.
//! Connect directly, not through a pooler in transaction mode: leases are held by sessions.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    Statement,
    sqlx::{
        Connection, Error,
        postgres::{PgConnectOptions, PgConnection},
    },
};

use crate::Durability;

/// How long one statement may take, and a transaction may sit idle: a paused replica must not hold the lock.
const PATIENCE: &str = "10s";
/// How long an idle connection may take to say that it is alive.
const HEARD: Duration = Duration::from_secs(1);
/// Longer than any replica lives: a session that holds a lease must not be closed for its age.
const FOR_EVER: Duration = Duration::from_hours(24 * 365);

/// How a connection is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Reads and writes of a running service.
    Serving(Durability),
    /// One session that is never replaced silently: leases, migrations.
    Session,
}

pub(crate) async fn connect(
    url: &str,
    schema: &str,
    connections: u32,
    way: Use,
) -> Result<DatabaseConnection, DbErr> {
    // Two TLS providers may be linked by libraries; ours is said once. Said twice is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let named = url.contains("sslrootcert=");
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .connect_timeout(Duration::from_secs(5))
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false)
        .test_before_acquire(false)
        .map_sqlx_postgres_before_acquire(|connection, _| Box::pin(answers(connection)))
        .set_schema_search_path(format!("\"{schema}\""))
        .map_sqlx_postgres_opts(move |postgres| trusting(postgres, named).options(settings(way)));
    if way == Use::Session {
        options.idle_timeout(FOR_EVER).max_lifetime(FOR_EVER);
    }
    let connection = Database::connect(options).await?;
    connection.execute_unprepared("SELECT 1").await?;
    Ok(connection)
}

/// Whom a database's certificate may be signed by: the authorities of the bundle that all our clients read, `SSL_CERT_FILE`,
/// beside the public ones that the driver has; where an address names a bundle of its own (`named`), that one. It is read at
/// each connection, so that a renewed one needs no restart.
fn trusting(options: PgConnectOptions, named: bool) -> PgConnectOptions {
    match std::env::var_os("SSL_CERT_FILE").filter(|bundle| !named && !bundle.is_empty()) {
        Some(bundle) => options.ssl_root_cert(bundle),
        None => options,
    }
}

/// Whether an idle connection still has somebody at its other end. The pool's own question would wait for an answer as
/// long as the pool is waited for, and then ask the same silent connection again, for ever; this one is thrown away.
async fn answers(connection: &mut PgConnection) -> Result<bool, Error> {
    let asked = tokio::time::timeout(HEARD, connection.ping()).await;
    asked.map_err(|_| Error::PoolTimedOut)?.map(|()| true)
}

/// Where the database of `url` is, for people to read: nothing of who signs in there.
pub(crate) fn server(url: &str) -> String {
    let options = url.parse::<PgConnectOptions>();
    options.map_or_else(|_| "its address".to_owned(), |to| format!("{}:{}", to.get_host(), to.get_port()))
}

/// The server lets go of what a replica holds soon after that replica's machine is gone.
const KEEPALIVE: [(&str, &str); 3] =
    [("tcp_keepalives_idle", "5"), ("tcp_keepalives_interval", "2"), ("tcp_keepalives_count", "3")];

fn settings(way: Use) -> Vec<(&'static str, &'static str)> {
    let mut all = KEEPALIVE.to_vec();
    if let Use::Serving(durability) = way {
        all.extend([("statement_timeout", PATIENCE), ("idle_in_transaction_session_timeout", PATIENCE)]);
        if durability == Durability::Rebuildable {
            all.push(("synchronous_commit", "off"));
        }
    }
    all
}

/// Waits until no other replica writes to `schema`; lasts until the transaction ends.
pub(crate) async fn alone(tx: &DatabaseTransaction, schema: &str) -> Result<(), DbErr> {
    let lock = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
        [format!("lcr/{schema}/writer").into()],
    );
    tx.execute_raw(lock).await.map(|_| ())
}

/// Asks one row of one column.
pub(crate) async fn ask<T: sea_orm::TryGetable>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
) -> Result<T, DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let row = db.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("one row".to_owned()))?;
    row.try_get_by_index(0)
}
