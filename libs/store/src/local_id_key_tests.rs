//! Tests of `local_id_key.rs`.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_testkit::Folder;
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};

use super::*;
use crate::Durability;

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Key)]
    }
}

struct Key;

impl MigrationName for Key {
    fn name(&self) -> &'static str {
        "key"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Key {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager.get_connection()).await
    }
}

async fn store(folder: &Folder) -> Store {
    Store::open::<Migrator>(&folder.path().join("feeds.db"), "feeds", Durability::Acknowledged).await.unwrap()
}

#[tokio::test]
async fn the_key_outlives_every_data_key_and_is_never_made_twice() {
    let folder = Folder::new("local-id-key").unwrap();
    let store = store(&folder).await;
    let old = DataKeys::generate_text().unwrap();
    let new = DataKeys::generate_text().unwrap().replacen("k1", "k2", 1);
    let of = |text: &str| DataKeys::parse(text).unwrap();
    let first = load(&store, &of(&old), "feeds").await.unwrap();
    assert_eq!(load(&store, &of(&old), "feeds").await.unwrap(), first);
    assert!(load(&store, &of(&new), "feeds").await.is_err(), "a key that does not open is not replaced");
    for keys in [format!("{old},{new}"), format!("{new},{old}"), new] {
        assert_eq!(load(&store, &of(&keys), "feeds").await.unwrap(), first, "the key is the same after each step");
    }
    assert!(load(&store, &of(&old), "feeds").await.is_err(), "it is sealed by the new key alone");
}

/// A source that pushes and is queried has one hash per person in every service.
#[tokio::test]
async fn services_that_start_with_the_same_data_keys_have_one_key_and_a_replica_takes_what_is_there() {
    let folder = Folder::new("local-id-key-of-two").unwrap();
    let store = store(&folder).await;
    let old = DataKeys::generate_text().unwrap();
    let new = DataKeys::generate_text().unwrap().replacen("k1", "k2", 1);
    let of = |text: &str| DataKeys::parse(text).unwrap();
    let feeds = load(&store, &of(&old), "feeds").await.unwrap();
    let asking = load(&store, &of(&old), "record-aggregation").await.unwrap();
    assert_eq!(feeds, asking);
    let replica = load(&store, &of(&format!("{new},{old}")), "feeds").await.unwrap();
    assert_eq!(replica, feeds, "a replica with the new key first makes none of its own");
}

#[tokio::test]
async fn two_that_start_at_once_agree() {
    let folder = Folder::new("local-id-keys").unwrap();
    let store = store(&folder).await;
    let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
    let all = futures::future::join_all((0..4).map(|_| load(&store, &keys, "feeds"))).await;
    let all: Vec<LocalIdKey> = all.into_iter().map(Result::unwrap).collect();
    assert!(all.iter().all(|one| *one == all[0]));
}
