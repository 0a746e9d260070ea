//! A store in a schema of `PostgreSQL`, shared by replicas. One replica writes at a time, under an advisory lock that
//! lasts as long as its transaction, so whatever a transaction read still holds at its commit, and the log's numbers
//! follow commit order. Connect directly, never through a pooler in transaction mode: leases belong to sessions.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
    sqlx::{
        Connection, Error,
        postgres::{PgConnectOptions, PgConnection},
    },
};

use crate::Durability;

/// The longest statement, and the longest idle transaction: a paused replica must not hold the lock.
const STATEMENT_TIMEOUT: &str = "10s";
/// How long an idle connection may take to prove that it is alive.
const PING_TIMEOUT: Duration = Duration::from_secs(1);
/// Longer than any replica lives: a session with a lease must not be closed for its age.
const MAX_LIFETIME: Duration = Duration::from_hours(24 * 365);

/// The purpose of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionPurpose {
    /// Reads and writes of a running service.
    Serving(Durability),
    /// A session that must never be replaced silently: leases, migrations.
    Session,
}

pub(crate) async fn connect(
    url: &str,
    schema: &str,
    connections: u32,
    purpose: ConnectionPurpose,
) -> Result<DatabaseConnection, DbErr> {
    // Libraries may link two TLS providers, so install ours. Installing it twice does no harm.
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
        .map_sqlx_postgres_before_acquire(|connection, _| Box::pin(is_alive(connection)))
        .set_schema_search_path(format!("\"{schema}\""))
        .map_sqlx_postgres_opts(move |postgres| with_trusted_cas(postgres, named).options(settings(purpose)));
    if purpose == ConnectionPurpose::Session {
        options.idle_timeout(MAX_LIFETIME).max_lifetime(MAX_LIFETIME);
    }
    let connection = Database::connect(options).await?;
    connection.execute_unprepared("SELECT 1").await?;
    Ok(connection)
}

/// The CAs that may sign the database's certificate: those of `SSL_CERT_FILE` and the driver's public ones, or only the
/// bundle that the address names (`named`). Read at each connection, so that a renewed bundle needs no restart.
fn with_trusted_cas(options: PgConnectOptions, named: bool) -> PgConnectOptions {
    match std::env::var_os("SSL_CERT_FILE").filter(|bundle| !named && !bundle.is_empty()) {
        Some(bundle) => options.ssl_root_cert(bundle),
        None => options,
    }
}

/// Whether an idle connection still works. The pool's own check would wait and then ask the same dead connection again;
/// this one drops it.
async fn is_alive(connection: &mut PgConnection) -> Result<bool, Error> {
    let ping = tokio::time::timeout(PING_TIMEOUT, connection.ping()).await;
    ping.map_err(|_| Error::PoolTimedOut)?.map(|()| true)
}

/// The host and port of `url`, for messages. Leaves out the user and password.
pub(crate) fn server(url: &str) -> String {
    let options = url.parse::<PgConnectOptions>();
    options.map_or_else(|_| "its address".to_owned(), |to| format!("{}:{}", to.get_host(), to.get_port()))
}

/// Makes the server release a replica's locks soon after its machine is gone.
const KEEPALIVE: [(&str, &str); 3] =
    [("tcp_keepalives_idle", "5"), ("tcp_keepalives_interval", "2"), ("tcp_keepalives_count", "3")];

fn settings(purpose: ConnectionPurpose) -> Vec<(&'static str, &'static str)> {
    let mut all = KEEPALIVE.to_vec();
    if let ConnectionPurpose::Serving(durability) = purpose {
        all.extend([
            ("statement_timeout", STATEMENT_TIMEOUT),
            ("idle_in_transaction_session_timeout", STATEMENT_TIMEOUT),
        ]);
        if durability == Durability::Rebuildable {
            all.push(("synchronous_commit", "off"));
        }
    }
    all
}

/// Waits until no other replica writes to `schema`. Holds the lock until the transaction ends.
pub(crate) async fn alone(tx: &DatabaseTransaction, schema: &str) -> Result<(), DbErr> {
    let lock = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
        [format!("lcr/{schema}/writer").into()],
    );
    tx.execute_raw(lock).await.map(|_| ())
}

/// Queries one row with one column.
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
