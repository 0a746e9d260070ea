//! The tables and migrations: the registry replica, the progress of each list of people and of episodes, pushed items, the ward's
//! stays, and the ids behind hashes. Clinical content and ids must be stored sealed.

pub mod care_list;
pub mod hashed_id;
pub mod pushed;
pub mod recent_rows;
pub mod stays;

use lcr_store::StoreError;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, Set,
    sea_query::{OnConflict, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager,
    schema::{big_integer, big_integer_null, string, text_null},
};

/// How far each source's list of people has been read.
pub mod list_progress {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "roster")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        /// The next page, until the list is finished.
        pub next: Option<String>,
        pub people: i64,
        /// When the whole list had been read, in microseconds.
        pub finished: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use list_progress::{ActiveModel, Column, Entity, Model};

pub async fn load_all_list_progress(db: &impl ConnectionTrait) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().all(db).await?)
}

pub async fn load_list_progress(db: &impl ConnectionTrait, source: &str) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(source).one(db).await
}

pub async fn save_list_progress(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let update =
        OnConflict::column(Column::Source).update_columns([Column::Next, Column::People, Column::Finished]).to_owned();
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
            Box::new(CreateListProgress),
            Box::new(pushed::PushedItemTable),
            Box::new(stays::CreateStays),
            Box::new(hashed_id::CreateHashedIds),
            Box::new(care_list::CreateCareLists),
        ]
    }
}

struct CreateListProgress;

impl MigrationName for CreateListProgress {
    fn name(&self) -> &'static str {
        "m20261122_000001_rosters"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateListProgress {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        lcr_store::replica::create(manager.get_connection()).await?;
        let mut table = Table::create();
        table.table(Entity).col(string(Column::Source).primary_key()).col(text_null(Column::Next));
        table.col(big_integer(Column::People)).col(big_integer_null(Column::Finished));
        manager.create_table(table).await
    }
}
