//! A store in a file: WAL, one writer, readers that never wait for it (design section 11, "`SQLite` in many tasks").

use std::{path::Path, time::Duration};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};

use crate::Durability;

/// Connections to the file at `path`, made if need be.
pub(crate) async fn connect(
    path: &Path,
    connections: u32,
    durability: Durability,
) -> Result<DatabaseConnection, DbErr> {
    let synchronous = match durability {
        Durability::Acknowledged => "FULL",
        Durability::Rebuildable => "NORMAL",
    };
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", synchronous)
                .pragma("foreign_keys", "ON")
                .pragma("cache_size", "-4096")
                .busy_timeout(Duration::from_secs(5))
        });
    let connection = Database::connect(options).await?;
    connection.execute_unprepared("SELECT 1").await?;
    Ok(connection)
}
