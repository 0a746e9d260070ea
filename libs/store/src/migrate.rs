//! Migrates a store. In `PostgreSQL` this is a separate step (`<service> migrate`) under an advisory lock, because the
//! migrator takes none; a serving process only checks that it was done. An `SQLite` file belongs to one process and needs
//! no lock. A migration must keep the previous version working: widen first, narrow a release later.

use std::{collections::HashSet, time::Duration};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, sqlx::postgres::PgConnectOptions};
use sea_orm_migration::MigratorTrait;
use tokio::time::{Instant, sleep};

use crate::{Location, db_error, outbox, postgres, sqlite};

/// How long to wait for a database that is being installed.
const STARTUP_TIMEOUT: Duration = Duration::from_mins(2);
/// The wait between two attempts.
const RETRY_INTERVAL: Duration = Duration::from_secs(2);

/// Migrates the store at `location` to `M`. `runs_as` is the service's own address: a different role is granted reading
/// and writing only.
pub async fn run<M: MigratorTrait>(location: &Location, runs_as: &Location) -> Result<(), DbErr> {
    match location {
        Location::File(path) => {
            let connection = sqlite::connect(path, 1, crate::Durability::Acknowledged).await?;
            up::<M>(&connection).await
        }
        Location::Schema { url, schema } => {
            let session = connect_when_ready(url, schema, STARTUP_TIMEOUT).await?;
            let lock = "SELECT pg_advisory_lock(hashtextextended($1, 0))";
            let key = format!("lcr/{schema}/migrate");
            session.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, [key.into()])).await?;
            make_schema(&session, schema).await?;
            // A schema newer than this code means a rollback: it was widened and stays as it is.
            if check::<M>(&session, schema).await.is_err() {
                up::<M>(&session).await?;
            }
            if let Some(role) = other_role(runs_as, url) {
                grant(&session, schema, &role).await?;
            }
            // The lock ends with the session.
            session.close().await
        }
    }
}

/// Opens a session, waiting for a database that is still starting.
async fn connect_when_ready(url: &str, schema: &str, timeout_after: Duration) -> Result<DatabaseConnection, DbErr> {
    let started = Instant::now();
    loop {
        let error = match postgres::connect(url, schema, 1, postgres::ConnectionPurpose::Session).await {
            Ok(session) => return Ok(session),
            Err(error) if db_error::is_starting(&error) && started.elapsed() < timeout_after => error,
            Err(error) => return Err(error),
        };
        // A migration runs before logging starts: its messages go to standard error.
        let (waits_for, cause) = (postgres::server(url), crate::cause_of(&error));
        eprintln!("waiting for PostgreSQL at {waits_for} ({cause})");
        sleep(RETRY_INTERVAL).await;
    }
}

/// Creates the schema only if it is missing: `PostgreSQL` checks the right to create before it checks existence, and a
/// role may have rights on its own schema only.
async fn make_schema(session: &DatabaseConnection, schema: &str) -> Result<(), DbErr> {
    let quoted = quoted(schema);
    let is_new = "SELECT to_regnamespace($1) IS NULL";
    if postgres::ask(session, is_new, [quoted.as_str().into()]).await? {
        session.execute_unprepared(&format!("CREATE SCHEMA {quoted}")).await?;
    }
    Ok(())
}

/// Whether the store answers and is migrated. The error says what to do. A file is migrated when it is opened.
pub async fn is_current<M: MigratorTrait>(location: &Location, owner: &str) -> Result<(), String> {
    let Location::Schema { url, schema } = location else { return Ok(()) };
    let describe = |error: DbErr| match error {
        DbErr::Migration(words) => words,
        other => crate::cause_of(&other),
    };
    let session = postgres::connect(url, schema, 1, postgres::ConnectionPurpose::Session).await.map_err(describe)?;
    let checked = check::<M>(&session, owner).await.map_err(describe);
    let _ = session.close().await;
    checked
}

pub(crate) async fn up<M: MigratorTrait>(connection: &DatabaseConnection) -> Result<(), DbErr> {
    M::up(connection, None).await?;
    outbox::prepare(connection).await
}

/// Fails and names what is missing, unless every migration of `M` has run.
pub(crate) async fn check<M: MigratorTrait>(connection: &DatabaseConnection, owner: &str) -> Result<(), DbErr> {
    let versions = Statement::from_string(DbBackend::Postgres, "SELECT version FROM seaql_migrations");
    let missing = || DbErr::Migration(format!("the schema is not up to date: run `{owner} migrate` first"));
    let rows = connection.query_all_raw(versions).await.map_err(|_| missing())?;
    let done: Result<HashSet<String>, DbErr> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
    let done = done?;
    let whole = M::migrations().iter().all(|migration| done.contains(migration.name()));
    if !whole || !outbox::is_whole(connection).await? {
        return Err(missing());
    }
    Ok(())
}

/// The service's role, if it differs from the migrating role.
fn other_role(runs_as: &Location, migrates_as: &str) -> Option<String> {
    let role = |url: &str| Some(url.parse::<PgConnectOptions>().ok()?.get_username().to_owned());
    let Location::Schema { url, .. } = runs_as else { return None };
    role(url).filter(|name| Some(name) != role(migrates_as).as_ref())
}

async fn grant(session: &DatabaseConnection, schema: &str, role: &str) -> Result<(), DbErr> {
    let (schema, role) = (quoted(schema), quoted(role));
    for sql in [
        format!("GRANT USAGE ON SCHEMA {schema} TO {role}"),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}"),
        format!("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"),
    ] {
        session.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Quotes an identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
#[path = "migrate_tests.rs"]
mod tests;
