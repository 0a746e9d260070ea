//! The key of hashed local ids (`lcr_model::LocalIdKey`): created once, shared by all replicas, sealed under the data
//! keys. Services that start with the same data keys derive the same key. It must never be replaced while its row exists,
//! or the people of a source would no longer be recognised.

use lcr_model::{LocalIdKey, seal::DataKeys};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, Set,
    sea_query::{ColumnDef, OnConflict, Table},
};

use crate::{Store, StoreError};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "local_id_key")]
    pub struct Model {
        /// The service that owns the key.
        #[sea_orm(primary_key, auto_increment = false)]
        pub service: String,
        pub sealed: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Creates the table, in a migration of each service that has such a key.
pub async fn create(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(Entity)
        .col(ColumnDef::new(Column::Service).string().not_null().primary_key())
        .col(ColumnDef::new(Column::Sealed).text().not_null());
    connection.execute(&table).await.map(|_| ())
}

/// Loads the key of `service`, or creates it. Seals it with the current first data key.
pub async fn load(store: &Store, keys: &DataKeys, service: &'static str) -> Result<LocalIdKey, DbErr> {
    if let Some(sealed) = get(store.read(), service).await? {
        let key = open(keys, service, &sealed)?;
        if keys.is_sealed_by_first(&sealed) {
            return Ok(key);
        }
    }
    let made = LocalIdKey::derived(keys).map_err(refused)?;
    let keys = keys.clone();
    let written = store.write(async move |tx| agree(&tx, &keys, service, &made).await).await;
    written.map_err(|error| match error {
        StoreError::Database(error) => error,
        StoreError::NotCommitted => refused("it was not committed"),
    })
}

/// Stores the key unless another replica was faster. Returns the stored one.
async fn agree(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    service: &str,
    made: &LocalIdKey,
) -> Result<LocalIdKey, DbErr> {
    let column = || OnConflict::column(Column::Service);
    keep(tx, keys, service, made, column().do_nothing_on([Column::Service]).to_owned()).await?;
    let sealed = get(tx, service).await?.ok_or_else(|| refused("it is not there"))?;
    let key = open(keys, service, &sealed)?;
    if !keys.is_sealed_by_first(&sealed) {
        keep(tx, keys, service, &key, column().update_column(Column::Sealed).to_owned()).await?;
    }
    Ok(key)
}

async fn get(db: &impl ConnectionTrait, service: &str) -> Result<Option<String>, DbErr> {
    Ok(Entity::find_by_id(service).one(db).await?.map(|row| row.sealed))
}

async fn keep(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    service: &str,
    key: &LocalIdKey,
    conflict: OnConflict,
) -> Result<(), DbErr> {
    let sealed = keys.seal(&lives_at(service), key.bytes()).map_err(refused)?;
    let row = ActiveModel { service: Set(service.to_owned()), sealed: Set(sealed) };
    match Entity::insert(row).on_conflict(conflict).exec_without_returning(tx).await {
        Err(DbErr::RecordNotInserted) => Ok(()),
        other => other.map(|_| ()),
    }
}

fn open(keys: &DataKeys, service: &str, sealed: &str) -> Result<LocalIdKey, DbErr> {
    let plain = keys.open(&lives_at(service), sealed).map_err(refused)?;
    LocalIdKey::from_bytes(&plain).map_err(refused)
}

fn lives_at(service: &str) -> String {
    format!("{service}/local-id-key")
}

fn refused(error: impl std::fmt::Display) -> DbErr {
    DbErr::Custom(format!("the key of local ids: {error}"))
}

#[cfg(test)]
mod tests {
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
}
