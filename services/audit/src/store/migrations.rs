//! The log's tables. Only ever widened: an entry outlives many versions of this code.

use sea_orm::{
    DbErr,
    sea_query::{Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager,
    schema::{big_integer, string, text, uuid},
};

use super::entry::{
    completion::{self, Column as C},
    opened::{self, Column as O},
    subject::{self, Column as S},
};

#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Log)]
    }
}

struct Log;

impl MigrationName for Log {
    fn name(&self) -> &'static str {
        "m20261122_000001_log"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Log {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        lcr_store::inbox::create(manager.get_connection()).await?;
        let mut entries = Table::create();
        entries
            .table(opened::Entity)
            .col(uuid(O::Id).primary_key())
            .col(uuid(O::View))
            .col(big_integer(O::At));
        for column in [O::User, O::Audience, O::What, O::Outcome, O::PolicyVersion] {
            entries.col(string(column));
        }
        for column in [O::Actor, O::Reason, O::People, O::Datasets] {
            entries.col(text(column));
        }
        manager.create_table(entries).await?;
        let by_user =
            Index::create().name("entry_user").table(opened::Entity).col(O::User).col(O::Id).to_owned();
        manager.create_index(by_user).await?;

        let subjects = Table::create()
            .table(subject::Entity)
            .col(uuid(S::Person))
            .col(uuid(S::Entry))
            .primary_key(Index::create().col(S::Person).col(S::Entry))
            .to_owned();
        manager.create_table(subjects).await?;

        let completions = Table::create()
            .table(completion::Entity)
            .col(uuid(C::Id).primary_key())
            .col(uuid(C::View))
            .col(uuid(C::Person))
            .col(big_integer(C::At))
            .col(text(C::Shown))
            .to_owned();
        manager.create_table(completions).await?;
        let by_view =
            Index::create().name("completion_view").table(completion::Entity).col(C::View).to_owned();
        manager.create_index(by_view).await
    }
}
