//! The migrations. A migration must never drop or narrow a column: messages outlive many versions of this code.

use sea_orm::{
    DbErr,
    sea_query::{Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager,
    schema::{big_integer, integer, string, string_null, text, text_null, uuid},
};

use super::{
    last_known::entity::{self as last_known, Column as L},
    message::entity::{self as message, Column as M},
};

#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Messages), Box::new(AboutColumn), Box::new(LocalIdKeys)]
    }
}

struct Messages;

impl MigrationName for Messages {
    fn name(&self) -> &'static str {
        "m20261123_000001_messages"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Messages {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        lcr_store::replica::create(manager.get_connection()).await?;
        let mut messages = Table::create();
        messages.table(message::Entity).col(uuid(M::Id).primary_key());
        for column in [M::Received, M::Size] {
            messages.col(big_integer(column));
        }
        for column in [
            M::Transport,
            M::Application,
            M::Facility,
            M::Kind,
            M::ControlId,
            M::ProtocolVersion,
            M::Content,
            M::Status,
            M::Answer,
        ] {
            messages.col(string(column));
        }
        for column in [M::Source, M::Organisation, M::Client, M::Place] {
            messages.col(string_null(column));
        }
        messages.col(integer(M::Events)).col(text(M::Outcome)).col(string_null(M::Once).unique_key());
        messages.col(text_null(M::Sealed));
        manager.create_table(messages).await?;
        for (name, column) in
            [("message_status", M::Status), ("message_control_id", M::ControlId), ("message_source", M::Source)]
        {
            let index = Index::create().name(name).table(message::Entity).col(column).col(M::Id).to_owned();
            manager.create_index(index).await?;
        }
        let last_known = Table::create()
            .table(last_known::Entity)
            .col(string(L::Id).primary_key())
            .col(big_integer(L::Version))
            .col(text_null(L::Sealed))
            .to_owned();
        manager.create_table(last_known).await
    }
}

/// The column for the people and stays that a waiting message names.
struct AboutColumn;

impl MigrationName for AboutColumn {
    fn name(&self) -> &'static str {
        "m20261129_000002_about"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AboutColumn {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let about = Table::alter().table(message::Entity).add_column(text_null(M::About)).to_owned();
        manager.alter_table(about).await
    }
}

/// The table of the key that hashes local ids.
struct LocalIdKeys;

impl MigrationName for LocalIdKeys {
    fn name(&self) -> &'static str {
        "m20261129_000003_local_id_key"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for LocalIdKeys {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        lcr_store::local_id_key::create(manager.get_connection()).await
    }
}
