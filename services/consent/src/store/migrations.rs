//! Migrations of consent's tables. Names of migrations and tables must never change.

mod care_links;
mod claims;
mod sessions;

use sea_orm::{
    DbErr,
    sea_query::{ColumnDef, Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager,
    schema::{big_integer, big_integer_null, boolean, string, string_null, uuid, uuid_null},
};

use super::{
    checkpoint::entity::{self as checkpoint, Column as L},
    choice::{
        cover,
        row::{self as choice, Column as C},
    },
    epochs::entity::{self as epoch, Column as F},
    person::entity::{self as person, Column as P},
    stay::entity::{self as stay, Column as S},
};
use sessions::{EndedSessions, EntryFingerprints, SealedReviews};

#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(Projections),
            Box::new(Choices),
            Box::new(EpochNumbers),
            Box::new(LogCheckpoint),
            Box::new(EndedSessions),
            Box::new(EntryFingerprints),
            Box::new(SealedReviews),
            Box::new(care_links::CareLinks),
            Box::new(claims::AccessClaims),
            Box::new(super::rule_version::RuleVersions),
        ]
    }
}

struct Projections;

impl MigrationName for Projections {
    fn name(&self) -> &'static str {
        "m20261122_000001_projections"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Projections {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let people = Table::create()
            .table(person::Entity)
            .col(uuid(P::Person).primary_key())
            .col(big_integer(P::Version))
            .col(string_null(P::Practice))
            .col(string(P::Marks))
            .to_owned();
        manager.create_table(people).await?;
        lcr_store::replica::create(manager.get_connection()).await
    }
}

struct Choices;

impl MigrationName for Choices {
    fn name(&self) -> &'static str {
        "m20261123_000002_choices"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Choices {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut identities = ColumnDef::new(P::Identities);
        identities.text().not_null().default("");
        let people = Table::alter().table(person::Entity).add_column(identities).to_owned();
        manager.alter_table(people).await?;
        create_choices(manager).await?;
        create_stays(manager).await
    }
}

async fn create_choices(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut choices = Table::create();
    choices.table(choice::Entity).col(uuid(C::Id).primary_key()).col(uuid(C::Person)).col(uuid(C::Origin));
    for column in [C::Direction, C::Status, C::ByUser, C::ByWords] {
        choices.col(string(column));
    }
    for column in [C::Organisation, C::Reason, C::Review] {
        choices.col(string_null(column));
    }
    for column in [C::MadeAt, C::ChangedAt, C::Version] {
        choices.col(big_integer(column));
    }
    manager.create_table(choices).await?;
    let by_person = Index::create().name("choice_person").table(choice::Entity).col(C::Person).to_owned();
    manager.create_index(by_person).await?;
    let covers = Table::create()
        .table(cover::Entity)
        .col(string(cover::Column::Key))
        .col(uuid(cover::Column::Choice))
        .primary_key(Index::create().col(cover::Column::Key).col(cover::Column::Choice))
        .to_owned();
    manager.create_table(covers).await?;
    let by_choice = Index::create().name("cover_choice").table(cover::Entity).col(cover::Column::Choice).to_owned();
    manager.create_index(by_choice).await
}

async fn create_stays(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let stays = Table::create()
        .table(stay::Entity)
        .col(string(S::Spell).primary_key())
        .col(big_integer(S::Version))
        .col(uuid_null(S::Person))
        .col(string(S::Source))
        .col(string(S::Organisation))
        .col(string_null(S::Ward))
        .col(big_integer(S::From))
        .col(big_integer_null(S::Until))
        .col(boolean(S::Counts))
        .to_owned();
    manager.create_table(stays).await?;
    let by_person = Index::create().name("stay_person").table(stay::Entity).col(S::Person).to_owned();
    manager.create_index(by_person).await?;
    lcr_store::login::create(manager.get_connection()).await
}

struct EpochNumbers;

impl MigrationName for EpochNumbers {
    fn name(&self) -> &'static str {
        "m20261126_000003_fence"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for EpochNumbers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let epochs = Table::create()
            .table(epoch::Entity)
            .col(string(F::Key).primary_key())
            .col(big_integer(F::Number))
            .col(big_integer(F::At))
            .to_owned();
        manager.create_table(epochs).await
    }
}

struct LogCheckpoint;

impl MigrationName for LogCheckpoint {
    fn name(&self) -> &'static str {
        "m20261127_000004_log_seen"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for LogCheckpoint {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let checkpoint = Table::create()
            .table(checkpoint::Entity)
            .col(big_integer(L::One).primary_key())
            .col(big_integer(L::At))
            .to_owned();
        manager.create_table(checkpoint).await
    }
}
