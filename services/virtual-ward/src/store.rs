//! What virtual-ward keeps: messages of stays and the stays they fold to, sealed; who is who and registered
//! where; items that belong to a stay; the registry; when each hospital was last heard. All of it is rebuilt from
//! its owners' logs.

pub mod heard;
pub mod item;
pub mod message;
mod migrations;
pub mod own_list;
pub mod patient;
pub mod person;
pub mod spell;
pub mod visit;
pub mod waiting;

pub use migrations::Migrator;

use lcr_model::seal::{DataKeys, SealError};
use sea_orm::DbErr;
use serde::{Serialize, de::DeserializeOwned};

/// Rows a statement writes or names at most.
const CHUNK: usize = 250;

/// Whether rows are sealed for themselves. `false` in the first version that opens such rows, since the version before
/// runs beside it during an upgrade, and after a rollback, and opens only what is sealed for the table. `true` from the
/// next version on.
const SEALS_FOR_THE_ROW: bool = false;

/// Seals a value of a row at `lives_at`, or for its `table` alone while the version before may have to open it.
fn seal<T: Serialize>(keys: &DataKeys, lives_at: &str, table: &str, value: &T) -> Result<String, DbErr> {
    let plain = serde_json::to_vec(value).map_err(|e| DbErr::Json(e.to_string()))?;
    let place = if SEALS_FOR_THE_ROW { lives_at } else { table };
    keys.seal(place, &plain).map_err(|e: SealError| DbErr::Custom(e.to_string()))
}

/// Where a row of a table is sealed for: what is moved to another row does not open.
fn row_of(table: &str, key: &[&str]) -> String {
    // No part can be mistaken for two.
    key.iter().fold(table.to_owned(), |place, part| format!("{place}/{}:{part}", part.len()))
}

/// The value, or nothing after saying so: one that does not open must not stop the others. It is sealed for its row, or
/// for the table alone.
fn open<T: DeserializeOwned>(keys: &DataKeys, lives_at: &str, table: &str, sealed: &str) -> Option<T> {
    let plain = keys.open_any(lives_at, &[table], sealed).ok();
    let value = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
    if value.is_none() {
        tracing::error!("something kept does not open or read and was left out");
    }
    value
}
