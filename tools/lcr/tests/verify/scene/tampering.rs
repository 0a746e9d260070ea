//! Changes the tables of the log behind its back, as an intruder would. Only tests of the verification may use it.

use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

use super::Log;

impl Log {
    pub async fn restore_size(&self) {
        self.sql("UPDATE head SET size = size + 1").await;
        self.settle().await;
    }

    /// Restores an earlier head and deletes all later rows.
    pub async fn truncate_to(&self, (size, note): &(i64, String)) {
        let hashes = tlog_tiles::stored_hash_count(size.unsigned_abs());
        self.sql(&format!("UPDATE head SET size = {size}, note = '{note}'")).await;
        self.sql(&format!("DELETE FROM entry WHERE id IN (SELECT id FROM leaf WHERE place >= {size})")).await;
        self.sql(&format!("DELETE FROM leaf WHERE place >= {size}; DELETE FROM node WHERE place >= {hashes}")).await;
    }

    /// Runs SQL. `{new}` is an unused id, `{0}` to `{3}` the ids of the first rows, `{true}` the database's literal.
    pub async fn sql(&self, text: &str) {
        let text = text.replace("{new}", &self.literal(Uuid::from_u128(0x0193_7f00_dead_beef)));
        let text = (0..4).fold(text, |text, at| {
            let id = format!("(SELECT id FROM leaf WHERE place = {at})");
            text.replace(&format!("{{{at}}}"), &id)
        });
        let text = text.replace("{true}", if self.is_file() { "1" } else { "true" });
        self.handle().store.read().execute_unprepared(&text).await.unwrap();
    }

    pub fn literal(&self, id: Uuid) -> String {
        if self.is_file() { format!("X'{}'", id.simple()) } else { format!("'{id}'::uuid") }
    }

    fn is_file(&self) -> bool {
        self.handle().store.read().get_database_backend() == DbBackend::Sqlite
    }
}
