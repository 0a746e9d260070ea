//! The ids of people at sources that know them by their NHS number, sealed, by the hash that stands for each elsewhere.

use lcr_model::{LocalId, SourceIdentity};
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
        /// The id as the source writes it.
        pub sealed: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model;
use entity::{ActiveModel, Column, Entity};

/// Keeps ids as the sources' own lists write them.
pub async fn keep(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    insert(tx, rows, key().update_column(Column::Sealed).to_owned()).await
}

/// Keeps ids as sources' messages write them, where nothing is stored yet.
pub async fn keep_new(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    insert(tx, rows, key().do_nothing_on([Column::Source, Column::LocalId]).to_owned()).await
}

fn key() -> OnConflict {
    OnConflict::columns([Column::Source, Column::LocalId])
}

async fn insert(tx: &impl ConnectionTrait, rows: Vec<Model>, held: OnConflict) -> Result<(), DbErr> {
    for row in rows {
        let row =
            ActiveModel { source: Set(row.source), local_id: Set(row.local_id), sealed: Set(row.sealed) };
        match Entity::insert(row).on_conflict(held.clone()).exec_without_returning(tx).await {
            Ok(_) | Err(DbErr::RecordNotInserted) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Those of these identities that are known.
pub async fn of(db: &impl ConnectionTrait, identities: &[&SourceIdentity]) -> Result<Vec<Model>, DbErr> {
    if identities.is_empty() {
        return Ok(vec![]);
    }
    let one = |one: &&SourceIdentity| {
        let of_source = Condition::all().add(Column::Source.eq(one.source.as_str()));
        of_source.add(Column::LocalId.eq(one.local_id.0.as_str()))
    };
    let any = identities.iter().map(one).fold(Condition::any(), Condition::add);
    Entity::find().filter(any).all(db).await
}

impl Model {
    pub fn identity(&self) -> SourceIdentity {
        SourceIdentity {
            source: lcr_model::SourceId::new(self.source.clone()),
            local_id: LocalId(self.local_id.clone()),
        }
    }
}

pub struct HashedIds;

impl MigrationName for HashedIds {
    fn name(&self) -> &'static str {
        "m20261129_000004_hashed_ids"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for HashedIds {
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
