//! The migration by which a client has a number of requests beside its number of tokens. It must never change.

use sea_orm::{
    DbErr,
    sea_query::{ColumnDef, Table},
};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::client::entity::{Column, Entity};

pub struct RequestRates;

impl MigrationName for RequestRates {
    fn name(&self) -> &'static str {
        "m20261204_000014_request_rates"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for RequestRates {
    /// Nullable, because a client of the version before has the default, and that version does not write the column.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut added = ColumnDef::new(Column::RequestsPerMinute);
        added.integer().null();
        manager.alter_table(Table::alter().table(Entity).add_column(added).to_owned()).await
    }
}
