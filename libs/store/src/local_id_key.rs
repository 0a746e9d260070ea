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
#[path = "local_id_key_tests.rs"]
mod tests;
