//! How far each consumer has read each owner's log. A lost cursor means that events are delivered again; it must never
//! mean that one is missed.

use lcr_contracts::events::Stream;
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, Set,
    sea_query::{Index, OnConflict, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager,
    schema::{big_integer, string},
};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "cursor")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub consumer: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub stream: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub owner: String,
        pub seq: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column as C;

pub(crate) async fn read(
    db: &DatabaseConnection,
    consumer: &str,
    stream: Stream,
    owner: &str,
) -> Result<i64, StoreError> {
    let key = (consumer.to_owned(), stream.name().to_owned(), owner.to_owned());
    Ok(entity::Entity::find_by_id(key).one(db).await?.map_or(0, |row| row.seq))
}

pub(crate) async fn advance(
    tx: &DatabaseTransaction,
    consumer: &str,
    stream: Stream,
    owner: &str,
    seq: i64,
) -> Result<(), DbErr> {
    let row = entity::ActiveModel {
        consumer: Set(consumer.to_owned()),
        stream: Set(stream.name().to_owned()),
        owner: Set(owner.to_owned()),
        seq: Set(seq),
    };
    let update = OnConflict::columns([C::Consumer, C::Stream, C::Owner]).update_column(C::Seq).to_owned();
    entity::Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

pub(crate) async fn reset(tx: &DatabaseTransaction, consumer: &str, stream: Stream) -> Result<(), DbErr> {
    entity::Entity::delete_many()
        .filter(C::Consumer.eq(consumer))
        .filter(C::Stream.eq(stream.name()))
        .exec(tx)
        .await
        .map(|_| ())
}

#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Cursors), Box::new(crate::embedded::dead_letters::DeadLetters)]
    }
}

struct Cursors;

impl MigrationName for Cursors {
    fn name(&self) -> &'static str {
        "m20261122_000001_cursors"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Cursors {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(entity::Entity)
            .col(string(C::Consumer))
            .col(string(C::Stream))
            .col(string(C::Owner))
            .col(big_integer(C::Seq))
            .primary_key(Index::create().col(C::Consumer).col(C::Stream).col(C::Owner))
            .to_owned();
        manager.create_table(table).await
    }
}
