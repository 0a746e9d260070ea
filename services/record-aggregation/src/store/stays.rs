//! Stays as the ward tells them for the record, sealed: the newest version of each spell, by the person it is of. A stay
//! that counts no longer keeps its version and nothing else, so that an older word cannot bring it back.

use jiff::Timestamp;
use lcr_model::{PersonId, SourceId};
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
        /// `None` for a stay that is on nobody's record.
        pub person: Option<String>,
        pub sealed: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// Hospitals that send ward messages, and the time of the newest, microseconds.
pub mod sends {
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

/// Stores each unless a version as new is stored.
pub async fn keep(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    for row in rows {
        let held = Entity::find_by_id(row.spell.clone()).one(tx).await?;
        let newer = held.as_ref().is_none_or(|held| held.version < row.version);
        let row: ActiveModel = row.into();
        match held {
            _ if !newer => {}
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

/// A hospital was heard of at `last`; an earlier time changes nothing.
pub async fn heard(tx: &impl ConnectionTrait, source: &str, last: i64) -> Result<(), DbErr> {
    let held = sends::Entity::find_by_id(source).one(tx).await?;
    if held.is_some_and(|held| held.last >= last) {
        return Ok(());
    }
    let row = sends::ActiveModel { source: Set(source.to_owned()), last: Set(last) };
    let update = OnConflict::column(sends::Column::Source).update_column(sends::Column::Last).to_owned();
    sends::Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

pub async fn of(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Person.eq(person.to_string())).all(db).await
}

pub async fn sources(db: &impl ConnectionTrait) -> Result<Vec<(SourceId, Timestamp)>, DbErr> {
    let rows = sends::Entity::find().all(db).await?;
    let one = |row: sends::Model| Some((SourceId(row.source), Timestamp::from_microsecond(row.last).ok()?));
    Ok(rows.into_iter().filter_map(one).collect())
}

pub struct Stays;

impl MigrationName for Stays {
    fn name(&self) -> &'static str {
        "m20261129_000003_stays"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Stays {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut stays = Table::create();
        stays.table(Entity).col(string(Column::Spell).primary_key()).col(big_integer(Column::Version));
        stays.col(string_null(Column::Person)).col(text_null(Column::Sealed));
        manager.create_table(stays).await?;
        let mut by_person = Index::create();
        manager
            .create_index(by_person.name("stay_person").table(Entity).col(Column::Person).to_owned())
            .await?;
        let mut sources = Table::create();
        sources.table(sends::Entity).col(string(sends::Column::Source).primary_key());
        manager.create_table(sources.col(big_integer(sends::Column::Last)).to_owned()).await
    }
}
