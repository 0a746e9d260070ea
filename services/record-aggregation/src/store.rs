//! What record-aggregation keeps: a copy of the registry, how far each source's list of people was read, what sources
//! pushed, and stays as the ward tells them.

pub mod hashed_id;
pub mod pushed;
pub mod stays;

use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, Set,
    sea_query::{OnConflict, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager,
    schema::{big_integer, big_integer_null, string, text_null},
};

pub mod roster {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "roster")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        /// The next page, while reading.
        pub next: Option<String>,
        pub people: i64,
        /// Microseconds, once the whole list was read.
        pub finished: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use roster::{ActiveModel, Column, Entity, Model};

pub async fn rosters(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().all(db).await
}

pub async fn roster_of(db: &impl ConnectionTrait, source: &str) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(source).one(db).await
}

pub async fn keep_roster(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let update = OnConflict::column(Column::Source)
        .update_columns([Column::Next, Column::People, Column::Finished])
        .to_owned();
    let row = ActiveModel {
        source: Set(row.source),
        next: Set(row.next),
        people: Set(row.people),
        finished: Set(row.finished),
    };
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(Rosters),
            Box::new(pushed::Pushed),
            Box::new(stays::Stays),
            Box::new(hashed_id::HashedIds),
        ]
    }
}

struct Rosters;

impl MigrationName for Rosters {
    fn name(&self) -> &'static str {
        "m20261122_000001_rosters"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Rosters {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        lcr_store::copy::create(manager.get_connection()).await?;
        let mut rosters = Table::create();
        rosters.table(Entity).col(string(Column::Source).primary_key()).col(text_null(Column::Next));
        rosters.col(big_integer(Column::People)).col(big_integer_null(Column::Finished));
        manager.create_table(rosters).await
    }
}
