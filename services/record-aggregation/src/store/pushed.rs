//! The table of pushed items, keyed by identity, kind and the source's own key: a referral and an appointment may have the same
//! number. An older version must never replace a newer one.

use std::collections::BTreeMap;

use lcr_model::SourceIdentity;
use lcr_store::StoreError;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Alias, Expr, ExprTrait, Index, OnConflict, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, string, text},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "pushed")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub local_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub item: String,
        pub version: i64,
        pub sealed: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model;
use entity::{ActiveModel, Column, Entity};

/// Rows in one statement.
const MAX_ROWS: usize = 500;
/// Sealed bytes in one statement: a letter may have megabytes, and a server refuses a message of a gigabyte.
const MAX_BYTES: usize = 4 << 20;

/// Stores each row that is newer than the stored one. The newest of several rows of one key counts.
pub async fn upsert_newer(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    let mut newest: BTreeMap<_, Model> = BTreeMap::new();
    for row in rows {
        let key = (row.source.clone(), row.local_id.clone(), row.kind.clone(), row.item.clone());
        if newest.get(&key).is_none_or(|other| other.version < row.version) {
            newest.insert(key, row);
        }
    }
    let mut rows = newest.into_values().peekable();
    while rows.peek().is_some() {
        let (mut chunk, mut bytes) = (vec![], 0);
        while let Some(row) = rows.next_if(|row| chunk.is_empty() || bytes + row.sealed.len() <= MAX_BYTES) {
            bytes += row.sealed.len();
            chunk.push(ActiveModel::from(row).reset_all());
            if chunk.len() == MAX_ROWS {
                break;
            }
        }
        upsert_chunk(tx, chunk).await?;
    }
    Ok(())
}

async fn upsert_chunk(tx: &impl ConnectionTrait, chunk: Vec<ActiveModel>) -> Result<(), DbErr> {
    let is_newer = Expr::col((Alias::new("excluded"), Column::Version)).gt(Expr::col((Entity, Column::Version)));
    let update = OnConflict::columns([Column::Source, Column::LocalId, Column::Kind, Column::Item])
        .update_columns([Column::Version, Column::Sealed])
        .action_and_where(is_newer)
        .to_owned();
    Entity::insert_many(chunk).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

/// Loads the items about these identities.
pub async fn load(db: &impl ConnectionTrait, identities: &[SourceIdentity]) -> Result<Vec<Model>, StoreError> {
    if identities.is_empty() {
        return Ok(vec![]);
    }
    let any = identities.iter().fold(Condition::any(), |any, one| {
        any.add(
            Condition::all()
                .add(Column::Source.eq(one.source.as_str()))
                .add(Column::LocalId.eq(one.local_id.0.as_str())),
        )
    });
    Ok(Entity::find().filter(any).all(db).await?)
}

pub struct PushedItemTable;

impl MigrationName for PushedItemTable {
    fn name(&self) -> &'static str {
        "m20261123_000002_pushed"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for PushedItemTable {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut key = Index::create();
        key.col(Column::Source).col(Column::LocalId).col(Column::Kind).col(Column::Item);
        let table = Table::create()
            .table(Entity)
            .col(string(Column::Source))
            .col(string(Column::LocalId))
            .col(string(Column::Kind))
            .col(string(Column::Item))
            .col(big_integer(Column::Version))
            .col(text(Column::Sealed))
            .primary_key(&mut key)
            .to_owned();
        manager.create_table(table).await
    }
}
