//! Rows are read once, a message's changes count only if they are kept, and only changed rows are written.

use lcr_store::{Durability, Store};
use lcr_testkit::Folder;

use super::*;
use crate::store::Migrator;

struct Scene {
    store: Store,
    _folder: Folder,
}

impl Scene {
    async fn set() -> Self {
        let folder = Folder::new("last-known").unwrap();
        let file = folder.path().join("feeds.db");
        let store = Store::open::<Migrator>(&file, "feeds", Durability::Acknowledged).await.unwrap();
        Self { store, _folder: folder }
    }

    /// The ids and versions in the table.
    async fn stored(&self) -> Vec<(String, i64)> {
        let mut rows: Vec<_> = Entity::find().all(self.store.read()).await.unwrap();
        rows.sort_by(|one, other| one.id.cmp(&other.id));
        rows.into_iter().map(|row| (row.id, row.version)).collect()
    }
}

fn row(id: &str, version: i64) -> Row {
    Row { id: id.to_owned(), version, sealed: None }
}

#[tokio::test]
async fn kept_changes_are_written_and_discarded_ones_are_not() {
    let scene = Scene::set().await;
    let write = scene.store.write(async move |tx| {
        let last_known = LastKnown::new(&tx);
        last_known.upsert(row("kept", 1));
        last_known.keep_changes();
        last_known.upsert(row("kept", 2));
        last_known.upsert(row("discarded", 1));
        assert_eq!(last_known.get("kept").await?, Some(row("kept", 2)), "a message sees its own changes");
        last_known.discard_changes();
        assert_eq!(last_known.get("kept").await?, Some(row("kept", 1)));
        assert_eq!(last_known.get("discarded").await?, None);
        last_known.upsert(row("neither", 1));
        last_known.flush().await
    });
    write.await.unwrap();
    assert_eq!(scene.stored().await, [("kept".to_owned(), 1)]);
}

#[tokio::test]
async fn rows_are_read_once_and_an_absent_one_is_remembered() {
    let scene = Scene::set().await;
    let write = scene.store.write(async move |tx| upsert_all(&tx, vec![row("a", 1), row("b", 1)]).await);
    write.await.unwrap();
    let write = scene.store.write(async move |tx| {
        let last_known = LastKnown::new(&tx);
        let ids = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(last_known.get_all(&ids).await?.len(), 2);
        // A change behind its back is not seen: nothing is read twice.
        upsert_all(&tx, vec![row("a", 7), row("c", 7)]).await?;
        last_known.preload(&ids).await?;
        assert_eq!((last_known.get("a").await?, last_known.get("c").await?), (Some(row("a", 1)), None));
        last_known.upsert(row("b", 2));
        last_known.keep_changes();
        last_known.flush().await
    });
    write.await.unwrap();
    // Only the changed row was written.
    let stored = [("a", 7), ("b", 2), ("c", 7)].map(|(id, version)| (id.to_owned(), version));
    assert_eq!(scene.stored().await, stored);
}
