//! A store in a file: WAL, one writer, readers that never wait for it (design section 11, "`SQLite` in many tasks").

use std::{
    fs::{OpenOptions, Permissions},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    time::Duration,
};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};

use crate::Durability;

/// Connections to the file at `path`, made if need be.
pub(crate) async fn connect(
    path: &Path,
    connections: u32,
    durability: Durability,
) -> Result<DatabaseConnection, DbErr> {
    own(path)?;
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

/// Makes the file, for its owner alone whatever the folder lets others do; what `SQLite` makes beside it has the same
/// rights.
fn own(path: &Path) -> Result<(), DbErr> {
    let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path);
    let file = opened.map_err(|error| DbErr::Custom(format!("the store's file: {}", error.kind())))?;
    // A file of somebody else's folder may keep its rights: it opened for writing, and that is enough.
    let _ = file.set_permissions(Permissions::from_mode(0o600));
    Ok(())
}
