//! The table of ids behind hashed local ids, keyed by the hash. An id must be stored sealed.

use std::collections::BTreeMap;

use lcr_model::{LocalId, SourceIdentity};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set,
    sea_query::{Index, OnConflict, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{string, text},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "hashed_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub local_id: String,
        /// The id as the source writes it, sealed.
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

/// Stores ids from the sources' own lists, which replace those from messages. The last of several rows of one hash counts.
pub async fn upsert(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    let last: BTreeMap<_, Model> =
        rows.into_iter().map(|row| ((row.source.clone(), row.local_id.clone()), row)).collect();
    insert(tx, last.into_values(), &key().update_column(Column::Sealed).to_owned()).await
}

/// Stores ids from messages, unless one is stored already.
pub async fn insert_new(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    insert(tx, rows.into_iter(), &key().do_nothing_on([Column::Source, Column::LocalId]).to_owned()).await
}

fn key() -> OnConflict {
    OnConflict::columns([Column::Source, Column::LocalId])
}

async fn insert(
    tx: &impl ConnectionTrait,
    rows: impl Iterator<Item = Model>,
    on_conflict: &OnConflict,
) -> Result<(), DbErr> {
    let to_active =
        |row: Model| ActiveModel { source: Set(row.source), local_id: Set(row.local_id), sealed: Set(row.sealed) };
    let rows: Vec<ActiveModel> = rows.map(to_active).collect();
    for chunk in rows.chunks(MAX_ROWS) {
        Entity::insert_many(chunk.to_vec()).on_conflict(on_conflict.clone()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Loads the rows of these identities.
pub async fn load(db: &impl ConnectionTrait, identities: &[&SourceIdentity]) -> Result<Vec<Model>, StoreError> {
    if identities.is_empty() {
        return Ok(vec![]);
    }
    let matches = |identity: &&SourceIdentity| {
        let of_source = Condition::all().add(Column::Source.eq(identity.source.as_str()));
        of_source.add(Column::LocalId.eq(identity.local_id.0.as_str()))
    };
    let any = identities.iter().map(matches).fold(Condition::any(), Condition::add);
    Ok(Entity::find().filter(any).all(db).await?)
}

impl Model {
    pub fn identity(&self) -> SourceIdentity {
        SourceIdentity {
            source: lcr_model::SourceId::new(self.source.clone()),
            local_id: LocalId(self.local_id.clone()),
        }
    }
}

pub struct CreateHashedIds;

impl MigrationName for CreateHashedIds {
    fn name(&self) -> &'static str {
        "m20261129_000004_hashed_ids"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateHashedIds {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        lcr_store::local_id_key::create(manager.get_connection()).await?;
        let mut key = Index::create();
        key.col(Column::Source).col(Column::LocalId);
        let table = Table::create()
            .table(Entity)
            .col(string(Column::Source))
            .col(string(Column::LocalId))
            .col(text(Column::Sealed))
            .primary_key(&mut key)
            .to_owned();
        manager.create_table(table).await
    }
}
