//! Bringing a store to its newest form. In `PostgreSQL` that is a step of its own (`<service> migrate`), under an
//! advisory lock on a connection of its own, since the migrator takes none; serving only looks whether it was done.
//! An `SQLite` file has one process, which is lock enough. Migrations widen first and narrow a release later: the
//! version before must go on working beside them.

use std::{collections::HashSet, time::Duration};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, sqlx::postgres::PgConnectOptions,
};
use sea_orm_migration::MigratorTrait;
use tokio::time::{Instant, sleep};

use crate::{Location, failing, outbox, postgres, sqlite};

/// How long a database may take until it answers: it is often installed at the same moment.
const ASLEEP: Duration = Duration::from_mins(2);
/// Between two tries.
const AGAIN: Duration = Duration::from_secs(2);

/// Brings the store at `location` up to date with `M`. `runs_as` is the address the service itself will use: when its
/// role is another, it is granted reading and writing, and no more.
pub async fn run<M: MigratorTrait>(location: &Location, runs_as: &Location) -> Result<(), DbErr> {
    match location {
        Location::File(path) => {
            let connection = sqlite::connect(path, 1, crate::Durability::Acknowledged).await?;
            up::<M>(&connection).await
        }
        Location::Schema { url, schema } => {
            let session = awake(url, schema, ASLEEP).await?;
            let lock = "SELECT pg_advisory_lock(hashtextextended($1, 0))";
            let key = format!("lcr/{schema}/migrate");
            session
                .execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, [key.into()]))
                .await?;
            make_schema(&session, schema).await?;
            // A schema that is newer than this code is how a rollback looks: it was widened, and is left as it is.
            if check::<M>(&session, schema).await.is_err() {
                up::<M>(&session).await?;
            }
            if let Some(role) = other_role(runs_as, url) {
                grant(&session, schema, &role).await?;
            }
            // The lock goes with the session.
            session.close().await
        }
    }
}

/// A session, as soon as the database gives one.
async fn awake(url: &str, schema: &str, patience: Duration) -> Result<DatabaseConnection, DbErr> {
    let started = Instant::now();
    loop {
        let error = match postgres::connect(url, schema, 1, postgres::Use::Session).await {
            Ok(session) => return Ok(session),
            Err(error) if failing::is_asleep(&error) && started.elapsed() < patience => error,
            Err(error) => return Err(error),
        };
        // A migration is a step of its own, run before there is a log: its words go where its errors go.
        let (waits_for, cause) = (postgres::server(url), crate::cause_of(&error));
        eprintln!("waiting for PostgreSQL at {waits_for} ({cause})");
        sleep(AGAIN).await;
    }
}

/// Only where there is none: `PostgreSQL` asks for rights on the database before it looks whether there is, and a role
/// may have rights on its own schema alone.
async fn make_schema(session: &DatabaseConnection, schema: &str) -> Result<(), DbErr> {
    let quoted = quoted(schema);
    let is_new = "SELECT to_regnamespace($1) IS NULL";
    if postgres::ask(session, is_new, [quoted.as_str().into()]).await? {
        session.execute_unprepared(&format!("CREATE SCHEMA {quoted}")).await?;
    }
    Ok(())
}

/// Whether the store answers and was brought up to date; the error says what is to be done. A file is made when it
/// is opened.
pub async fn is_current<M: MigratorTrait>(location: &Location, owner: &str) -> Result<(), String> {
    let Location::Schema { url, schema } = location else { return Ok(()) };
    let told = |error: DbErr| match error {
        DbErr::Migration(words) => words,
        other => crate::cause_of(&other),
    };
    let session = postgres::connect(url, schema, 1, postgres::Use::Session).await.map_err(told)?;
    let checked = check::<M>(&session, owner).await.map_err(told);
    let _ = session.close().await;
    checked
}

pub(crate) async fn up<M: MigratorTrait>(connection: &DatabaseConnection) -> Result<(), DbErr> {
    M::up(connection, None).await?;
    outbox::prepare(connection).await
}

/// An error that names what is missing, unless every migration of `M` has been run.
pub(crate) async fn check<M: MigratorTrait>(
    connection: &DatabaseConnection,
    owner: &str,
) -> Result<(), DbErr> {
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

/// Who the service is in the database, when that is not who migrates it.
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

/// A name as it is, whatever letters it has.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_that_serves_is_read_from_its_address_whatever_its_name() {
        let role = |url: &str| {
            let serves = Location::Schema { url: url.into(), schema: "consent".into() };
            other_role(&serves, "postgres://owner:secret@db/lcr")
        };
        assert_eq!(role("postgres://owner:other@db/lcr"), None);
        assert_eq!(role("postgres://lcr-consent:secret@db/lcr").as_deref(), Some("lcr-consent"));
        assert_eq!(role("postgres://lcr%2Fconsent@db/lcr").as_deref(), Some("lcr/consent"));
        assert_eq!(quoted("odd\"name"), "\"odd\"\"name\"");
    }

    #[tokio::test]
    async fn a_database_that_is_not_there_is_waited_for_and_one_that_refuses_is_not() {
        let url = "postgres://nobody@127.0.0.1:1/lcr";
        let error = awake(url, "consent", Duration::ZERO).await.err();
        assert!(error.is_some_and(|error| failing::is_asleep(&error)));
        assert_eq!(postgres::server("postgres://lcr:secret@db:5433/lcr"), "db:5433");
    }
}
