//! Consent's tables.

use sea_orm::{DbErr, sea_query::Table};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager,
    schema::{big_integer, string, string_null, uuid},
};

use super::person::entity::{self as person, Column as P};

#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Projections)]
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
        lcr_store::copy::create(manager.get_connection()).await
    }
}
