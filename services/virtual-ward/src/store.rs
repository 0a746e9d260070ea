//! The store: messages and the stays folded from them, people and their identities, items, the registry, the last message
//! of each source, readers' settings. Clinical data must always be sealed. All but readers' settings can be rebuilt from
//! the owners' logs.

pub mod item;
pub mod message;
mod migrations;
pub mod patient;
pub mod person;
pub mod reader_settings;
pub mod source_activity;
pub mod spell;
pub mod visit;
pub mod waiting_messages;

pub use migrations::Migrator;

use lcr_model::seal::{DataKeys, SealError};
use sea_orm::DbErr;
use serde::{Serialize, de::DeserializeOwned};

/// The most rows that one statement writes or names.
const MAX_ROWS_PER_STATEMENT: usize = 250;

/// Whether seals are bound to the row instead of the table. The previous version opens only table seals and runs beside
/// this one during an upgrade; set this to `true` in the next version.
const SEAL_PER_ROW: bool = false;

/// Seals a value for its row, or for its table while the previous version may have to open it.
fn seal<T: Serialize>(keys: &DataKeys, row_context: &str, table: &str, value: &T) -> Result<String, DbErr> {
    let plain = serde_json::to_vec(value).map_err(|e| DbErr::Json(e.to_string()))?;
    let context = if SEAL_PER_ROW { row_context } else { table };
    keys.seal(context, &plain).map_err(|e: SealError| DbErr::Custom(e.to_string()))
}

/// The associated data of a row's seal: a sealed value that is moved to another row does not open.
fn row_seal_context(table: &str, key: &[&str]) -> String {
    // The length prefix keeps different keys from giving the same text.
    key.iter().fold(table.to_owned(), |context, part| format!("{context}/{}:{part}", part.len()))
}

/// Opens a value sealed for its row or for the table. A value that does not open is logged and left out, so that it does
/// not stop the others.
fn open<T: DeserializeOwned>(keys: &DataKeys, row_context: &str, table: &str, sealed: &str) -> Option<T> {
    let plain = keys.open_any(row_context, &[table], sealed).ok();
    let value = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
    if value.is_none() {
        tracing::error!("a stored value does not open or parse and was left out");
    }
    value
}
