//! Bringing a store to its newest form. In `PostgreSQL` that is a step of its own (`<service> migrate`), under an
//! advisory lock on a connection of its own, since the migrator takes none; serving only looks whether it was done.
//! An `SQLite` file has one process, which is lock enough. Migrations widen first and narrow a release later: the
//! version before must go on working beside them.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use sea_orm_migration::MigratorTrait;

use crate::{Location, outbox, postgres, sqlite};

/// Brings the store at `location` up to date with `M`. `runs_as` is the address the service itself will use: when its
/// role is another, it is granted reading and writing, and no more.
pub async fn run<M: MigratorTrait>(location: &Location, runs_as: &Location) -> Result<(), DbErr> {
    match location {
        Location::File(path) => {
            let connection = sqlite::connect(path, 1, crate::Durability::Acknowledged).await?;
            up::<M>(&connection).await
        }
        Location::Schema { url, schema } => {
            let session = postgres::connect(url, schema, 1, postgres::Use::Session).await?;
            let lock = "SELECT pg_advisory_lock(hashtextextended($1, 0))";
            let key = format!("lcr/{schema}/migrate");
            session
                .execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, [key.into()]))
                .await?;
            session.execute_unprepared(&format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\"")).await?;
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

/// Whether the store answers and was brought up to date; the error says what is to be done. A file is made when it
/// is opened.
pub async fn is_current<M: MigratorTrait>(location: &Location, owner: &str) -> Result<(), String> {
    let Location::Schema { url, schema } = location else { return Ok(()) };
    let told = |error: DbErr| match error {
        DbErr::Migration(words) => words,
        other => crate::kind_of(&other).to_owned(),
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
    if !whole || !outbox::has_all_columns(connection).await? {
        return Err(missing());
    }
    Ok(())
}

fn other_role(runs_as: &Location, migrates_as: &str) -> Option<String> {
    let role = |url: &str| {
        let (_, rest) = url.split_once("://")?;
        let (who, _) = rest.split_once('@')?;
        Some(who.split(':').next().unwrap_or_default().to_owned())
    };
    let Location::Schema { url, .. } = runs_as else { return None };
    let own = role(url).filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    own.filter(|name| Some(name) != role(migrates_as).as_ref())
}

async fn grant(session: &DatabaseConnection, schema: &str, role: &str) -> Result<(), DbErr> {
    for sql in [
        format!("GRANT USAGE ON SCHEMA \"{schema}\" TO \"{role}\""),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \"{schema}\" TO \"{role}\""),
        format!("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA \"{schema}\" TO \"{role}\""),
    ] {
        session.execute_unprepared(&sql).await?;
    }
    Ok(())
}
