//! The tables of the ward's stays, sealed, by person. A stay that no longer counts keeps its version without content, so that an
//! older event cannot bring it back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_model::{PersonId, SourceId};
use lcr_store::StoreError;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set,
    sea_query::{Alias, Expr, ExprTrait, Index, OnConflict, Table},
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

/// Rows in one statement.
const MAX_ROWS: usize = 500;

/// Stores each row that is newer than the stored one. The newest of several rows of one spell counts.
pub async fn upsert_newer(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    let mut newest: BTreeMap<String, Model> = BTreeMap::new();
    for row in rows {
        if newest.get(&row.spell).is_none_or(|other| other.version < row.version) {
            newest.insert(row.spell.clone(), row);
        }
    }
    let rows: Vec<ActiveModel> = newest.into_values().map(|row| ActiveModel::from(row).reset_all()).collect();
    for chunk in rows.chunks(MAX_ROWS) {
        let is_newer = Expr::col((Alias::new("excluded"), Column::Version)).gt(Expr::col((Entity, Column::Version)));
        let update = OnConflict::column(Column::Spell)
            .update_columns([Column::Version, Column::Person, Column::Sealed])
            .action_and_where(is_newer)
            .to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(update).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Stores the times of hospitals' newest messages. An earlier time than the stored one changes nothing.
pub async fn save_sources(tx: &impl ConnectionTrait, newest: BTreeMap<String, i64>) -> Result<(), DbErr> {
    use stay_source::{ActiveModel, Column, Entity};
    if newest.is_empty() {
        return Ok(());
    }
    let rows = newest.into_iter().map(|(source, last)| ActiveModel { source: Set(source), last: Set(last) });
    let is_later = Expr::col((Alias::new("excluded"), Column::Last)).gt(Expr::col((Entity, Column::Last)));
    let update = OnConflict::column(Column::Source).update_column(Column::Last).action_and_where(is_later).to_owned();
    Entity::insert_many(rows).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
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
