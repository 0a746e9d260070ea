//! The tables of the ward's stays, sealed, by person. A stay that no longer counts keeps its version without content, so that an
//! older event cannot bring it back.

use jiff::Timestamp;
use lcr_model::{PersonId, SourceId};
use lcr_store::StoreError;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set,
    sea_query::{Index, OnConflict, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, string, string_null, text_null},
};

pub mod stay {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "stay")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub spell: String,
        pub version: i64,
        /// `None` for a stay that is on no record.
        pub person: Option<String>,
        pub sealed: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The hospitals that send ward messages, each with the time of its newest, in microseconds.
pub mod stay_source {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stay_source")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        pub last: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use stay::{ActiveModel, Column, Entity, Model};

/// Stores each row that is newer than the stored one.
pub async fn upsert_newer(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    for row in rows {
        let stored = Entity::find_by_id(row.spell.clone()).one(tx).await?;
        let is_newer = stored.as_ref().is_none_or(|stored| stored.version < row.version);
        let row: ActiveModel = row.into();
        match stored {
            _ if !is_newer => {}
            Some(_) => {
                Entity::update(row.reset_all()).exec(tx).await?;
            }
            None => {
                Entity::insert(row.reset_all()).exec_without_returning(tx).await?;
            }
        }
    }
    Ok(())
}

/// Stores the time of a hospital's newest message. An earlier time changes nothing.
pub async fn save_source(tx: &impl ConnectionTrait, source: &str, last: i64) -> Result<(), DbErr> {
    let stored = stay_source::Entity::find_by_id(source).one(tx).await?;
    if stored.is_some_and(|stored| stored.last >= last) {
        return Ok(());
    }
    let row = stay_source::ActiveModel { source: Set(source.to_owned()), last: Set(last) };
    let update = OnConflict::column(stay_source::Column::Source).update_column(stay_source::Column::Last).to_owned();
    stay_source::Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

/// Loads the person's stays.
pub async fn load(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().filter(Column::Person.eq(person.to_string())).all(db).await?)
}

/// Loads the hospitals that send ward messages.
pub async fn load_sources(db: &impl ConnectionTrait) -> Result<Vec<(SourceId, Timestamp)>, StoreError> {
    let rows = stay_source::Entity::find().all(db).await?;
    let parse = |row: stay_source::Model| Some((SourceId(row.source), Timestamp::from_microsecond(row.last).ok()?));
    Ok(rows.into_iter().filter_map(parse).collect())
}

pub struct CreateStays;

impl MigrationName for CreateStays {
    fn name(&self) -> &'static str {
        "m20261129_000003_stays"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateStays {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut stays = Table::create();
        stays.table(Entity).col(string(Column::Spell).primary_key()).col(big_integer(Column::Version));
        stays.col(string_null(Column::Person)).col(text_null(Column::Sealed));
        manager.create_table(stays).await?;
        let mut by_person = Index::create();
        manager.create_index(by_person.name("stay_person").table(Entity).col(Column::Person).to_owned()).await?;
        let mut sources = Table::create();
        sources.table(stay_source::Entity).col(string(stay_source::Column::Source).primary_key());
        manager.create_table(sources.col(big_integer(stay_source::Column::Last)).to_owned()).await
    }
}
