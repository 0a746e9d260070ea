//! A store in a file: WAL, one writer, readers that never wait for it.

use std::{
    fs::{self, OpenOptions, Permissions},
    io::ErrorKind,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    time::Duration,
};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};

use crate::Durability;

/// The page cache of each connection, in KiB as `PRAGMA cache_size` counts them. Readers are many, and what they miss is usually
/// in the operating system's cache.
const READER_CACHE: &str = "-1024";
const WRITER_CACHE: &str = "-4096";

/// Opens connections to the file at `path`. Creates it if it does not exist.
pub(crate) async fn connect(
    path: &Path,
    connections: u32,
    durability: Durability,
) -> Result<DatabaseConnection, DbErr> {
    create_private(path)?;
    let synchronous = match durability {
        Durability::Acknowledged => "FULL",
        Durability::Rebuildable => "NORMAL",
    };
    let cache = if connections > 1 { READER_CACHE } else { WRITER_CACHE };
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false)
        // A connection to a file does not die while it waits.
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", synchronous)
                .pragma("foreign_keys", "ON")
                .pragma("cache_size", cache)
                .busy_timeout(Duration::from_secs(5))
        });
    let connection = Database::connect(options).await?;
    connection.execute_unprepared("SELECT 1").await?;
    Ok(connection)
}

/// Creates the file with access for its owner only; `SQLite` gives its side files the same rights. An existing file must
/// never be opened here: closing any descriptor of it drops every lock of this process, and the next program to close the
/// file would delete the write-ahead log in use.
fn create_private(path: &Path) -> Result<(), DbErr> {
    let made = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path);
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            // A file in a folder of another owner may keep its rights.
            let _ = fs::set_permissions(path, Permissions::from_mode(0o600));
            Ok(())
        }
        Err(error) => Err(DbErr::Custom(format!("the store's file: {}", error.kind()))),
    }
}
